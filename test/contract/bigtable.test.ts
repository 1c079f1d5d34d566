import { STORES } from '../support/store-subjects.ts'
import { onlineStoreContract } from './online-store.ts'

onlineStoreContract('bigtable', STORES.bigtable)
