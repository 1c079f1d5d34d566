import { randomUUID } from 'node:crypto'
import type { StoreSubject } from '../contract/online/subject.ts'
import { sharedRedis } from './services/redis.ts'
import type { StoreAddress } from './store-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Short, so that copies grow old within the tests. */
const TTL_MILLIS = 20

/** A cache of one kind of store before another, for the contract suite. What is in Redis all see at once. */
export function cacheSubject(front: 'memory' | 'redis', store: StoreSubject): StoreSubject {
  return {
    ...store,
    fresh: async () => {
      const { folder, ...behind } = await store.fresh()
      const options = { in: await frontOf(front), store: behind, ttl: `${TTL_MILLIS}ms`, frontTimeout: '20s' }
      return { driver: 'cache', options, folder }
    },
    seesOthersAfterMillis: front === 'memory' ? TTL_MILLIS : 0,
  }
}

async function frontOf(front: 'memory' | 'redis'): Promise<Omit<StoreAddress, 'folder'>> {
  return front === 'memory' ? { driver: 'memory', options: { maxBytes: 2 ** 22 } } : redisOfItsOwn()
}

export async function redisOfItsOwn(): Promise<Omit<StoreAddress, 'folder'>> {
  return {
    driver: 'redis',
    options: { url: (await sharedRedis()).url, keyPrefix: `test:${randomUUID()}`, readTimeoutMillis: 20_000 },
  }
}

export const LMDB_SUBJECT: StoreSubject = {
  fresh: async () => ({ driver: 'lmdb', options: { path: 'online' }, folder: await temporaryFolder() }),
  largestCellBytes: 16 * 2 ** 20,
  isOrdered: true,
}

export const REDIS_SUBJECT: StoreSubject = {
  fresh: async () => ({ ...(await redisOfItsOwn()), folder: await temporaryFolder() }),
  largestCellBytes: 16 * 2 ** 20,
  isOrdered: true,
}
