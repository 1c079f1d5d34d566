import { buildSubgraphSchema } from '@apollo/subgraph'
import { type GraphQLSchema, parse } from 'graphql'
import { entityTypeNames } from '../registry/names.ts'
import type { Registry } from '../registry/registry.ts'
import type { FieldMeaning } from './field-meaning.ts'
import { fieldMeanings } from './field-meanings.ts'
import { printSdl } from './print-sdl.ts'
import { SCALARS } from './scalars.ts'

/** A registry as GraphQL. */
export interface FieldstoneSchema {
  /** The text of `schema.graphql`, the same for the same registry. */
  readonly sdl: string
  /** An Apollo Federation subgraph. It has scalars and types of abstract values, and no data resolvers: plans answer. */
  readonly schema: GraphQLSchema
  /** What each field means, by `Type.field`. */
  readonly meanings: ReadonlyMap<string, FieldMeaning>
}

export function buildSchema(registry: Registry): FieldstoneSchema {
  const sdl = printSdl(registry)
  const schema = buildSubgraphSchema([{ typeDefs: parse(sdl), resolvers: abstractTypes(registry) }])
  giveScalars(schema)
  return { sdl, schema, meanings: fieldMeanings(registry) }
}

/** Each interface has one implementation: its entity, now. */
function abstractTypes({ entities, prefix }: Registry): Record<string, { readonly __resolveType: () => string }> {
  const names = entities.map(({ name }) => entityTypeNames(name, prefix))
  return Object.fromEntries(names.map(({ features, type }) => [features, { __resolveType: () => type }]))
}

function giveScalars(schema: GraphQLSchema): void {
  for (const [name, { serialize, parseValue, parseLiteral }] of Object.entries(SCALARS)) {
    const type = schema.getType(name)
    if (type !== undefined) Object.assign(type, { serialize, parseValue, parseLiteral })
  }
}
