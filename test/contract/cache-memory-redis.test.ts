import { cacheSubject, REDIS_SUBJECT } from '../support/cache-subject.ts'
import { onlineStoreContract } from './online-store.ts'

onlineStoreContract('memory before redis', cacheSubject('memory', REDIS_SUBJECT))
