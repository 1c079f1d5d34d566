import type { Cluster, ClusterOptions, Redis, RedisOptions } from 'ioredis'
import { invariant } from '../../../lib/assert.ts'
import { NotConnected, saysOnlyLost, unavailable } from './failures.ts'
import { type CommandMaker, commandMaker, type Outgoing } from './frames.ts'
import { type NodeStates, nodeName, watchNodes } from './node-states.ts'
import type { RedisAddress, RedisPlace, RedisSettings } from './settings.ts'

export type Reply = Buffer | number | null | Error | readonly Reply[]

/** A way to the servers: commands go at once or fail at once, and each is answered, or fails after a silence. */
export interface Link {
  /** Of the servers, for a person. */
  readonly place: string
  readonly isCluster: boolean
  /** Why there is no connection, where it is known. */
  readonly lastError: () => Error | undefined
  /** Sends all that go to one server in one write. Each of the promises is the caller's to hear. */
  send(commands: readonly Outgoing[]): readonly Promise<Reply>[]
  /** The same to each server that holds keys of its own. */
  readonly servers: () => readonly Server[]
  disconnect(): void
}

/** One of the servers. */
export interface Server {
  readonly name: string
  send(command: Outgoing): Promise<Reply>
}

/** What is used of the npm library. */
export type Library = Pick<typeof import('ioredis'), 'Redis' | 'Cluster' | 'Command'>

/** Connects, or throws STORE_UNAVAILABLE. */
export function connect(library: Library, settings: RedisSettings): Promise<Link> {
  const place = placeName(settings.place)
  const make = commandMaker(library)
  return settings.place.kind === 'cluster'
    ? connectCluster(library, settings, { place, make, nodes: settings.place.nodes })
    : connectServer(library, settings, { place, make })
}

function placeName(place: RedisPlace): string {
  const addressName = ({ host, port }: RedisAddress) => `${host}:${port}`
  switch (place.kind) {
    case 'standalone':
      return `redis at ${addressName(place.address)}`
    case 'sentinel':
      return `redis '${place.name}' by sentinels ${place.sentinels.map(addressName).join(', ')}`
    case 'cluster':
      return `redis cluster at ${place.nodes.map(addressName).join(', ')}`
    default:
      place satisfies never
      throw new TypeError('unreachable')
  }
}

/** What both kinds of client are told. */
function commonOptions(settings: RedisSettings) {
  const { username, password, db, tls, connectTimeoutMillis, silenceTimeoutMillis } = settings
  return {
    ...{ username, password, db, tls },
    connectTimeout: connectTimeoutMillis,
    // A connection that says nothing although it was asked is cut, and what waits on it fails.
    socketTimeout: silenceTimeoutMillis,
    // What waits when a connection is lost fails at once: who asked knows best whether to ask again.
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    reconnectOnError: whereReadOnly(),
    protocol: 2 as const,
    connectionName: 'fieldstone',
    disableClientInfo: true,
    lazyConnect: true,
  } satisfies RedisOptions
}

/** Reads that are under way are lost with their connection. */
const RECONNECT_MILLIS = 1_000

/** Connects again where a server was a master and is none any more: by the same name there may be another now. */
function whereReadOnly(): (error: Error) => boolean {
  let last = Number.NEGATIVE_INFINITY
  return ({ message }) => {
    const now = performance.now()
    if (!message.includes('READONLY') || now - last < RECONNECT_MILLIS) return false
    last = now
    return true
  }
}

const MAX_RETRY_MILLIS = 2_000

/** Longer each time, and never at the same instant as the others that lost the same server. */
function retryMillis(attempt: number): number {
  const least = Math.min(MAX_RETRY_MILLIS, 25 * 2 ** Math.min(attempt, 10))
  return least / 2 + Math.random() * (least / 2)
}

interface Common {
  readonly place: string
  readonly make: CommandMaker
}

async function connectServer(library: Library, settings: RedisSettings, { place, make }: Common): Promise<Link> {
  const common = { ...commonOptions(settings), enableOfflineQueue: false, retryStrategy: retryMillis }
  const redis = new library.Redis({ ...common, ...addressOptions(settings) } as RedisOptions & {
    readonly replyMapping?: 'legacy'
  })
  const lastError = lastErrorOf(redis)
  redis.on('error', (error: Error & { readonly command?: { readonly name: string } }) => {
    // The library would go on with database 0.
    if (error.command?.name === 'select') redis.disconnect(true)
  })
  await connected(redis, { place, lastError }, settings.connectTimeoutMillis)
  const send = (commands: readonly Outgoing[]) => {
    redis.stream?.cork()
    const replies = commands.map((command) => redis.sendCommand(make(command)) as Promise<Reply>)
    redis.stream?.uncork()
    return replies
  }
  const server: Server = { name: place, send: (command) => send([command])[0]! }
  const disconnect = () => redis.disconnect()
  return { place, isCluster: false, lastError, send, servers: () => [server], disconnect }
}

