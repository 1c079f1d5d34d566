import {
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
  getOperationAST,
} from 'graphql'
import type { Registry } from '../../src/registry/registry.ts'
import type { FieldMeaning } from '../../src/sdl/field-meaning.ts'
import type { FieldstoneSchema } from '../../src/sdl/schema.ts'
import { errorsOmitted } from '../../src/serving/limit-error.ts'
import { formatError } from '../../src/serving/masking.ts'
import type { ColumnLists } from '../../src/stores/online/column-lists.ts'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { createColumns, type ServiceAnswer } from './reference-columns.ts'
import { sortErrors } from './reference-errors.ts'
import { createNeeds, namedFeatures } from './reference-needs.ts'
import { createReading, inPlace, type Reading, representedKey } from './reference-reading.ts'
import { noteField, noteFragments, noteReference } from './reference-sightings.ts'
import { createValues } from './reference-values.ts'

/**
 * What answers ought to be: graphql-js over plain resolvers, one read a cell, written from SPEC.md without a look at the planner. It
 * shares with serving the port, the row codec and the status function (and the masking function, which is said to be the only one).
 */
export interface ReferenceRequest {
  readonly registry: Registry
  readonly schema: FieldstoneSchema
  readonly store: OnlineStore
  readonly lists: ColumnLists
  readonly document: DocumentNode
  readonly operationName: string | undefined
  readonly variables: Record<string, unknown>
  readonly nowMicros: number
  readonly production: boolean
  /** How many errors an answer reports. */
  readonly maxErrors: number
  /** Told what was met, by name; counted by the property test. */
  readonly met: (what: string) => void
}

/** The body of the answer. */
export async function executeReference(request: ReferenceRequest): Promise<string> {
  const { schema, document, operationName, variables, production, maxErrors } = request
  withoutResolver(schema, '_entities')
  const reading = createReading(request)
  const result = await execute({
    schema: schema.schema,
    document,
    operationName: operationName ?? null,
    variableValues: variables,
    fieldResolver: resolverOf(request, reading),
  })
  const isResolved = getOperationAST(document, operationName) != null
  const located = isResolved ? (result.errors ?? []) : (result.errors ?? []).map(ofResolution)
  const reported = withinLimit(sortErrors(result.data, located), maxErrors)
  if (reported.length > maxErrors) request.met('errors omitted')
  const stale = reading.stale()
  const errors = reported.map((error) => formatError(error, { production }))
  return JSON.stringify({
    ...(errors.length === 0 ? {} : { errors }),
    ...(result.data === undefined ? {} : { data: result.data }),
    ...(stale === undefined ? {} : { extensions: { fieldstone: { stale } } }),
  })
}

/** The first by place, then one more that says how many were left out. */
function withinLimit(errors: readonly GraphQLError[], maxErrors: number): readonly GraphQLError[] {
  const omitted = errors.length - maxErrors
  if (omitted <= 0) return errors
  const summary = errorsOmitted({ allowed: maxErrors, omitted })
  return [...errors.slice(0, maxErrors), new GraphQLError(summary.message, { originalError: summary })]
}

/** Apollo's subgraph brings a resolver of its own; production answers the field from a plan, and so does the reference. */
function withoutResolver(schema: FieldstoneSchema, field: string): void {
  const fields = schema.schema.getQueryType()!.getFields()
  if (fields[field] !== undefined) delete fields[field].resolve
}

/** graphql-js gives no code where a document does not hold the operation. */
function ofResolution({ message }: GraphQLError): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' } })
}

/** `_service` is Apollo's, and gives a plain object. */
function plainField(source: any, { parentType, fieldName }: GraphQLResolveInfo): unknown {
  if (parentType.name !== '_Service') throw new Error(`no meaning: ${parentType.name}.${fieldName}`)
  return source[fieldName]
}

interface FieldCall {
  readonly source: any
  readonly args: any
  readonly info: GraphQLResolveInfo
}

function resolverOf(request: ReferenceRequest, reading: Reading): GraphQLFieldResolver<any, unknown> {
  const { registry, schema, met } = request
  const needs = createNeeds(schema, met)
  const values = createValues(reading, request)
  const columns = createColumns({ reading, values, schema, met })

  return (source, args, _context, info) => {
    const meaning = schema.meanings.get(`${info.parentType.name}.${info.fieldName}`)
    if (meaning === undefined) return plainField(source, info)
    noteField(request.document, info, met)
    return resolve(meaning, { source, args, info })
  }

  function resolve(meaning: FieldMeaning, { source, args, info }: FieldCall): unknown {
    switch (meaning.kind) {
      case 'entityByKey':
        return entityAt(meaning.entity, args, info)
      case 'entitiesByKeys':
        return args.keys.map((key: Record<string, unknown>) => inPlace(entityAt(meaning.entity, key, info)))
      case 'representations':
        noteFragments(info, met)
        return args.representations.map((representation: unknown) => inPlace(represented(representation, info)))
      case 'service':
        return { kind: 'service', service: meaning.service, rows: args.rows } satisfies ServiceAnswer
      case 'key':
        return String(source.key[meaning.index])
      case 'feature':
        return values.leaf(source, meaning.feature, args)
      case 'reference':
        return reference(source, meaning.reference, info)
      case 'featureInfo':
        return Promise.all(namedFeatures(meaning.entity, args.names).map((feature) => values.info(source, feature)))
      case 'featureInfoField':
      case 'vectorField':
        return source[meaning.field]
      case 'rowCount':
        return source.rows.length
      case 'role':
        return columns.role(source, meaning.roleIndex, info)
      case 'column':
        return columns.column(source, meaning.feature, info)
      case 'columnValues':
        return columns.list(source, 'value', info)
      case 'columnStatuses':
        return columns.list(source, 'status', info)
      default:
        return meaning satisfies never
    }
  }

  type Entity = (FieldMeaning & { readonly kind: 'entityByKey' })['entity']

  function entityAt(entity: Entity, columnsOfKey: Readonly<Record<string, unknown>>, info: GraphQLResolveInfo) {
    const given = entity.keys.map(({ name }) => columnsOfKey[name])
    return lookUp(entity, given, info)
  }

  /** The object, unless its key is refused or a cell that the selection needs cannot be read. */
  async function lookUp(entity: Entity, given: readonly unknown[], info: GraphQLResolveInfo) {
    const object = reading.objectOf(entity, given)
    return reading.readable(object, needs.ofSelection(entity, info))
  }

  async function represented(representation: unknown, info: GraphQLResolveInfo) {
    const { entity, given } = representedKey(registry, representation)
    return lookUp(entity, given, info)
  }

  async function reference(
    object: Parameters<typeof values.leaf>[0],
    { target, keys }: Entity['references'][number],
    info: GraphQLResolveInfo,
  ) {
    noteReference(info, met)
    const given: unknown[] = []
    for (const key of keys) {
      given.push(key.from === 'key' ? object.key[key.index] : (await values.served(object, key.feature, {})).value)
    }
    return given.includes(null) ? null : lookUp(target, given, info)
  }
}
