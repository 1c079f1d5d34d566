import type { AddressInfo } from 'node:net'
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import fastifyApollo, { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import { type FastifyInstance, fastify } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { openStore } from '../serving/data.ts'
import { compressAnswers } from './compression.ts'
import type { Peer, PeerOptions } from './peer.ts'

/** How two forms of an Apollo Server differ. */
export interface ApolloForm<Context extends object> {
  readonly schema: GraphQLSchema
  readonly plugins: readonly ApolloServerPlugin<Context>[]
  createContext(store: OnlineStore): Context
}

/** Apollo Server 5 on Fastify, as its integration's readme has it. */
export async function startApolloPeer<Context extends object>(
  options: PeerOptions,
  form: ApolloForm<Context>,
): Promise<Peer> {
  const app = fastify()
  if (options.gzip) compressAnswers(app)
  const store = await openStore(options.folder)
  const plugins = [fastifyApolloDrainPlugin(app), ...form.plugins]
  const apollo = new ApolloServer<Context>({ schema: form.schema, plugins })
  await apollo.start()
  await app.register(fastifyApollo(apollo), { context: async () => form.createContext(store) })
  return listen(app, store, () => apollo.stop())
}

/** Listens on a free port; `stop` comes before the store's close. */
export async function listen(app: FastifyInstance, store: OnlineStore, stop: () => Promise<void>): Promise<Peer> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const close = async (): Promise<void> => {
    app.server.closeAllConnections()
    await stop()
    await store.close()
  }
  return { port: (app.server.address() as AddressInfo).port, close }
}
