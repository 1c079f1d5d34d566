import { STORES } from '../support/store-subjects.ts'
import { onlineStoreContract } from './online-store.ts'

onlineStoreContract('memory before bigtable', STORES['memory before bigtable'])
