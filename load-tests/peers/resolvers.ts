import DataLoader from 'dataloader'
import {
  buildSchema as buildGraphQLSchema,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql'
import { buildSchema } from '../../src/sdl/schema.ts'
import { registry } from '../serving/data.ts'
import { FEATURE_NAMES } from '../serving/features.ts'
import type { Leaf, ReadRows, Row } from './rows.ts'

/** What resolvers share within one request. */
export interface RequestContext {
  /** Loads rows with the views that a selection needs; one loader for each set of views, so that one request reads its keys at once. */
  rows(viewIndexes: readonly number[]): DataLoader<string, Row>
}

type Resolver = GraphQLFieldResolver<unknown, RequestContext, Record<string, unknown>>

export function createContext(readRows: ReadRows): RequestContext {
  const loaders = new Map<readonly number[], DataLoader<string, Row>>()
  return {
    rows: (viewIndexes) => {
      const known = loaders.get(viewIndexes)
      if (known !== undefined) return known
      const loader = new DataLoader<string, Row>((ids) => readRows(ids, viewIndexes), { maxBatchSize: 100_000 })
      loaders.set(viewIndexes, loader)
      return loader
    },
  }
}

/** The schema that Fieldstone prints, made executable by hand. Scalars are left as they are: values are in wire form already. */
export function createPeerSchema(): GraphQLSchema {
  // Directives of Federation are in the text but not defined there.
  const schema = buildGraphQLSchema(buildSchema(registry).sdl, { assumeValidSDL: true })
  const fields = schema.getQueryType()!.getFields()
  for (const [name, resolve] of Object.entries(ROOTS))
    fields[name]!.resolve = resolve as GraphQLFieldResolver<unknown, unknown>
  return schema
}

/** Root fields load rows; below them the default resolvers read properties, which is the least that a resolver can cost. */
const ROOTS: Readonly<Record<string, Resolver>> = {
  customer: (_, { id }, context, info) => context.rows(viewsOf(selectionsOf(info))).load(id as string),
  // loadMany gives one promise, where a promise for each row would have graphql-js await each.
  customers: (_, { keys }, context, info) =>
    context.rows(viewsOf(selectionsOf(info))).loadMany((keys as readonly { id: string }[]).map(({ id }) => id)),
  customerModelV1: async (_, args, context, info) => {
    const rows = args.rows as readonly { readonly customer: { readonly id: string } }[]
    const customer = selectionsOf(info).flatMap(({ name, selectionSet }) => (name === 'customer' ? selectionSet! : []))
    const loaded = await context.rows(viewsOf(customer)).loadMany(rows.map(({ customer }) => customer.id))
    return { rowCount: rows.length, customer: columnsOf(loaded, customer) }
  },
}

interface Selected {
  readonly name: string
  readonly selectionSet: readonly Selected[] | undefined
}

const selections = new WeakMap<object, readonly Selected[]>()

/** What is selected below a field. Documents are cached, so this is worked out once an operation. */
function selectionsOf({ fieldNodes }: GraphQLResolveInfo): readonly Selected[] {
  const node = fieldNodes[0]!
  const known = selections.get(node)
  if (known !== undefined) return known
  const found = fieldsOf(node.selectionSet!)
  selections.set(node, found)
  return found
}

/** The operations of the benchmarks have no fragments. */
function fieldsOf(set: SelectionSetNode): readonly Selected[] {
  return set.selections.flatMap((node) => {
    if (node.kind !== 'Field') return []
    return [{ name: node.name.value, selectionSet: node.selectionSet && fieldsOf(node.selectionSet) }]
  })
}

const viewSets = new Map<string, readonly number[]>()
const viewsBySelection = new WeakMap<readonly Selected[], readonly number[]>()

/** Positions of the views that have the selected features: the same array for the same views. */
function viewsOf(fields: readonly Selected[]): readonly number[] {
  const known = viewsBySelection.get(fields)
  if (known !== undefined) return known
  const names = new Set(fields.map(({ name }) => name))
  const found = FEATURE_NAMES.flatMap((view, index) => (view.some((name) => names.has(name)) ? [index] : []))
  const views = viewSets.get(found.join()) ?? found
  viewSets.set(found.join(), views)
  viewsBySelection.set(fields, views)
  return views
}

function columnsOf(
  rows: readonly (Row | Error)[],
  fields: readonly Selected[],
): Record<string, { readonly values: readonly Leaf[] }> {
  const columns: Record<string, { readonly values: readonly Leaf[] }> = {}
  for (const { name } of fields) columns[name] = { values: rows.map((row) => leafOf(row, name)) }
  return columns
}

function leafOf(row: Row | Error, name: string): Leaf {
  if (row instanceof Error) throw row
  return row[name]!
}
