import { type GraphQLFormattedError, type GraphQLObjectType, parse } from 'graphql'
import type { Definition } from '../definitions/definition.ts'
import type { Dtype } from '../definitions/dtypes.ts'
import type { AnyEntity } from '../definitions/entity.ts'
import { featureService } from '../definitions/feature-service.ts'
import type { AnyOnDemandView } from '../definitions/on-demand-view.ts'
import type { ViewFeature } from '../definitions/view-feature.ts'
import { closeRegistry } from '../registry/close.ts'
import type { Registry, RegistryEntity, RegistryFeature } from '../registry/registry.ts'
import type { FieldstoneSchema } from '../sdl/schema.ts'
import type { FeatureStatus } from '../values/status.ts'
import { chooseFeatures, parseArguments } from './chosen-features.ts'
import { type KeyWords, parseKeyWords } from './key-words.ts'
import { findNamed } from './known-names.ts'
import type { Deployment } from './load-config.ts'
import type { Online } from './open-stores.ts'
import { servedBy } from './run-gateway.ts'

export interface FeaturesRequest {
  readonly entity: string
  /** As words of the command line. */
  readonly keys: readonly string[]
  /** Undefined: all whose arguments are given. */
  readonly features: readonly string[] | undefined
  /** JSON text of an object. */
  readonly args: string | undefined
}

/** What is served for one feature of one key. */
export interface FoundFeature {
  readonly name: string
  readonly value: unknown
  /** Null where there is an error. */
  readonly status: FeatureStatus | null
  /** RFC 3339; null for on-demand features, static tables and rows that are not there. */
  readonly eventTime: string | null
  readonly error: GraphQLFormattedError | undefined
}

export interface FoundRow {
  readonly entity: string
  readonly key: KeyWords
  readonly features: readonly FoundFeature[]
}

interface ColumnAnswer {
  readonly values: readonly unknown[]
  readonly statuses: readonly (FeatureStatus | null)[]
}

interface Answered {
  readonly errors?: readonly GraphQLFormattedError[]
  readonly data: {
    readonly service: { readonly role: Readonly<Record<string, ColumnAnswer>> }
    readonly entities: readonly ({
      readonly featureInfo: readonly { name: string; eventTime: string | null }[]
    } | null)[]
  }
}

/** Legal names that no deployment is likely to use. */
const SERVICE = 'fieldstoneGet'
const ROLE = 'fieldstoneEntity'

/**
 * Reads features as the gateway serves them: through a feature service made for this one question, since those answer with
 * a status for every feature, on-demand ones too. Throws NAME_UNKNOWN, KEY_INVALID and ARGUMENTS_INVALID.
 */
export async function readFeatures(
  deployment: Deployment,
  online: Online,
  request: FeaturesRequest,
): Promise<readonly FoundRow[]> {
  const entity = findNamed('entity', [request.entity], deployment.registry.entities)[0]!
  const keys = parseKeyWords(entity, request.keys)
  const args = parseArguments(request.args)
  const features = chooseFeatures(entity, request.features, args)
  const asked = withService(deployment, features)
  const { schema, serving } = servedBy(asked, online, false)
  const answer = await serving.execute({
    document: parse(operationText(asked.registry, schema, features)),
    variables: { keys, rows: keys.map((key) => ({ [ROLE]: key, ...args })) },
    nowMicros: deployment.config.clock.nowMicros(),
  })
  const answered = JSON.parse(Buffer.from(answer.body).toString('utf8')) as Answered
  return keys.map((key, row) => ({ entity: entity.name, key, features: foundFeatures(features, answered, row) }))
}

/** The deployment with one more service, which answers with exactly these features. */
function withService(deployment: Deployment, features: readonly RegistryFeature[]): Deployment {
  const { name, definitions, graphql } = deployment.config
  const entity = definitions.find((item) => item.kind === 'entity' && item.name === features[0]!.entity.name)
  const service = featureService(SERVICE, {
    roles: { [ROLE]: entity as AnyEntity },
    features: { [ROLE]: features.map((feature) => declaredFeature(definitions, feature)) },
  })
  const registry = closeRegistry({ name, definitions: [...definitions, service], prefix: graphql.prefix })
  return { ...deployment, registry }
}

function declaredFeature(definitions: readonly Definition[], feature: RegistryFeature): ViewFeature {
  const view = definitions.find(
    (item) => (item.kind === 'batchView' || item.kind === 'onDemandView') && item.name === feature.view.name,
  )
  return (view as AnyOnDemandView).features[feature.name]!
}

function operationText(registry: Registry, { schema }: FieldstoneSchema, features: readonly RegistryFeature[]): string {
  const service = registry.services.at(-1)!
  const { pluralFieldName } = registry.entities.find((item) => item.name === features[0]!.entity.name) as RegistryEntity
  const stored = features.filter((feature) => feature.kind === 'stored').map((feature) => feature.name)
  const query = schema.getQueryType()!
  return `query ($rows: ${argumentType(query, service.fieldName)}, $keys: ${argumentType(query, pluralFieldName)}) {
    service: ${service.fieldName}(rows: $rows) { role: ${ROLE} { ${features.map(columnText).join(' ')} } }
    entities: ${pluralFieldName}(keys: $keys) { featureInfo(names: [${stored.join(', ')}]) { name eventTime } }
  }`
}

function argumentType(query: GraphQLObjectType, field: string): string {
  return String(query.getFields()[field]!.args[0]!.type)
}

function columnText(feature: RegistryFeature): string {
  return `${feature.name} { values${feature.dtype.kind === 'vector' ? ' { values }' : ''} statuses }`
}

function foundFeatures(
  features: readonly RegistryFeature[],
  { data, errors = [] }: Answered,
  row: number,
): readonly FoundFeature[] {
  const times = new Map(data.entities[row]?.featureInfo.map((info) => [info.name, info.eventTime]))
  // An error of the whole row stands at its first feature alone, and is every feature's.
  const ofRow = errors.filter((error) => error.path?.[0] === 'service' && error.path[4] === row)
  return features.map(({ name, dtype }) => {
    const { values, statuses } = data.service.role[name]!
    const status = statuses[row] ?? null
    const error = status === null ? (ofRow.find((item) => item.path?.[2] === name) ?? ofRow[0]) : undefined
    return { name, value: plainValue(dtype, values[row]), status, eventTime: times.get(name) ?? null, error }
  })
}

/** A vector was asked for as `{ values }`. */
function plainValue(dtype: Dtype, value: unknown): unknown {
  if (value === null || value === undefined) return null
  return dtype.kind === 'vector' ? (value as { readonly values: unknown }).values : value
}
