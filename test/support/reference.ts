import {
  type DocumentNode,
  execute,
  type FieldNode,
  GraphQLError,
  type GraphQLFieldResolver,
  type GraphQLResolveInfo,
} from 'graphql'
import { FieldstoneError } from '../../src/errors.ts'
import { inspect } from '../../src/lib/inspect.ts'
import { formatTimestamp } from '../../src/lib/micros.ts'
import type {
  Registry,
  RegistryBatchView,
  RegistryEntity,
  RegistryFeature,
  RegistryOnDemandView,
  RegistryService,
  StoredFeature,
} from '../../src/registry/registry.ts'
import type { FieldMeaning } from '../../src/sdl/field-meaning.ts'
import type { FieldstoneSchema } from '../../src/sdl/schema.ts'
import { formatError } from '../../src/serving/masking.ts'
import type { ColumnLists } from '../../src/stores/online/column-lists.ts'
import { canonicalKeyValue, encodeKey, type KeyValues } from '../../src/stores/online/key-codec.ts'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { valueText } from '../../src/stores/online/row-codec.ts'
import { type RowOutcome, readRows, type StoredRow } from '../../src/stores/online/row-reader.ts'
import { type FeatureStatus, featureStatus, rowStatus } from '../../src/values/status.ts'
import { decodeWire, encodeWire, WireProblem } from '../../src/values/wire.ts'
import { sortErrors } from './reference-errors.ts'
import { selectedFields } from './reference-selection.ts'

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
  /** Told what was met, by name; counted by the property test. */
  readonly met: (what: string) => void
}

/** The body of the answer. */
export async function executeReference(request: ReferenceRequest): Promise<string> {
  const { schema, document, operationName, variables, production } = request
  withoutResolver(schema, '_entities')
  const result = await execute({
    schema: schema.schema,
    document,
    operationName: operationName ?? null,
    variableValues: variables,
    fieldResolver: resolverOf(request),
  })
  const errors = sortErrors(result.data, result.errors ?? []).map((error) => formatError(error, { production }))
  return JSON.stringify({
    ...(errors.length === 0 ? {} : { errors }),
    ...(result.data === undefined ? {} : { data: result.data }),
  })
}

/** Apollo's subgraph brings a resolver of its own; production answers the field from a plan, and so does the reference. */
function withoutResolver(schema: FieldstoneSchema, field: string): void {
  const fields = schema.schema.getQueryType()!.getFields()
  if (fields[field] !== undefined) delete fields[field].resolve
}

interface EntityObject {
  readonly kind: 'entity'
  /** By which abstract types are resolved. */
  readonly __typename: string
  readonly entity: RegistryEntity
  readonly key: KeyValues
}

interface ServiceAnswer {
  readonly kind: 'service'
  readonly service: RegistryService
  readonly rows: readonly Readonly<Record<string, unknown>>[]
}

interface RoleAnswer {
  readonly kind: 'role'
  readonly rows: ServiceAnswer['rows']
  /** An object, or why its row is null. */
  readonly objects: readonly (EntityObject | Error)[]
  /** Where the errors of its rows stand: response keys of a column and a list. */
  readonly firstList: readonly string[] | undefined
}

interface ColumnAnswer {
  readonly kind: 'column'
  readonly feature: RegistryFeature
  readonly role: RoleAnswer
  /** Where the errors of its own feature stand. */
  readonly firstList: string | undefined
}

interface Served {
  readonly value: unknown
  readonly status: FeatureStatus
}

