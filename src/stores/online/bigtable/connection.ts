import { readFile } from 'node:fs/promises'
import type { v2 } from '@google-cloud/bigtable'
import { FieldstoneError } from '../../../errors.ts'
import { systemClock } from '../../../lib/clock.ts'
import { inspect } from '../../../lib/inspect.ts'
import { createDirectChannel, type DirectAddress, type DirectChannel } from './direct-channel.ts'
import { STATUS, StatusError, statusOf } from './failures.ts'
import { type BigtableSettings, serviceAccountIn } from './settings.ts'

export type Library = typeof import('@google-cloud/bigtable')
export type TableAdmin = v2.BigtableTableAdminClient
export type InstanceAdmin = v2.BigtableInstanceAdminClient

/** Headers of a call, as grpc has them. */
export interface CallMetadata {
  clone(): CallMetadata
  set(name: string, value: string): void
  getMap(): Readonly<Record<string, unknown>>
}

/** A stream of answers, as grpc has it. */
export interface AnswerStream {
  on(event: 'data', listener: (answer: never) => void): void
  on(event: 'error', listener: (error: Error) => void): void
  on(event: 'end', listener: () => void): void
  cancel(): void
}

interface Method {
  readonly path: string
  readonly requestSerialize: (request: object) => Buffer
  readonly responseDeserialize: (answer: Buffer) => object
}

/** What the library's client gives by `initialize`: grpc's client of the service, made with the library's credentials and settings. */
interface Stub {
  makeServerStreamRequest(...call: readonly unknown[]): AnswerStream
  makeUnaryRequest(...call: readonly unknown[]): { cancel(): void }
}

/** One connection to the service. */
export interface Channel {
  readonly stub: Stub
  readonly methods: Readonly<Record<string, Method>>
  /** Those that the library puts on its own calls; they say what client it is. */
  readonly metadata: CallMetadata
  /** For reads. */
  readonly direct: DirectChannel
}

/** The clients of one endpoint, shared by the stores of this process. */
export interface Connection {
  /** Which way reads go. */
  readonly reads: BigtableSettings['reads']
  /** One after another: calls are spread over them. */
  next(): Channel
  readonly tables: () => TableAdmin
  readonly instances: () => InstanceAdmin
  /** The last store that lets go closes it. */
  release(): Promise<void>
}

interface Shared {
  readonly opening: Promise<Omit<Connection, 'release' | 'reads'> & { close(): Promise<void> }>
  stores: number
}

const shared = new Map<string, Shared>()

/** Opens the endpoint's clients, or takes those that are open. */
export async function connect(library: Library, settings: BigtableSettings): Promise<Connection> {
  const { emulatorHost, endpoint, credentials, keyFile, channels, reads, project, instance } = settings
  const id = JSON.stringify([emulatorHost, endpoint, credentials, keyFile, channels, reads, project, instance])
  const found = shared.get(id) ?? { opening: openClients(library, settings), stores: 0 }
  shared.set(id, found)
  found.stores += 1
  async function release(): Promise<void> {
    found!.stores -= 1
    if (found!.stores > 0) return
    if (shared.get(id) === found) shared.delete(id)
    await (await found!.opening).close()
  }
  try {
    return { ...(await found.opening), reads, release }
  } catch (error) {
    if (shared.get(id) === found) shared.delete(id)
    throw error
  }
}

type ClientOptions = NonNullable<ConstructorParameters<typeof v2.BigtableClient>[0]>
type Auth = v2.BigtableClient['auth']

