import type { Dtype, EnumDtype, ScalarDtype } from './dtypes.ts'
import { deepFreeze } from './freeze.ts'

declare const value: unique symbol

/** What every feature may say of itself; all of it is data, carried into the schema, the catalogue and the storage layout. */
export interface FeatureOptions<Value> {
  /** Shown in the GraphQL schema and the catalogue. */
  readonly description?: string
  /** Whether stored rows may hold null. Default true. `false` rejects such rows; the GraphQL field is nullable either way (SPEC K3). */
  readonly nullable?: boolean
  /** Served wherever the status is not PRESENT (SPEC V5). Default: null is served. */
  readonly default?: Value
  /** Default: the view's. */
  readonly tags?: readonly string[]
  /** Who answers for it. Default: the view's. */
  readonly owner?: string
  /** Why it should no longer be used; makes the GraphQL field `@deprecated`. */
  readonly deprecated?: string
  /** Access scopes, kept as data. Default: none. */
  readonly scopes?: readonly string[]
  /** The source's column. Default: the feature's own name. */
  readonly column?: string
}

/** What only floats may say. */
export interface FloatOptions {
  /** `'string'` serves NaN and the infinities as strings through the scalar `ExtendedFloat`. Default `'null'`: they are null (SPEC S3). */
  readonly nonFinite?: 'null' | 'string'
}

/** What only join keys may say. */
export interface KeyOptions {
  /** The GraphQL type of the key's field and argument. Default `'ID'`. */
  readonly graphqlType?: 'ID' | 'String' | 'Int64'
}

/** A feature (or key column) as it was declared. `Total` is true where a default makes every served value non-null. */
export interface FeatureDefinition<D extends Dtype = Dtype, Value = unknown, Total extends boolean = boolean> {
  readonly kind: 'feature'
  readonly dtype: D
  readonly description: string | undefined
  readonly nullable: boolean
  readonly default: Value | undefined
  readonly tags: readonly string[] | undefined
  readonly owner: string | undefined
  readonly deprecated: string | undefined
  readonly scopes: readonly string[]
  readonly column: string | undefined
  readonly nonFinite: 'null' | 'string'
  readonly graphqlType: 'ID' | 'String' | 'Int64' | undefined
  /** Types only; never there at run time. */
  readonly [value]?: { readonly value: Value; readonly total: Total }
}

/** The JavaScript type of a feature's non-null values. */
export type ValueOf<F> = F extends FeatureDefinition<Dtype, infer Value, boolean> ? Value : never

/** The JavaScript type of what is served for a feature: `Value | null`, or `Value` where a default makes it total. */
export type ServedValueOf<F> =
  F extends FeatureDefinition<Dtype, infer Value, infer Total> ? (Total extends true ? Value : Value | null) : never

interface FeatureBuilder<D extends Dtype, Value, Extra = unknown> {
  (options: FeatureOptions<Value> & Extra & { readonly default: Value }): FeatureDefinition<D, Value, true>
  (options?: FeatureOptions<Value> & Extra): FeatureDefinition<D, Value, false>
}

type AnyOptions = FeatureOptions<unknown> & FloatOptions & KeyOptions

function declareFeature<D extends Dtype, Value>(
  dtype: D,
  options: AnyOptions = {},
): FeatureDefinition<D, Value, never> {
  return deepFreeze({
    kind: 'feature',
    dtype,
    description: options.description,
    nullable: options.nullable ?? true,
    default: options.default as Value | undefined,
    tags: options.tags,
    owner: options.owner,
    deprecated: options.deprecated,
    scopes: options.scopes ?? [],
    column: options.column,
    nonFinite: options.nonFinite ?? 'null',
    graphqlType: options.graphqlType,
  })
}

function builder<D extends Dtype, Value, Extra = unknown>(dtype: D): FeatureBuilder<D, Value, Extra> {
  return ((options?: AnyOptions) => declareFeature<D, Value>(dtype, options)) as FeatureBuilder<D, Value, Extra>
}

