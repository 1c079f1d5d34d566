import { cacheSubject, LMDB_SUBJECT } from '../support/cache-subject.ts'
import { onlineStoreContract } from './online-store.ts'

onlineStoreContract('memory before lmdb', cacheSubject('memory', LMDB_SUBJECT))