async function openClients(library: Library, settings: BigtableSettings) {
  const identity = await readIdentity(settings)
  const options = clientOptions(library, settings)
  const open: { close(): Promise<unknown> }[] = []
  const close = async () => void (await Promise.all(open.map((client) => client.close())))
  /** Makes a client when it is first needed, and closes it with the others. */
  const lazily = <T extends { readonly auth: Auth; close(): Promise<unknown> }>(make: () => T) => {
    let made: T | undefined
    return (): T => {
      made ??= identify(make(), identity)
      if (!open.includes(made)) open.push(made)
      return made
    }
  }
  const clients = dataClients(library, options, settings.channels)
  open.push(...clients.map(({ client }) => client))
  identify(clients[0]!.client, identity)
  try {
    const channels = await Promise.all(
      clients.map((client) => {
        const direct = createDirectChannel(directAddress(client.client, settings))
        open.push(direct)
        return openChannel(client, direct, settings)
      }),
    )
    let turn = 0
    const next = () => {
      turn = (turn + 1) % channels.length
      return channels[turn]!
    }
    const forAdmins = settings.emulatorHost === undefined ? { ...options, ...ADMIN_ADDRESS } : options
    const tables = lazily(() => new library.v2.BigtableTableAdminClient(forAdmins))
    const instances = lazily(() => new library.v2.BigtableInstanceAdminClient(forAdmins))
    return { next, tables, instances, close }
  } catch (error) {
    await close()
    throw error
  }
}

const ADMIN_ADDRESS = { servicePath: 'bigtableadmin.googleapis.com', port: 443 } as const
/** Of connections that are lost: the library's own would leave a store that is back alone for up to two minutes. */
const RECONNECT = {
  'grpc.initial_reconnect_backoff_ms': 100,
  'grpc.min_reconnect_backoff_ms': 100,
  'grpc.max_reconnect_backoff_ms': 2_000,
} as const
/** A connection that says nothing is found out though no call waits on it. */
const KEEP_ALIVE = { 'grpc.keepalive_time_ms': 30_000, 'grpc.keepalive_timeout_ms': 10_000 } as const

function clientOptions(library: Library, { project, emulatorHost, endpoint }: BigtableSettings): ClientOptions {
  const common = { projectId: project, ...RECONNECT, ...KEEP_ALIVE }
  if (emulatorHost !== undefined) return { ...common, ...emulatorOptions(library, emulatorHost) }
  const [servicePath, port = '443'] = endpoint?.split(':') ?? ['bigtable.googleapis.com']
  return { ...common, servicePath: servicePath!, port: Number(port) }
}

/** The library's own way to an emulator, without TLS. Nobody asks who we are, so no server of metadata is looked for. */
function emulatorOptions(library: Library, apiEndpoint: string): object {
  const { options } = new library.Bigtable({ apiEndpoint, projectId: 'emulator', metricsEnabled: false })
  const { sslCreds, servicePath, port } = options.BigtableClient as Record<string, unknown>
  return { sslCreds, servicePath, port, auth: { getUniverseDomain: async () => 'googleapis.com' } }
}

/** What a key file holds; undefined: whatever the environment gives. */
type Identity = BigtableSettings['credentials']

async function readIdentity({ credentials, keyFile }: BigtableSettings): Promise<Identity> {
  if (keyFile === undefined) return credentials
  const text = await readFile(keyFile, 'utf8').catch((cause: Error) => {
    throw keyFileInvalid(keyFile, `It cannot be read: ${cause.message}.`, cause)
  })
  const found = serviceAccountIn(text)
  if (found === undefined) throw keyFileInvalid(keyFile, 'It is not the JSON of a service account.')
  return found
}

function keyFileInvalid(keyFile: string, why: string, cause?: Error): FieldstoneError {
  return new FieldstoneError('CONFIG_INVALID', {
    seen: `online: bigtable({ keyFile: ${inspect(keyFile)} })`,
    why,
    mend: "Write the path of a service account's key file.",
    cause,
  })
}

function identify<T extends { readonly auth: Auth }>(client: T, identity: Identity): T {
  // As its option 'credentials' does, which warns on the console that such a file must be one's own.
  if (identity !== undefined) client.auth.jsonContent = identity as Auth['jsonContent']
  return client
}

