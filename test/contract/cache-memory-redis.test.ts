import { STORES } from '../support/store-subjects.ts'
import { onlineStoreContract } from './online-store.ts'

onlineStoreContract('memory before redis', STORES['memory before redis'])
