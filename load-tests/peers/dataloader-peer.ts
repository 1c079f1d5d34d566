import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled'
import type { StorePlace } from '../serving/stores.ts'
import { startApolloPeer } from './apollo.ts'
import type { Peer, PeerOptions } from './peer.ts'
import { createContext, createPeerSchema } from './resolvers.ts'
import type { Rows } from './rows.ts'

/** One load an entity row, default resolvers, and nothing switched on that costs. */
export function startDataLoaderPeer(
  options: PeerOptions,
  openRows: (place: StorePlace) => Promise<Rows>,
): Promise<Peer> {
  const plugins = [ApolloServerPluginCacheControlDisabled()]
  return startApolloPeer(options, { schema: createPeerSchema(), plugins, openRows, createContext })
}
