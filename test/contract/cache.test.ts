import { temporaryFolder } from '../support/temporary-folder.ts'
import { onlineStoreContract } from './online-store.ts'

/** Short, so that copies grow old within the tests. */
const TTL_MILLIS = 20

onlineStoreContract('memory before lmdb', {
  fresh: async () => ({
    driver: 'cache',
    options: {
      in: { driver: 'memory', options: { maxBytes: 2 ** 22 } },
      store: { driver: 'lmdb', options: { path: 'online' } },
      ttl: `${TTL_MILLIS}ms`,
    },
    folder: await temporaryFolder(),
  }),
  largestCellBytes: 16 * 2 ** 20,
  isOrdered: true,
  seesOthersAfterMillis: TTL_MILLIS,
})