/** `boolean`; GraphQL `Boolean`. */
export const bool = builder<{ kind: 'bool' }, boolean>({ kind: 'bool' })
/** A whole `number` from -2^31 to 2^31-1; GraphQL `Int`. */
export const int32 = builder<{ kind: 'int32' }, number>({ kind: 'int32' })
/** A `bigint` of 64 bits; GraphQL `Int64`, a string on the wire always (SPEC S3). May be a join key. */
export const int64 = builder<{ kind: 'int64' }, bigint, KeyOptions>({ kind: 'int64' })
/** A `number` rounded to float32; GraphQL `Float`, the double nearest to it. */
export const float32 = builder<{ kind: 'float32' }, number, FloatOptions>({ kind: 'float32' })
/** A `number`; GraphQL `Float`. */
export const float64 = builder<{ kind: 'float64' }, number, FloatOptions>({ kind: 'float64' })
/** A `string` of well-formed Unicode; GraphQL `String`. May be a join key. */
export const string = builder<{ kind: 'string' }, string, KeyOptions>({ kind: 'string' })
/** A `string` in the canonical form of RFC 9562 (lower case, hyphens); GraphQL `ID`. Mostly a join key. */
export const uuid = builder<{ kind: 'uuid' }, string, KeyOptions>({ kind: 'uuid' })
/** A `number` of microseconds since 1970 in UTC; GraphQL `Timestamp`, RFC 3339 on the wire (SPEC T1). */
export const timestamp = builder<{ kind: 'timestamp' }, number>({ kind: 'timestamp' })
/** A `Uint8Array`; GraphQL `Bytes`, base64 on the wire. */
export const bytes = builder<{ kind: 'bytes' }, Uint8Array>({ kind: 'bytes' })
/** Any JSON value but a bare null; GraphQL `JSON`. */
export const json = builder<{ kind: 'json' }, unknown>({ kind: 'json' })

/**
 * One of a few names; a GraphQL enum called `name`. `members` are legal GraphQL enum values, at least one.
 * @example enumOf('Season', ['WINTER', 'SPRING', 'SUMMER', 'AUTUMN'], { default: 'WINTER' })
 */
export function enumOf<const Member extends string>(
  name: string,
  members: readonly Member[],
  options: FeatureOptions<NoInfer<Member>> & { readonly default: NoInfer<Member> },
): FeatureDefinition<EnumDtype, Member, true>
export function enumOf<const Member extends string>(
  name: string,
  members: readonly Member[],
  options?: FeatureOptions<NoInfer<Member>>,
): FeatureDefinition<EnumDtype, Member, false>
export function enumOf(name: string, members: readonly string[], options?: FeatureOptions<string>): unknown {
  return declareFeature({ kind: 'enum', name, members }, options)
}

/**
 * A `Float32Array` of exactly `dimensions` finite numbers (an embedding), 1 to 65,536; GraphQL `FloatVector`,
 * whose `values` are expanded only when they are asked for.
 */
export function vector(
  dimensions: number,
  options: FeatureOptions<Float32Array> & { readonly default: Float32Array },
): FeatureDefinition<{ kind: 'vector'; dimensions: number }, Float32Array, true>
export function vector(
  dimensions: number,
  options?: FeatureOptions<Float32Array>,
): FeatureDefinition<{ kind: 'vector'; dimensions: number }, Float32Array, false>
export function vector(dimensions: number, options?: FeatureOptions<Float32Array>): unknown {
  return declareFeature({ kind: 'vector', dimensions }, options)
}

/** A list of scalars, which may be null one by one; GraphQL `[T]`. Of the element only its dtype and `nonFinite` count. */
export function list<D extends ScalarDtype, Element>(
  of: FeatureDefinition<D, Element, boolean>,
  options: FeatureOptions<readonly (Element | null)[]> & { readonly default: readonly (Element | null)[] },
): FeatureDefinition<{ kind: 'list'; of: D }, readonly (Element | null)[], true>
export function list<D extends ScalarDtype, Element>(
  of: FeatureDefinition<D, Element, boolean>,
  options?: FeatureOptions<readonly (Element | null)[]>,
): FeatureDefinition<{ kind: 'list'; of: D }, readonly (Element | null)[], false>
export function list(of: FeatureDefinition, options: FeatureOptions<readonly unknown[]> = {}): unknown {
  return declareFeature({ kind: 'list', of: of.dtype as ScalarDtype }, { ...options, nonFinite: of.nonFinite })
}
