import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort } from './local-server.ts'
import { type RedisServer, startRedis } from './redis.ts'

/** Three servers that share the slots among them. */
export interface RedisCluster {
  readonly servers: readonly RedisServer[]
  /** `host:port` of each. */
  readonly nodes: readonly string[]
  /** Starts a replica of one of them, which has all that the server has when this resolves. */
  addReplica(of: RedisServer): Promise<RedisServer>
  /** Starts those again that have ended, each as it was, and waits until they are a cluster. */
  restart(): Promise<void>
}

export interface RedisClusterOptions {
  /** Default: the test's end. */
  readonly until?: 'file'
}

const SLOTS = 16_384
const SERVERS = 3
const WORDS = [
  ...['--cluster-enabled', 'yes', '--cluster-require-full-coverage', 'no'],
  // Nobody is to take a node for lost that a test has stopped.
  ...['--cluster-node-timeout', '60000'],
]

/** Starts a cluster whose nodes answer for their own slots also while another is down. It is stopped when the test or the file is over. */
export async function startRedisCluster(options: RedisClusterOptions = {}): Promise<RedisCluster> {
  const nodes = await Promise.all(Array.from({ length: SERVERS }, () => startNode(options)))
  await Promise.all(nodes.map(({ server }, index) => ask(server, ['CLUSTER', 'ADDSLOTSRANGE', ...slotsOf(index)])))
  for (const { server } of nodes.slice(1)) await meet(server, nodes[0]!)
  await Promise.all(nodes.map(({ server }) => until(server, ['CLUSTER', 'INFO'], IS_WHOLE)))
  return {
    servers: nodes.map(({ server }) => server),
    nodes: nodes.map(({ server }) => `127.0.0.1:${server.port}`),
    addReplica: async (of) => {
      const { server } = await startNode(options)
      await meet(server, nodes[0]!)
      const id = await ask(of, ['CLUSTER', 'MYID'])
      await until(server, ['CLUSTER', 'NODES'], new RegExp(`^${id} .*connected`, 'm'))
      await ask(server, ['CLUSTER', 'REPLICATE', id])
      await until(server, ['INFO', 'replication'], /master_link_status:up/)
      return server
    },
    restart: async () => {
      const again = await Promise.all(
        nodes.map(({ server, busPort }) =>
          startNode({ ...options, busPort, folder: server.folder, port: server.port }),
        ),
      )
      await Promise.all(again.map(({ server }) => until(server, ['CLUSTER', 'INFO'], IS_WHOLE)))
    },
  }
}

const IS_WHOLE = /cluster_state:ok.*cluster_slots_ok:16384.*cluster_known_nodes:3/s

interface Node {
  readonly server: RedisServer
  /** By which nodes talk to each other: by default far above the other, where there may be no port. */
  readonly busPort: number
}

type NodeOptions = RedisClusterOptions & { readonly folder?: string; readonly port?: number; readonly busPort?: number }

async function startNode({ busPort: givenPort, ...options }: NodeOptions): Promise<Node> {
  const busPort = givenPort ?? (await freePort())
  return { busPort, server: await startRedis({ words: [...WORDS, '--cluster-port', String(busPort)], ...options }) }
}

function slotsOf(index: number): readonly string[] {
  const [start, end] = [index, index + 1].map((place) => Math.floor((place * SLOTS) / SERVERS))
  return [String(start), String(end! - 1)]
}

async function meet(server: RedisServer, { server: other, busPort }: Node): Promise<void> {
  await ask(server, ['CLUSTER', 'MEET', '127.0.0.1', String(other.port), String(busPort)])
}

async function until(server: RedisServer, words: readonly [string, ...string[]], answer: RegExp): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    if (answer.test(await ask(server, words))) return
    await pause(50)
  }
  throw new Error(`${words.join(' ')} did not come to ${answer}`)
}

/** Sends one command. */
export async function ask({ port }: { readonly port: number }, words: readonly [string, ...string[]]): Promise<string> {
  const client = new Redis(port, '127.0.0.1')
  try {
    return String(await client.call(...words))
  } finally {
    client.disconnect()
  }
}
