import type { Dtype, KeyDtype } from '../definitions/dtypes.ts'
import { namedTypesOf, spelledOutArgument } from './arguments.ts'
import type {
  Registry,
  RegistryArgument,
  RegistryBatchView,
  RegistryEntity,
  RegistryFeature,
  RegistryOnDemandView,
  RegistrySchedule,
  RegistryService,
  RegistrySource,
} from './registry.ts'
import { fingerprintOf, toPlain } from './stable-json.ts'

/** A registry as plain JSON data: what `apply` records, and what two registries are compared by. Absent things are null. */
export interface RegistrySnapshot {
  /** Of this form; a reader refuses one that it does not know. */
  readonly format: 1
  readonly name: string
  readonly fingerprint: string
  readonly prefix: string
  readonly entities: readonly EntitySnapshot[]
  readonly services: readonly ServiceSnapshot[]
}

export interface EntitySnapshot {
  readonly name: string
  readonly fieldName: string
  readonly pluralFieldName: string
  readonly description: string | null
  readonly keys: readonly KeySnapshot[]
  readonly references: readonly ReferenceSnapshot[]
  readonly batchViews: readonly BatchViewSnapshot[]
  readonly onDemandViews: readonly OnDemandViewSnapshot[]
  /** Names of all features in the schema's order. */
  readonly features: readonly string[]
}

export interface KeySnapshot {
  readonly name: string
  readonly dtype: KeyDtype
  readonly graphqlType: 'ID' | 'String' | 'Int64'
  readonly description: string | null
}

export interface ReferenceSnapshot {
  readonly name: string
  readonly description: string | null
  readonly target: string
  /** For each key of the target `key origin` or `feature homeAirport`. */
  readonly keys: readonly string[]
}

export interface FeatureSnapshot {
  readonly name: string
  /** Null for on-demand features. */
  readonly column: string | null
  readonly dtype: Dtype
  readonly nonFinite: 'null' | 'string'
  readonly description: string | null
  readonly nullable: boolean
  /** In the form of `toPlain`; null where none is declared. */
  readonly default: unknown
  readonly tags: readonly string[]
  readonly owner: string | null
  readonly deprecated: string | null
  readonly scopes: readonly string[]
}

interface ViewSnapshotBase {
  readonly name: string
  readonly version: number
  readonly id: string
  readonly fingerprint: string
  readonly description: string | null
  readonly owner: string | null
  readonly tags: readonly string[]
  readonly features: readonly FeatureSnapshot[]
}

export interface BatchViewSnapshot extends ViewSnapshotBase {
  readonly kind: 'batch'
  readonly source: RegistrySource
  readonly ttlMicros: number | null
  readonly retentionMicros: number | null
  readonly schedule: RegistrySchedule | null
  /** Undefined in snapshots of deployments that had no caches yet; so is `staleIfError`. */
  readonly maxStalenessMicros?: number | null
  readonly staleIfError?: boolean
}

export interface OnDemandViewSnapshot extends ViewSnapshotBase {
  readonly kind: 'onDemand'
  /** `property = view.feature` each. */
  readonly inputs: readonly string[]
  readonly whenMissing: 'null' | 'call'
  readonly args: readonly ArgumentSnapshot[]
  /** Fingerprint of the function's text. */
  readonly code: string
}

export interface ArgumentSnapshot {
  readonly name: string
  /** What it takes, with enums and objects spelled out: `enum(KM, MI) = "KM"`. */
  readonly type: string
  /** The names of its enums and objects. */
  readonly typeNames: readonly string[]
  /** True where GraphQL demands it. */
  readonly required: boolean
  readonly description: string | null
}

export interface ServiceSnapshot {
  readonly name: string
  readonly version: number
  readonly fingerprint: string
  readonly fieldName: string
  readonly description: string | null
  readonly owner: string | null
  readonly tags: readonly string[]
  readonly roles: readonly { readonly name: string; readonly entity: string; readonly features: readonly string[] }[]
  readonly rowArgs: readonly ArgumentSnapshot[]
}

