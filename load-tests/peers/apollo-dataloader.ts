import { startDataLoaderPeer } from './dataloader-peer.ts'
import { servePeer } from './peer.ts'
import { openUsualRows } from './stock-rows.ts'

/** What a good engineer writes by hand: one load an entity row, default resolvers, and nothing switched on that costs. */

await servePeer((options) => startDataLoaderPeer(options, openUsualRows))
