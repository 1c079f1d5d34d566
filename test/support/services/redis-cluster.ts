import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { freePort } from './local-server.ts'
import { type RedisServer, startRedis } from './redis.ts'

/** Three servers that share the slots among them. */
export interface RedisCluster {
  readonly servers: readonly RedisServer[]
  /** `host:port` of each. */
  readonly nodes: readonly string[]
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
  // By which nodes talk to each other: by default far above the other, where there may be no port.
  const busPorts = await Promise.all(Array.from({ length: SERVERS }, freePort))
  const servers = await Promise.all(
    busPorts.map((port) => startRedis({ words: [...WORDS, '--cluster-port', String(port)], ...options })),
  )
  const clients = servers.map(({ port }) => new Redis(port, '127.0.0.1'))
  try {
    for (const [index, client] of clients.entries()) {
      const bounds = [index, index + 1].map((place) => Math.floor((place * SLOTS) / SERVERS))
      await client.call('CLUSTER', 'ADDSLOTSRANGE', bounds[0]!, bounds[1]! - 1)
      if (index > 0) await client.call('CLUSTER', 'MEET', '127.0.0.1', servers[0]!.port, busPorts[0]!)
    }
    await Promise.all(clients.map(isWhole))
  } finally {
    for (const client of clients) client.disconnect()
  }
  return { servers, nodes: servers.map(({ port }) => `127.0.0.1:${port}`) }
}

/** Waits until a node knows who answers for each slot. */
async function isWhole(client: Redis): Promise<void> {
  for (let tries = 0; tries < 500; tries += 1) {
    const info = String(await client.call('CLUSTER', 'INFO'))
    if (/cluster_state:ok/.test(info) && /cluster_slots_ok:16384/.test(info)) return
    await pause(50)
  }
  throw new Error('the cluster did not come up')
}
