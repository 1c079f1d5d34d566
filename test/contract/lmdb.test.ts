import { temporaryFolder } from '../support/temporary-folder.ts'
import { onlineStoreContract } from './online-store.ts'

onlineStoreContract('lmdb', {
  fresh: async () => ({ driver: 'lmdb', options: { path: 'online' }, folder: await temporaryFolder() }),
  largestCellBytes: 16 * 2 ** 20,
  isOrdered: true,
})
