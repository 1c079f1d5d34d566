import { randomUUID } from 'node:crypto'
import { sharedRedis } from '../support/services/redis.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { onlineStoreContract } from './online-store.ts'

onlineStoreContract('redis', {
  fresh: async () => ({
    driver: 'redis',
    options: { url: (await sharedRedis()).url, keyPrefix: `contract:${randomUUID()}`, readTimeoutMillis: 30_000 },
    folder: await temporaryFolder(),
  }),
  largestCellBytes: 16 * 2 ** 20,
  isOrdered: true,
})
