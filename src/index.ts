export { batchView, type BatchViewDefinition, type Schedule } from './definitions/batch-view.ts'
export type { Definition, FeaturesOf } from './definitions/definition.ts'
export { entity, type EntityDefinition, heldBy, type KeyOf, ref } from './definitions/entity.ts'
export {
  bool,
  bytes,
  enumOf,
  type FeatureDefinition,
  type FeatureOptions,
  float32,
  float64,
  int32,
  int64,
  json,
  list,
  string,
  timestamp,
  uuid,
  vector,
} from './definitions/feature.ts'
export { featureService, type FeatureServiceDefinition } from './definitions/feature-service.ts'
export { type ComputeContext, onDemandView, type OnDemandViewDefinition } from './definitions/on-demand-view.ts'
export { staticTable, type StaticTableDefinition, tableSource, type TableSourceDefinition } from './definitions/sources.ts'
export type { ViewFeature } from './definitions/view-feature.ts'
export { type ErrorCode, FieldstoneError, FieldstoneErrors } from './errors.ts'
export { type Clock, fixedClock, systemClock } from './lib/clock.ts'
export type { Duration } from './lib/duration.ts'
export { type DeploymentConfigInput, defineConfig } from './registry/config.ts'
export { env, type EnvReference } from './registry/env.ts'
export { duckdb, type DuckdbOptions } from './stores/offline/duckdb.ts'
export { lmdb, type LmdbOptions } from './stores/online/lmdb.ts'
