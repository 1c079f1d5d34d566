import type { AddressInfo } from 'node:net'
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server'
import fastifyApollo, { fastifyApolloDrainPlugin } from '@as-integrations/fastify'
import { type FastifyInstance, fastify } from 'fastify'
import type { GraphQLSchema } from 'graphql'
import type { StorePlace } from '../serving/stores.ts'
import { compressAnswers } from './compression.ts'
import type { Peer, PeerOptions } from './peer.ts'
import type { ReadRows, Rows } from './rows.ts'

/** How two forms of an Apollo Server differ. */
export interface ApolloForm<Context extends object> {
  readonly schema: GraphQLSchema
  readonly plugins: readonly ApolloServerPlugin<Context>[]
  readonly openRows: (place: StorePlace) => Promise<Rows>
  createContext(readRows: ReadRows): Context
}

/** Apollo Server 5 on Fastify, as its integration's readme has it. */
export async function startApolloPeer<Context extends object>(
  options: PeerOptions,
  form: ApolloForm<Context>,
): Promise<Peer> {
  const app = fastify()
  if (options.gzip) compressAnswers(app)
  const rows = await form.openRows(options.place)
  const plugins = [fastifyApolloDrainPlugin(app), ...form.plugins]
  const apollo = new ApolloServer<Context>({ schema: form.schema, plugins })
  await apollo.start()
  await app.register(fastifyApollo(apollo), { context: async () => form.createContext(rows.read) })
  return listen(app, rows, () => apollo.stop())
}

/** Listens on a free port; `stop` comes before the rows' close. */
export async function listen(app: FastifyInstance, rows: Rows, stop: () => Promise<void>): Promise<Peer> {
  await app.listen({ port: 0, host: '127.0.0.1' })
  const close = async (): Promise<void> => {
    app.server.closeAllConnections()
    await stop()
    await rows.close()
  }
  return { port: (app.server.address() as AddressInfo).port, close }
}