function resolverOf(request: ReferenceRequest): GraphQLFieldResolver<any, unknown> {
  const { registry, schema, met, nowMicros } = request
  const cells = new Map<string, Promise<RowOutcome>>()
  const entities = new Map(registry.entities.map((entity) => [entity.name, entity]))

  return (source, args, _context, info) => {
    const meaning = schema.meanings.get(`${info.parentType.name}.${info.fieldName}`)
    if (info.fieldNodes.length > 1) met('merged')
    if (meaning === undefined) throw new Error(`no meaning: ${info.parentType.name}.${info.fieldName}`)
    return resolve(meaning, { source, args, info })
  }

  function resolve(meaning: FieldMeaning, at: { source: any; args: any; info: GraphQLResolveInfo }): unknown {
    const { source, args, info } = at
    switch (meaning.kind) {
      case 'entityByKey':
        return lookUp(
          meaning.entity,
          meaning.entity.keys.map(({ name }) => args[name]),
          info,
        )
      case 'entitiesByKeys':
        return args.keys.map((key: Record<string, unknown>) =>
          inPlace(
            lookUp(
              meaning.entity,
              meaning.entity.keys.map(({ name }) => key[name]),
              info,
            ),
          ),
        )
      case 'representations':
        return args.representations.map((representation: unknown) => inPlace(represented(representation, info)))
      case 'service':
        return { kind: 'service', service: meaning.service, rows: args.rows } satisfies ServiceAnswer
      case 'key':
        return String(source.key[meaning.index])
      case 'feature':
        return featureField(source, meaning.feature, args)
      case 'reference':
        return reference(source, meaning.reference, info)
      case 'featureInfo':
        return Promise.all(namedFeatures(meaning.entity, args.names).map((feature) => featureInfo(source, feature)))
      case 'featureInfoField':
      case 'vectorField':
        return source[meaning.field]
      case 'rowCount':
        return source.rows.length
      case 'role':
        return role(source, meaning.roleIndex, info)
      case 'column':
        return column(source, meaning.feature, info)
      case 'columnValues':
      case 'columnStatuses':
        return columnList(source, meaning.kind === 'columnValues' ? 'value' : 'status', info)
      default:
        return meaning satisfies never
    }
  }

  // Reading

  function cell(object: EntityObject, view: RegistryBatchView): Promise<RowOutcome> {
    const key = encodeKey(object.entity, object.key)
    const name = `${object.entity.name} ${view.id} ${Buffer.from(key).toString('hex')}`
    const known = cells.get(name)
    if (known !== undefined) return known
    const { store, lists } = request
    const reading = readRows(store, lists, {
      entity: object.entity.name,
      keys: [key],
      cells: [{ view: view.id, part: 0 }],
    })
    const first = reading.then((rows) => rows[0])
    cells.set(name, first)
    return first
  }

  /** The object, unless its key is refused or a cell that the selection needs cannot be read. */
  async function lookUp(
    entity: RegistryEntity,
    given: readonly unknown[],
    info: GraphQLResolveInfo,
  ): Promise<EntityObject> {
    return readable(objectOf(entity, given), neededViews(entity, info.fieldNodes, info))
  }

  function objectOf(entity: RegistryEntity, given: readonly unknown[]): EntityObject {
    const key = given.map((value, index) => canonicalKeyValue(entity, index, value))
    encodeKey(entity, key)
    return { kind: 'entity', __typename: entity.name, entity, key }
  }

  async function readable(object: EntityObject, needed: ReadonlySet<RegistryBatchView>): Promise<EntityObject> {
    for (const view of object.entity.batchViews.filter((candidate) => needed.has(candidate))) {
      const row = await cell(object, view)
      if (row instanceof Error) {
        met('failed row')
        throw row
      }
    }
    return object
  }

  async function represented(representation: any, info: GraphQLResolveInfo): Promise<EntityObject> {
    const refuse = (why: string) =>
      new FieldstoneError('REPRESENTATION_INVALID', { seen: inspect(representation), why })
    if (typeof representation !== 'object' || representation === null || Array.isArray(representation)) {
      throw refuse('It is no object.')
    }
    const entity = entities.get(representation.__typename)
    if (entity === undefined) throw refuse(`Its __typename ${inspect(representation.__typename)} is no entity.`)
    const missing = entity.keys.find(({ name }) => representation[name] === undefined || representation[name] === null)
    if (missing !== undefined) throw refuse(`It has no '${missing.name}', which is a key of ${entity.name}.`)
    return lookUp(
      entity,
      entity.keys.map(({ name }) => representation[name]),
      info,
    )
  }

  // What a selection needs

  function neededViews(
    entity: RegistryEntity,
    nodes: readonly FieldNode[],
    info: GraphQLResolveInfo,
  ): Set<RegistryBatchView> {
    const needed = new Set<RegistryBatchView>()
    for (const field of selectedFields(entity.name, nodes, info)) {
      const meaning = schema.meanings.get(`${entity.name}.${field.name}`)
      if (meaning?.kind === 'feature') addNeeds(meaning.feature, needed)
      if (meaning?.kind === 'featureInfo') {
        for (const { view } of namedFeatures(entity, field.args(schema.schema, entity.name).names)) needed.add(view)
      }
      if (meaning?.kind === 'reference') {
        for (const key of meaning.reference.keys) if (key.from === 'feature') needed.add(key.feature.view)
      }
    }
    return needed
  }

  function addNeeds(feature: RegistryFeature, needed: Set<RegistryBatchView>): void {
    if (feature.kind === 'stored') needed.add(feature.view)
    else for (const { feature: input } of feature.view.inputs) addNeeds(input, needed)
  }

  // Values

  async function stored(object: EntityObject, feature: StoredFeature): Promise<Served> {
    const row = (await cell(object, feature.view)) as StoredRow | undefined
    const { ttlMicros, retentionMicros, source } = feature.view
    const limits = { ttlMicros, retentionMicros, timeless: source.eventTime === undefined }
    const index = row?.list.indexOf.get(feature.name)
    const text =
      row === undefined || row.header.tombstone || index === undefined ? 'null' : valueText(row.header, index)
    const status = featureStatus(rowStatus(row?.header, limits, nowMicros), index !== undefined, text === 'null')
    return { value: status === 'PRESENT' ? decodeWire(feature.dtype, text) : null, status }
  }

  async function served(
    object: EntityObject,
    feature: RegistryFeature,
    args: Record<string, unknown>,
  ): Promise<Served> {
    const { value, status } =
      feature.kind === 'stored'
        ? await stored(object, feature)
        : await computed(object, feature, parsedFor(feature.view, args))
    return { value: status === 'PRESENT' ? value : (feature.default ?? null), status }
  }

  async function featureField(
    object: EntityObject,
    feature: RegistryFeature,
    args: Record<string, unknown>,
  ): Promise<unknown> {
    const { value, status } = await served(object, feature, args)
    noteServed(feature, value, status)
    return leafOf(feature, value)
  }

  function noteServed(feature: RegistryFeature, value: unknown, status: FeatureStatus): void {
    met(status)
    if (value !== null) met(feature.dtype.kind)
  }

  // On-demand functions

  /** Arguments of a view and of its on-demand inputs, each parsed by its own schema; throws for the first that does not fit. */
  function parsedFor(view: RegistryOnDemandView, args: Record<string, unknown>): Map<string, Record<string, unknown>> {
    const parsed = new Map([[view.id, parsedArguments(view, args)]])
    for (const { feature } of view.inputs) {
      if (feature.kind === 'onDemand') for (const [id, own] of parsedFor(feature.view, args)) parsed.set(id, own)
    }
    return parsed
  }

  function parsedArguments(view: RegistryOnDemandView, args: Record<string, unknown>): Record<string, unknown> {
    if (view.argsSchema === undefined) return {}
    const own = view.args.filter(({ name }) => args[name] !== undefined).map(({ name }) => [name, args[name]])
    const result = view.argsSchema.safeParse(Object.fromEntries(own))
    if (result.success) return result.data
    const issues = result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
    throw new FieldstoneError('ARGUMENTS_INVALID', {
      seen: `arguments of view '${view.name}' (${issues.join('; ')})`,
      facts: { arguments: result.error.issues.map(({ path }) => path.join('.')) },
    })
  }

  async function computed(
    object: EntityObject,
    feature: RegistryFeature & { readonly kind: 'onDemand' },
    parsed: ReadonlyMap<string, Record<string, unknown>>,
  ): Promise<Served> {
    const { view } = feature
    const seen = `${view.entity.name}.${feature.name}`
    const inputs: (Served & { readonly name: string })[] = []
    for (const { name, feature: input } of view.inputs) {
      try {
        const own = input.kind === 'stored' ? await stored(object, input) : await computed(object, input, parsed)
        const value = own.status === 'PRESENT' ? own.value : (input.default ?? null)
        inputs.push({ name, value, status: own.status })
      } catch {
        met('on-demand input failed')
        throw new FieldstoneError('ON_DEMAND_FAILED', {
          seen,
          why: `Its input '${name}' failed, so the function was not called.`,
        })
      }
    }
    const missing = inputs.find(({ value }) => value === null)
    if (missing !== undefined && view.whenMissing === 'null') return { value: null, status: missing.status }
    const result = callOf(view, seen, {
      inputs: Object.fromEntries(inputs.map(({ name, value }) => [name, value])),
      args: parsed.get(view.id)!,
      nowMicros,
    })
    const text = encodeWire(feature, result[feature.name])
    if (text instanceof WireProblem) {
      const why = `In the result of view '${view.name}', ${text.reason}.`
      throw new FieldstoneError('ON_DEMAND_RESULT_INVALID', { seen, why })
    }
    return { value: decodeWire(feature.dtype, text), status: text === 'null' ? 'NULL_VALUE' : 'PRESENT' }
  }

  function callOf(
    view: RegistryOnDemandView,
    seen: string,
    context: Parameters<RegistryOnDemandView['compute']>[0],
  ): Readonly<Record<string, unknown>> {
    try {
      return view.compute(context)
    } catch (cause) {
      met('on-demand throw')
      const why = `The function of view '${view.name}' threw ${inspect(cause)}.`
      throw new FieldstoneError('ON_DEMAND_FAILED', { seen, why, cause })
    }
  }

  // Other fields

  async function reference(
    object: EntityObject,
    { target, keys }: RegistryEntity['references'][number],
    info: GraphQLResolveInfo,
  ): Promise<EntityObject | null> {
    if (depthOf(info) > 1) met('nested reference')
    const given: unknown[] = []
    for (const key of keys) {
      given.push(key.from === 'key' ? object.key[key.index] : (await served(object, key.feature, {})).value)
    }
    return given.includes(null) ? null : lookUp(target, given, info)
  }

  async function featureInfo(object: EntityObject, feature: StoredFeature): Promise<Record<string, unknown>> {
    const { status } = await stored(object, feature)
    met(status)
    const row = (await cell(object, feature.view)) as StoredRow | undefined
    const isKnown = status !== 'NOT_FOUND' && row !== undefined
    const hasTime = isKnown && feature.view.source.eventTime !== undefined
    return {
      name: feature.name,
      status,
      eventTime: hasTime ? formatTimestamp(row.header.eventMicros) : null,
      ingestTime: isKnown ? formatTimestamp(row.header.ingestMicros) : null,
      ageSeconds: hasTime ? (nowMicros - row.header.eventMicros) / 1_000_000 : null,
      view: feature.view.name,
      version: feature.view.version,
    }
  }

  // Columns

  async function role({ service, rows }: ServiceAnswer, index: number, info: GraphQLResolveInfo): Promise<RoleAnswer> {
    const { name, entity } = service.roles[index]!
    const needed = new Set<RegistryBatchView>()
    let firstList: readonly string[] | undefined
    const typeName = namedType(info)
    for (const field of selectedFields(typeName, info.fieldNodes, info)) {
      const meaning = schema.meanings.get(`${typeName}.${field.name}`)
      if (meaning?.kind !== 'column') continue
      const list = firstListOf(field.typeName(schema.schema, typeName), field.nodes, info)
      if (list === undefined) continue
      firstList ??= [field.responseKey, list]
      addNeeds(meaning.feature, needed)
    }
    const objects = await Promise.all(
      rows.map(async (row) => {
        const key = row[name] as Readonly<Record<string, unknown>>
        return inPlace(
          (async () =>
            readable(
              objectOf(
                entity,
                entity.keys.map((column) => key[column.name]),
              ),
              needed,
            ))(),
        )
      }),
    )
    return { kind: 'role', rows, objects, firstList }
  }

  function firstListOf(typeName: string, nodes: readonly FieldNode[], info: GraphQLResolveInfo): string | undefined {
    return selectedFields(typeName, nodes, info).find(({ name }) => name !== '__typename')?.responseKey
  }

  function column(of: RoleAnswer, feature: RegistryFeature, info: GraphQLResolveInfo): ColumnAnswer {
    return { kind: 'column', feature, role: of, firstList: firstListOf(namedType(info), info.fieldNodes, info) }
  }

  function columnList(
    of: ColumnAnswer,
    part: 'value' | 'status',
    info: GraphQLResolveInfo,
  ): Promise<readonly unknown[]> {
    const [columnKey, listKey] = [info.path.prev!.key, info.path.key]
    const tellsRows = of.role.firstList?.[0] === columnKey && of.role.firstList[1] === listKey
    const tellsOwn = of.firstList === listKey
    return Promise.all(
      of.role.objects.map(async (object, index) => {
        if (object instanceof Error) return tellsRows ? object : null
        try {
          const { value, status } = await served(object, of.feature, of.role.rows[index]!)
          noteServed(of.feature, part === 'value' ? value : null, status)
          return part === 'value' ? leafOf(of.feature, value) : status
        } catch (error) {
          return tellsOwn ? error : null
        }
      }),
    )
  }
}

