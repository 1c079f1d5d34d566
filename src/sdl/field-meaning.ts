import type { RegistryEntity, RegistryFeature, RegistryReference, RegistryService } from '../registry/registry.ts'

/**
 * What a field of the schema means, found by `Type.field` (entity types and their `...Features` interfaces alike). The planner
 * asks this instead of reading names. Fields that are not in the map (`__schema`, `__type`, `_service`) are graphql-js's.
 */
export type FieldMeaning =
  /** `Query.airport(iata:)`: the arguments are the key columns. */
  | { readonly kind: 'entityByKey'; readonly entity: RegistryEntity }
  /** `Query.airports(keys:)`. */
  | { readonly kind: 'entitiesByKeys'; readonly entity: RegistryEntity }
  /** `Query._entities(representations:)`. */
  | { readonly kind: 'representations' }
  /** `Query.delayModelV1(rows:)`. */
  | { readonly kind: 'service'; readonly service: RegistryService }
  | { readonly kind: 'key'; readonly index: number }
  | { readonly kind: 'feature'; readonly feature: RegistryFeature }
  | { readonly kind: 'reference'; readonly reference: RegistryReference }
  /** `Airport.featureInfo(names:)`. */
  | { readonly kind: 'featureInfo'; readonly entity: RegistryEntity }
  | { readonly kind: 'featureInfoField'; readonly field: FeatureInfoField }
  | { readonly kind: 'vectorField'; readonly field: 'dimensions' | 'values' | 'base64F32' }
  | { readonly kind: 'rowCount' }
  | { readonly kind: 'role'; readonly roleIndex: number }
  | { readonly kind: 'column'; readonly feature: RegistryFeature }
  | { readonly kind: 'columnValues' }
  | { readonly kind: 'columnStatuses' }

/** Fields of `FeatureInfo`. Times and age are null where the status is NOT_FOUND; event time and age also for static tables. */
export type FeatureInfoField =
  | 'name'
  | 'status'
  | 'eventTime'
  | 'ingestTime'
  | 'ageSeconds'
  | 'view'
  | 'version'
  | 'stale'
