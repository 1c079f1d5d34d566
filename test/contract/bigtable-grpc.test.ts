import { freshBigtable } from '../support/open-bigtable.ts'
import { onlineStoreContract } from './online-store.ts'

onlineStoreContract('bigtable, read by grpc', {
  fresh: () => freshBigtable({ reads: 'grpc' }),
  largestCellBytes: 10 * 2 ** 20,
  isOrdered: false,
})
