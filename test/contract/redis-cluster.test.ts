import { randomUUID } from 'node:crypto'
import { type RedisCluster, startRedisCluster } from '../support/services/redis-cluster.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { onlineStoreContract } from './online-store.ts'

/** One for the whole file. */
let started: Promise<RedisCluster> | undefined

onlineStoreContract('redis, a cluster of three', {
  fresh: async () => {
    started ??= startRedisCluster({ until: 'file' })
    const { nodes } = await started
    const options = { cluster: nodes, keyPrefix: `contract:${randomUUID()}`, readTimeoutMillis: 30_000 }
    return { driver: 'redis', options, folder: await temporaryFolder() }
  },
  largestCellBytes: 16 * 2 ** 20,
  isOrdered: true,
})
