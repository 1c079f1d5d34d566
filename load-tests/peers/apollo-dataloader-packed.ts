import { startDataLoaderPeer } from './dataloader-peer.ts'
import { servePeer } from './peer.ts'
import { openPackedRows } from './stock-rows.ts'

/** As apollo-dataloader, by the same client of the store, but one packed value for each view where that has one for each feature. */

await servePeer((options) => startDataLoaderPeer(options, openPackedRows))