/** Keeps a failure in its place, where graphql-js makes one error of it. */
function inPlace<T>(promise: Promise<T>): Promise<T | Error> {
  return promise.catch((error: unknown) => error as Error)
}

function namedFeatures(entity: RegistryEntity, names: unknown): readonly StoredFeature[] {
  const all = entity.features.filter((feature) => feature.kind === 'stored')
  if (names === undefined || names === null) return all
  return (names as readonly string[]).map((name) => all.find((feature) => feature.name === name)!)
}

function namedType(info: GraphQLResolveInfo): string {
  return String(info.returnType).replaceAll(/[[\]!]/g, '')
}

function depthOf(info: GraphQLResolveInfo): number {
  let depth = 0
  for (let path = info.path.prev; path !== undefined; path = path.prev) if (typeof path.key === 'string') depth += 1
  return depth
}

/** The value that a scalar serializes: JSON of the wire text. */
function leafOf(feature: RegistryFeature, value: unknown): unknown {
  const text = encodeWire(feature, value)
  if (text instanceof WireProblem) throw new GraphQLError(text.reason)
  const leaf: unknown = JSON.parse(text)
  if (feature.dtype.kind !== 'vector' || leaf === null) return leaf
  return { dimensions: feature.dtype.dimensions, values: [...(value as Float32Array)], base64F32: leaf }
}
