import { cacheSubject } from '../support/cache-subject.ts'
import { freshBigtable } from '../support/open-bigtable.ts'
import { onlineStoreContract } from './online-store.ts'

const BIGTABLE = { fresh: freshBigtable, largestCellBytes: 10 * 2 ** 20, isOrdered: false }

onlineStoreContract('redis before bigtable', cacheSubject('redis', BIGTABLE))
