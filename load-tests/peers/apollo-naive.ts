import DataLoader from 'dataloader'
import type { GraphQLFieldResolver, GraphQLObjectType, GraphQLSchema } from 'graphql'
import { FEATURE_NAMES } from '../serving/features.ts'
import { startApolloPeer } from './apollo.ts'
import { servePeer } from './peer.ts'
import { createPeerSchema } from './resolvers.ts'
import { openRows, type ReadRows, type Row } from './rows.ts'

/** What is written first: a resolver for each field, which loads its row, with Apollo as it comes. */

interface NaiveContext {
  /** By the view's position. */
  readonly loaders: readonly DataLoader<string, Row>[]
}

interface CustomerSource {
  readonly id: string
}

await servePeer((options) =>
  startApolloPeer(options, { schema: createNaiveSchema(), plugins: [], openRows, createContext }),
)

function createContext(readRows: ReadRows): NaiveContext {
  return { loaders: FEATURE_NAMES.map((_, view) => new DataLoader((ids: readonly string[]) => readRows(ids, [view]))) }
}

function createNaiveSchema(): GraphQLSchema {
  const schema = createPeerSchema()
  const roots = schema.getQueryType()!.getFields()
  roots.customer!.resolve = (_, { id }) => ({ id })
  roots.customers!.resolve = (_, { keys }) => keys
  const fields = (schema.getType('Customer') as GraphQLObjectType).getFields()
  for (const [view, names] of FEATURE_NAMES.entries()) {
    for (const name of names) fields[name]!.resolve = featureResolver(view, name)
  }
  return schema
}

function featureResolver(view: number, name: string): GraphQLFieldResolver<CustomerSource, NaiveContext> {
  return async ({ id }, _, { loaders }) => (await loaders[view]!.load(id))[name]
}
