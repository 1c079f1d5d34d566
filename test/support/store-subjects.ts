import type { StoreSubject } from '../contract/online/subject.ts'
import { cacheSubject, LMDB_SUBJECT, REDIS_SUBJECT } from './cache-subject.ts'

/** Every kind of online store, and caches before some, as tests open one of their own. */
export const STORES: Readonly<Record<string, StoreSubject>> = {
  lmdb: LMDB_SUBJECT,
  redis: REDIS_SUBJECT,
  'memory before lmdb': cacheSubject('memory', LMDB_SUBJECT),
  'redis before lmdb': cacheSubject('redis', LMDB_SUBJECT),
}
