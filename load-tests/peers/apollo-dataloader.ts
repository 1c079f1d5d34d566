import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled'
import { startApolloPeer } from './apollo.ts'
import { servePeer } from './peer.ts'
import { createContext, createPeerSchema } from './resolvers.ts'
import { createReadRows } from './rows.ts'

/** What a good engineer writes by hand: one load an entity row, default resolvers, and nothing switched on that costs. */

await servePeer((options) =>
  startApolloPeer(options, {
    schema: createPeerSchema(),
    plugins: [ApolloServerPluginCacheControlDisabled()],
    createContext: (store) => createContext(createReadRows(store)),
  }),
)
