import type { StoreSubject } from '../contract/online/subject.ts'
import { cacheSubject, LMDB_SUBJECT, REDIS_SUBJECT } from './cache-subject.ts'
import { freshBigtable } from './open-bigtable.ts'

const BIGTABLE: StoreSubject = { fresh: freshBigtable, largestCellBytes: 10 * 2 ** 20, isOrdered: false }

/** Every kind of online store, and caches before some, as tests open one of their own. */
export const STORES: Readonly<Record<string, StoreSubject>> = {
  lmdb: LMDB_SUBJECT,
  redis: REDIS_SUBJECT,
  bigtable: BIGTABLE,
  'memory before bigtable': cacheSubject('memory', BIGTABLE),
  'redis before bigtable': cacheSubject('redis', BIGTABLE),
  'memory before lmdb': cacheSubject('memory', LMDB_SUBJECT),
}
