import { STORES } from '../support/store-subjects.ts'
import { onlineStoreContract } from './online-store.ts'

onlineStoreContract('redis, a cluster of three', STORES['redis, a cluster of three'])
