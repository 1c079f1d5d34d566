export { type BatchViewDefinition, batchView, type Schedule } from './definitions/batch-view.ts'
export type { Definition, FeaturesOf } from './definitions/definition.ts'
export type { EnumDtype } from './definitions/dtypes.ts'
export {
  type EntityDefinition,
  entity,
  type HeldBy,
  heldBy,
  type KeyOf,
  type ReferenceDefinition,
  ref,
} from './definitions/entity.ts'
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
export { type FeatureServiceDefinition, featureService } from './definitions/feature-service.ts'
export { type ComputeContext, type OnDemandViewDefinition, onDemandView } from './definitions/on-demand-view.ts'
export {
  type StaticTableDefinition,
  staticTable,
  type TableSourceDefinition,
  tableSource,
} from './definitions/sources.ts'
export type { ViewFeature } from './definitions/view-feature.ts'
export { type ErrorCode, FieldstoneError, FieldstoneErrors } from './errors.ts'
export { type Clock, fixedClock, systemClock } from './lib/clock.ts'
export type { Duration } from './lib/duration.ts'
export type { CompressionSettings } from './registry/compression-settings.ts'
export { type DeploymentConfigInput, defineConfig } from './registry/config.ts'
export { type EnvReference, env } from './registry/env.ts'
export type { Limits } from './registry/limits.ts'
export type { OperationUsage, ReportUsage, UsageDurations } from './registry/operation-usage.ts'
export type { StoreGuardSettings } from './registry/store-guard-settings.ts'
export { type DuckdbOptions, duckdb } from './stores/offline/duckdb.ts'
export type { OfflineDriver } from './stores/offline/offline-store.ts'
export { type BigtableOptions, bigtable } from './stores/online/bigtable.ts'
export { type CacheOptions, cache } from './stores/online/cache.ts'
export { type LmdbOptions, lmdb } from './stores/online/lmdb.ts'
export { type MemoryOptions, memory } from './stores/online/memory.ts'
export type { OnlineDriver } from './stores/online/online-store.ts'
export { type RedisOptions, type RedisTlsOptions, redis } from './stores/online/redis.ts'
export { type TestedFeature, testOnDemand } from './testing/test-on-demand.ts'
export { type SourceRow, type TestedKey, testView } from './testing/test-view.ts'
