/** The kinds of value a feature may hold, as data. JavaScript values of each are given in `feature.ts` by its builders. */
export type ScalarDtype =
  | { readonly kind: 'bool' }
  | { readonly kind: 'int32' }
  | { readonly kind: 'int64' }
  | { readonly kind: 'float32' }
  | { readonly kind: 'float64' }
  | { readonly kind: 'string' }
  | { readonly kind: 'uuid' }
  | { readonly kind: 'timestamp' }
  | { readonly kind: 'bytes' }
  | { readonly kind: 'json' }
  | EnumDtype

/** A real GraphQL enum. One name means one list of members in a deployment. */
export interface EnumDtype {
  readonly kind: 'enum'
  readonly name: string
  readonly members: readonly string[]
}

/** A fixed number of finite float32, stored as little-endian base64. */
export interface VectorDtype {
  readonly kind: 'vector'
  readonly dimensions: number
}

/** Any number of scalars, nulls among them. */
export interface ListDtype {
  readonly kind: 'list'
  readonly of: ScalarDtype
}

export type Dtype = ScalarDtype | VectorDtype | ListDtype

/** The dtypes that a join key may have (SPEC K1). */
export type KeyDtype = { readonly kind: 'string' } | { readonly kind: 'int64' } | { readonly kind: 'uuid' }

/** A dtype as a person writes it: `int32`, `enum Season`, `vector(3)`, `list(string)`. */
export function describeDtype(dtype: Dtype): string {
  switch (dtype.kind) {
    case 'enum':
      return `enum ${dtype.name}`
    case 'vector':
      return `vector(${dtype.dimensions})`
    case 'list':
      return `list(${describeDtype(dtype.of)})`
    default:
      return dtype.kind
  }
}
