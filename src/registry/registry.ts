import type { ZodObject } from 'zod'
import type { Dtype, EnumDtype, KeyDtype } from '../definitions/dtypes.ts'
import type { RowsFrom } from '../definitions/sources.ts'

/**
 * A deployment's definitions, closed (SPEC S1): every reference is resolved, every name legal and unique, every
 * duration in microseconds. Nothing in it is optional in meaning: `undefined` says "not declared".
 */
export interface Registry {
  /** Of the deployment; legal as a folder name. */
  readonly name: string
  /** SHA-256 over all that changes what is served, 16 hex digits. */
  readonly fingerprint: string
  /** Put before root fields, and capitalised before helper types, e.g. `geo_`; empty by default. */
  readonly prefix: string
  /** In declared order, as everything below. */
  readonly entities: readonly RegistryEntity[]
  readonly services: readonly RegistryService[]
  /** Every enum once. */
  readonly enums: readonly EnumDtype[]
}

export interface RegistryEntity {
  readonly name: string
  /** Root field for one key, e.g. `airport` (with the prefix). */
  readonly fieldName: string
  /** Root field for many keys, e.g. `airports` (with the prefix). */
  readonly pluralFieldName: string
  readonly description: string | undefined
  readonly keys: readonly RegistryKey[]
  readonly references: readonly RegistryReference[]
  readonly batchViews: readonly RegistryBatchView[]
  readonly onDemandViews: readonly RegistryOnDemandView[]
  /** Of all views, stored and on-demand, in the order of the schema. Names are unique. */
  readonly features: readonly RegistryFeature[]
}

export interface RegistryKey {
  readonly name: string
  readonly dtype: KeyDtype
  readonly graphqlType: 'ID' | 'String' | 'Int64'
  readonly description: string | undefined
}

export interface RegistryReference {
  readonly name: string
  readonly description: string | undefined
  readonly target: RegistryEntity
  /** One for each key of the target, in the target's order. */
  readonly keys: readonly ReferenceKey[]
}

export type ReferenceKey =
  | { readonly from: 'key'; readonly index: number }
  | { readonly from: 'feature'; readonly feature: StoredFeature }

interface FeatureBase {
  readonly name: string
  readonly entity: RegistryEntity
  readonly dtype: Dtype
  /** How NaN and the infinities are served; `'null'` for all but floats (and lists of floats) that ask for more. */
  readonly nonFinite: 'null' | 'string'
  readonly description: string | undefined
  readonly nullable: boolean
  /** JavaScript value of the dtype, checked; undefined where none is declared. */
  readonly default: unknown
  readonly tags: readonly string[]
  readonly owner: string | undefined
  readonly deprecated: string | undefined
  readonly scopes: readonly string[]
  /** Position among the features of its view. */
  readonly index: number
}

export interface StoredFeature extends FeatureBase {
  readonly kind: 'stored'
  readonly view: RegistryBatchView
  /** The source's column. */
  readonly column: string
}

export interface OnDemandFeature extends FeatureBase {
  readonly kind: 'onDemand'
  readonly view: RegistryOnDemandView
}

export type RegistryFeature = StoredFeature | OnDemandFeature

interface ViewBase {
  readonly name: string
  readonly version: number
  /** `name@version`: the view's name in storage. */
  readonly id: string
  readonly entity: RegistryEntity
  readonly description: string | undefined
  readonly owner: string | undefined
  readonly tags: readonly string[]
  /** SHA-256 over what may not change within a version (SPEC S2), 16 hex digits. */
  readonly fingerprint: string
}

export interface RegistryBatchView extends ViewBase {
  readonly kind: 'batch'
  readonly source: RegistrySource
  /** Undefined: rows never grow old. */
  readonly ttlMicros: number | undefined
  /** Undefined exactly where the ttl is. */
  readonly retentionMicros: number | undefined
  readonly schedule: RegistrySchedule | undefined
  /** How old a copy in a cache may be, by the machine's time. Undefined: the cache decides. */
  readonly maxStalenessMicros: number | undefined
  /** Whether such a copy may stand in, marked, where the store cannot be read. */
  readonly staleIfError: boolean
  readonly features: readonly StoredFeature[]
}

export interface RegistrySource {
  readonly from: RowsFrom
  /** The column of each key of the entity, in its order. */
  readonly keyColumns: readonly string[]
  /** Undefined: a static table (SPEC T3). */
  readonly eventTime: string | undefined
  readonly ingestTime: string | undefined
  readonly tieBreaker: string | undefined
  readonly deletedColumn: string | undefined
}

export interface RegistrySchedule {
  readonly everyMicros: number
  readonly offsetMicros: number
  readonly availableAfterMicros: number
}

export interface RegistryOnDemandView extends ViewBase {
  readonly kind: 'onDemand'
  /** In declared order. `name` is the property that `compute` sees. */
  readonly inputs: readonly { readonly name: string; readonly feature: RegistryFeature }[]
  readonly whenMissing: 'null' | 'call'
  /** Parses the view's own arguments; undefined where it takes none. */
  readonly argsSchema: ZodObject | undefined
  /** The view's own arguments. */
  readonly args: readonly RegistryArgument[]
  /** Its own arguments and those of its on-demand inputs, each name once: the arguments of its GraphQL fields. */
  readonly fieldArgs: readonly RegistryArgument[]
  readonly compute: (context: {
    readonly inputs: Readonly<Record<string, unknown>>
    readonly args: Readonly<Record<string, unknown>>
    readonly nowMicros: number
  }) => Readonly<Record<string, unknown>>
  readonly features: readonly OnDemandFeature[]
}

/** An argument as GraphQL sees it. Two arguments of one name are the same argument if and only if their `typeText` and default are equal. */
export interface RegistryArgument {
  readonly name: string
  readonly type: ArgumentType
  /** True where GraphQL demands it (`!`): neither optional nor with a default. */
  readonly required: boolean
  /** JavaScript value, undefined where none is declared. */
  readonly default: unknown
  readonly description: string | undefined
}

export type ArgumentType =
  | { readonly kind: 'String' | 'Float' | 'Int' | 'Boolean' }
  | { readonly kind: 'enum'; readonly name: string; readonly members: readonly string[] }
  | { readonly kind: 'list'; readonly of: ArgumentType; readonly elementRequired: boolean }
  | { readonly kind: 'object'; readonly name: string; readonly fields: readonly RegistryArgument[] }

export interface RegistryService {
  readonly name: string
  readonly version: number
  /** Root field, with the prefix. */
  readonly fieldName: string
  readonly description: string | undefined
  readonly owner: string | undefined
  readonly tags: readonly string[]
  readonly roles: readonly {
    readonly name: string
    readonly entity: RegistryEntity
    readonly features: readonly RegistryFeature[]
  }[]
  /** On-demand arguments of all roles, each name once: fields of the row input beside the roles. */
  readonly rowArgs: readonly RegistryArgument[]
  readonly fingerprint: string
}
