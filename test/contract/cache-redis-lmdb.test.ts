import { cacheSubject, LMDB_SUBJECT } from '../support/cache-subject.ts'
import { onlineStoreContract } from './online-store.ts'

onlineStoreContract('redis before lmdb', cacheSubject('redis', LMDB_SUBJECT))