/** A snapshot survives JSON unchanged. */
export function snapshotOf(registry: Registry): RegistrySnapshot {
  return { fingerprint: registry.fingerprint, ...snapshotContent(registry) }
}

/** A snapshot but for the fingerprint, which is made of it. */
export function snapshotContent(registry: Omit<Registry, 'fingerprint'>): Omit<RegistrySnapshot, 'fingerprint'> {
  const { name, prefix, entities, services } = registry
  return { format: 1, name, prefix, entities: entities.map(entitySnapshot), services: services.map(serviceSnapshot) }
}

function entitySnapshot(entity: RegistryEntity): EntitySnapshot {
  const { name, fieldName, pluralFieldName, description, keys, references } = entity
  return {
    ...{ name, fieldName, pluralFieldName, description: description ?? null },
    keys: keys.map((key) => ({ ...key, description: key.description ?? null })),
    references: references.map((reference) => ({
      name: reference.name,
      description: reference.description ?? null,
      target: reference.target.name,
      keys: reference.keys.map((key) =>
        key.from === 'key' ? `key ${keys[key.index]!.name}` : `feature ${key.feature.name}`,
      ),
    })),
    batchViews: entity.batchViews.map(batchViewSnapshot),
    onDemandViews: entity.onDemandViews.map(onDemandViewSnapshot),
    features: entity.features.map((feature) => feature.name),
  }
}

function viewBase(view: RegistryBatchView | RegistryOnDemandView): ViewSnapshotBase {
  const { name, version, id, fingerprint, description, owner, tags, features } = view
  return {
    ...{ name, version, id, fingerprint, tags },
    description: description ?? null,
    owner: owner ?? null,
    features: features.map(featureSnapshot),
  }
}

function featureSnapshot(feature: RegistryFeature): FeatureSnapshot {
  const { name, dtype, nonFinite, nullable, tags, scopes } = feature
  return {
    ...{ name, dtype, nonFinite, nullable, tags, scopes },
    column: feature.kind === 'stored' ? feature.column : null,
    description: feature.description ?? null,
    default: toPlain(feature.default),
    owner: feature.owner ?? null,
    deprecated: feature.deprecated ?? null,
  }
}

function batchViewSnapshot(view: RegistryBatchView): BatchViewSnapshot {
  return {
    ...viewBase(view),
    kind: 'batch',
    source: toPlain(view.source) as RegistrySource,
    ttlMicros: view.ttlMicros ?? null,
    retentionMicros: view.retentionMicros ?? null,
    schedule: view.schedule ?? null,
    maxStalenessMicros: view.maxStalenessMicros ?? null,
    staleIfError: view.staleIfError,
  }
}

function onDemandViewSnapshot(view: RegistryOnDemandView): OnDemandViewSnapshot {
  return {
    ...viewBase(view),
    kind: 'onDemand',
    inputs: view.inputs.map(({ name, feature }) => `${name} = ${feature.view.name}.${feature.name}`),
    whenMissing: view.whenMissing,
    args: view.args.map(argumentSnapshot),
    code: fingerprintOf(view.compute.toString()),
  }
}

function argumentSnapshot(argument: RegistryArgument): ArgumentSnapshot {
  const { name, required, description } = argument
  return {
    ...{ name, required, description: description ?? null },
    type: spelledOutArgument(argument),
    typeNames: namedTypesOf([argument]).map((type) => type.name),
  }
}

function serviceSnapshot(service: RegistryService): ServiceSnapshot {
  const { name, version, fingerprint, fieldName, description, owner, tags, roles, rowArgs } = service
  return {
    ...{ name, version, fingerprint, fieldName, tags },
    description: description ?? null,
    owner: owner ?? null,
    roles: roles.map((role) => ({
      name: role.name,
      entity: role.entity.name,
      features: role.features.map((feature) => feature.name),
    })),
    rowArgs: rowArgs.map(argumentSnapshot),
  }
}