/** All take their tokens from one place. */
function dataClients(library: Library, options: ClientOptions, count: number): readonly DataClient[] {
  const first = dataClient(library, options)
  const { auth } = first.client
  const others = Array.from({ length: count - 1 }, () => dataClient(library, { ...options, auth }))
  return [first, ...others]
}

interface CallProperties {
  readonly metadata: CallMetadata
}

interface DataClient {
  readonly client: v2.BigtableClient
  /** Of the last call that the library itself made. */
  readonly metadata: () => CallMetadata | undefined
}

function dataClient(library: Library, options: ClientOptions): DataClient {
  let metadata: CallMetadata | undefined
  const client = new library.v2.BigtableClient({
    ...options,
    // Else grpc lets clients of one address share a connection.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.callInvocationTransformer': (call: CallProperties) => {
      metadata ??= call.metadata.clone()
      return call
    },
  })
  return { client, metadata: () => metadata }
}

/** Connects, and lets the service make ready for the instance. A service that does not answer now may later, so that is no failure. */
async function openChannel(
  { client, metadata }: DataClient,
  direct: DirectChannel,
  settings: BigtableSettings,
): Promise<Channel> {
  const stub = (await client.initialize()) as unknown as Stub
  const { project, instance, appProfile, readTimeoutMillis } = settings
  const name = `projects/${project}/instances/${instance}`
  const warming = { name, ...(appProfile === undefined ? {} : { appProfileId: appProfile }) }
  await unlessRefused(client.pingAndWarm(warming, { timeout: readTimeoutMillis, retry: null }))
  const base = metadata()
  if (base === undefined)
    throw new FieldstoneError('STORE_UNAVAILABLE', { seen: name, why: 'The library made no call.' })
  const { service } = stub.constructor as unknown as { readonly service: Readonly<Record<string, Method>> }
  const { path, requestSerialize } = service.PingAndWarm!
  const headers = Object.fromEntries(Object.entries(base.getMap()).map(([key, value]) => [key, String(value)]))
  const channel = { stub, methods: service, metadata: base, direct }
  if (settings.reads === 'grpc') return channel
  const once = { deadline: systemClock().nowMicros() / 1_000 + readTimeoutMillis, signal: undefined }
  await unlessRefused(direct.stream({ path, headers, request: requestSerialize(warming) }, once, () => undefined))
  return channel
}

async function unlessRefused(warming: Promise<unknown>): Promise<void> {
  try {
    await warming
  } catch (error) {
    if (statusOf(error) === undefined) throw error
  }
}

function directAddress({ auth }: v2.BigtableClient, { emulatorHost, endpoint }: BigtableSettings): DirectAddress {
  if (emulatorHost !== undefined) return { origin: `http://${emulatorHost}`, authorize: undefined }
  const address = endpoint ?? 'bigtable.googleapis.com'
  const origin = `https://${address.includes(':') ? address : `${address}:443`}`
  return { origin, authorize: authorizer(auth, `https://${address.split(':')[0]}/google.bigtable.v2.Bigtable`) }
}

/** Tokens live for an hour, and are renewed minutes before; asking for the headers costs more than the rest of a call. */
const HEADERS_LIVE_MILLIS = 30_000

/** As grpc asks for each call. */
function authorizer(auth: Auth, serviceUrl: string): () => Promise<Readonly<Record<string, string>>> {
  let known: { readonly headers: Promise<Readonly<Record<string, string>>>; readonly since: number } | undefined
  async function ask(): Promise<Readonly<Record<string, string>>> {
    const client = await auth.getClient()
    return Object.fromEntries([...(await client.getRequestHeaders(serviceUrl))])
  }
  return () => {
    const now = performance.now()
    if (known !== undefined && now - known.since < HEADERS_LIVE_MILLIS) return known.headers
    const headers = ask().catch((error: unknown) => {
      known = undefined
      throw new StatusError(STATUS.UNAUTHENTICATED, error instanceof Error ? error.message : String(error))
    })
    known = { headers, since: now }
    return headers
  }
}
