import { randomUUID } from 'node:crypto'
import { startRedisCluster } from '../support/services/redis-cluster.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { onlineStoreContract } from './online-store.ts'

/** One for the whole file. */
const cluster = startRedisCluster({ until: 'file' })

onlineStoreContract('redis, a cluster of three', {
  fresh: async () => ({
    driver: 'redis',
    options: { cluster: (await cluster).nodes, keyPrefix: `contract:${randomUUID()}` },
    folder: await temporaryFolder(),
  }),
  largestCellBytes: 16 * 2 ** 20,
  isOrdered: true,
})
