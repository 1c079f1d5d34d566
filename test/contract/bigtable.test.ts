import { freshBigtable } from '../support/open-bigtable.ts'
import { onlineStoreContract } from './online-store.ts'

onlineStoreContract('bigtable', { fresh: freshBigtable, largestCellBytes: 10 * 2 ** 20, isOrdered: false })
