import { randomUUID } from 'node:crypto'
import type { StoreSubject } from '../contract/online/subject.ts'
import { freshBigtable } from './open-bigtable.ts'
import { lmdbAddress } from './open-lmdb.ts'
import { sharedRedis } from './services/redis.ts'
import { type RedisCluster, startRedisCluster } from './services/redis-cluster.ts'
import type { StoreAddress } from './store-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** For machines that are busy. */
const PATIENT = { readTimeoutMillis: 30_000 }

const LMDB: StoreSubject = { fresh: lmdbAddress, largestCellBytes: 16 * 2 ** 20, isOrdered: true }

const REDIS: StoreSubject = {
  fresh: async () => ({ ...(await redisOfItsOwn()), folder: await temporaryFolder() }),
  largestCellBytes: 16 * 2 ** 20,
  isOrdered: true,
}

/** One for a whole file. */
let cluster: Promise<RedisCluster> | undefined

const REDIS_CLUSTER: StoreSubject = {
  ...REDIS,
  fresh: async () => {
    cluster ??= startRedisCluster({ until: 'file' })
    const { nodes } = await cluster
    const options = { cluster: nodes, keyPrefix: `test:${randomUUID()}`, ...PATIENT }
    return { driver: 'redis', options, folder: await temporaryFolder() }
  },
}

const BIGTABLE: StoreSubject = { fresh: () => freshBigtable(), largestCellBytes: 10 * 2 ** 20, isOrdered: false }

/** Every kind of online store, and a cache before each, as tests open one of their own. */
export const STORES = {
  lmdb: LMDB,
  redis: REDIS,
  'redis, a cluster of three': REDIS_CLUSTER,
  bigtable: BIGTABLE,
  'bigtable, read by grpc': { ...BIGTABLE, fresh: () => freshBigtable({ reads: 'grpc' }) },
  'memory before lmdb': cacheSubject('memory', LMDB),
  'memory before redis': cacheSubject('memory', REDIS),
  'memory before bigtable': cacheSubject('memory', BIGTABLE),
  'redis before lmdb': cacheSubject('redis', LMDB),
  'redis before bigtable': cacheSubject('redis', BIGTABLE),
} as const satisfies Readonly<Record<string, StoreSubject>>

/** A cache of one kind of store before another. What is in Redis all see at once. */
function cacheSubject(front: 'memory' | 'redis', store: StoreSubject): StoreSubject {
  // Short, so that copies grow old within the tests.
  const ttlMillis = 20
  return {
    ...store,
    fresh: async () => {
      const { folder, ...behind } = await store.fresh()
      const options = { in: await frontOf(front), store: behind, ttl: `${ttlMillis}ms`, frontTimeout: '20s' }
      return { driver: 'cache', options, folder }
    },
    seesOthersAfterMillis: front === 'memory' ? ttlMillis : 0,
  }
}

async function frontOf(front: 'memory' | 'redis'): Promise<Omit<StoreAddress, 'folder'>> {
  return front === 'memory' ? { driver: 'memory', options: { maxBytes: 2 ** 22 } } : redisOfItsOwn()
}

async function redisOfItsOwn(): Promise<Omit<StoreAddress, 'folder'>> {
  const { url } = await sharedRedis()
  return { driver: 'redis', options: { url, keyPrefix: `test:${randomUUID()}`, ...PATIENT } }
}