/** Where the server is, or who knows. */
function addressOptions({ place, tls, sentinelUsername, sentinelPassword }: RedisSettings) {
  if (place.kind === 'standalone') return { ...place.address }
  invariant(place.kind === 'sentinel', 'a cluster has another client')
  return {
    ...{ sentinels: [...place.sentinels], name: place.name, sentinelUsername, sentinelPassword },
    sentinelRetryStrategy: retryMillis,
    ...(tls === undefined ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
  }
}

async function connectCluster(
  library: Library,
  settings: RedisSettings,
  { place, make, nodes }: Common & { readonly nodes: readonly RedisAddress[] },
): Promise<Link> {
  const cluster = new library.Cluster([...nodes], clusterOptions(settings))
  const states = watchNodes(cluster)
  const lastError = lastErrorOf(cluster)
  await connected(cluster, { place, lastError }, settings.connectTimeoutMillis)
  await states.allMet(settings.connectTimeoutMillis)
  return {
    place,
    isCluster: true,
    lastError,
    send: (commands) => sendToCluster(cluster, states, { commands, make }),
    servers: () => mastersOf(cluster, states).map((node) => serverOf(node, make)),
    disconnect: () => cluster.disconnect(),
  }
}

function clusterOptions(settings: RedisSettings) {
  return {
    redisOptions: commonOptions(settings),
    lazyConnect: true,
    clusterRetryStrategy: retryMillis,
    // In the end a node is forgotten: where all of them have new addresses, only the first ones that were named can tell.
    clusterNodeRetryStrategy: (attempt: number) => (attempt > 30 ? null : retryMillis(attempt)),
    // Its keys fail at once, and the others need not wait for them.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: 0,
    slotsRefreshTimeout: settings.connectTimeoutMillis,
  } satisfies ClusterOptions
}

interface Sending {
  readonly commands: readonly Outgoing[]
  readonly make: CommandMaker
}

function sendToCluster(cluster: Cluster, states: NodeStates, { commands, make }: Sending): readonly Promise<Reply>[] {
  // Else the library would keep them until there is one.
  if (cluster.status !== 'ready') return commands.map(() => Promise.reject(new NotConnected()))
  const corked = cluster.nodes('master').flatMap(({ stream }) => stream ?? [])
  for (const stream of corked) stream.cork()
  const replies = commands.map((command) => {
    const node = cluster.slots[command.slot]?.[0]
    if (node !== undefined && states.isDown(node)) return Promise.reject(new Error(`${node} is down`))
    return cluster.sendCommand(make(command)) as Promise<Reply>
  })
  for (const stream of corked) stream.uncork()
  return replies
}

/** All of them: what is said of some is not to be taken for what is said of all. */
function mastersOf(cluster: Cluster, states: NodeStates): readonly Redis[] {
  if (cluster.status !== 'ready') throw new NotConnected()
  const names = new Set(cluster.slots.map((nodes) => nodes?.[0]))
  const nodes = new Map(cluster.nodes('master').map((node) => [nodeName(node), node]))
  return [...names].map((name) => {
    const node = name === undefined || states.isDown(name) ? undefined : nodes.get(name)
    if (node === undefined) throw new Error(`${name ?? 'a node'} is down`)
    return node
  })
}

function serverOf(node: Redis, make: CommandMaker): Server {
  return {
    name: nodeName(node),
    send: (command) => node.sendCommand(make(command)) as Promise<Reply>,
  }
}

/** Gives the last error of a connection that has not been made again since. */
function lastErrorOf(client: Redis | Cluster): () => Error | undefined {
  let last: Error | undefined
  client.on('error', (error: Error) => {
    // That a connection is gone says less than what was said before it went.
    if (last === undefined || !saysOnlyLost(error)) last = plain(error)
  })
  client.on('ready', () => {
    last = undefined
  })
  return () => last
}

/**
 * What the library's error says, and nothing more: it carries the words of its command, of which one may be a password. Of a cluster
 * it says that no node has told the slots, but not why.
 */
function plain(error: Error & { readonly lastNodeError?: Error }): Error {
  const ofNode = error.lastNodeError
  const isWhy = ofNode !== undefined && !saysOnlyLost(ofNode)
  return new Error(isWhy ? `${ofNode.message} (${error.message})` : error.message)
}

/** Waits for the first connection. Throws STORE_UNAVAILABLE with what stood in its way. */
async function connected(
  client: Redis | Cluster,
  { place, lastError }: Pick<Link, 'place' | 'lastError'>,
  timeoutMillis: number,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no connection within ${timeoutMillis} ms`)), timeoutMillis)
  })
  try {
    await Promise.race([client.connect(), late])
  } catch (error) {
    client.disconnect()
    throw unavailable(place, lastError() ?? plain(error as Error))
  } finally {
    clearTimeout(timer)
  }
}
