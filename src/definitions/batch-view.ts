import type { Duration } from '../lib/duration.ts'
import type { AnyEntity } from './entity.ts'
import { deepFreeze } from './freeze.ts'
import type { SourceDefinition, StaticTableDefinition } from './sources.ts'
import type { DefinitionTypeError } from './type-error.ts'
import { type FeatureColumns, type ViewFeatures, viewFeatures } from './view-feature.ts'

/** When `materialize --due` runs a view: at every `offset + n x every` since 1970, once `availableAfter` has passed. All UTC. */
export interface Schedule {
  readonly every: Duration
  /** Default `'0s'`. */
  readonly offset?: Duration
  /** How long after the instant the source's rows are complete. Default `'0s'`. */
  readonly availableAfter?: Duration
}

/** Columns of a table source as features of an entity. */
export interface BatchViewDefinition<
  Name extends string = string,
  E extends AnyEntity = AnyEntity,
  Columns extends FeatureColumns = FeatureColumns,
> {
  readonly kind: 'batchView'
  readonly name: Name
  readonly version: number
  readonly entity: E
  readonly source: SourceDefinition
  readonly ttl: Duration | undefined
  readonly retention: Duration | undefined
  readonly schedule: Schedule | undefined
  readonly maxStaleness: Duration | undefined
  readonly staleIfError: boolean
  readonly description: string | undefined
  readonly owner: string | undefined
  readonly tags: readonly string[]
  readonly features: ViewFeatures<E['name'], Columns>
}

type CheckedColumns<E extends AnyEntity, Columns> = {
  readonly [K in keyof Columns]: K extends keyof E['keys']
    ? DefinitionTypeError<`'${K & string}' is a key of ${E['name']}; a feature needs a name of its own`>
    : Columns[K]
}

type CheckedSource<E extends AnyEntity, Source extends SourceDefinition> = string extends keyof Source['keys']
  ? Source
  : [keyof Source['keys']] extends [keyof E['keys']]
    ? Source
    : DefinitionTypeError<`'${Exclude<keyof Source['keys'], keyof E['keys']> & string}' is not a key of ${E['name']}`>

interface BatchViewOptions<E extends AnyEntity, Source extends SourceDefinition, Columns extends FeatureColumns> {
  readonly entity: E
  readonly source: Source & CheckedSource<E, Source>
  readonly features: Columns & CheckedColumns<E, Columns>
  /** How old a row may be and still be served, both ends inclusive (SPEC V1). Default: rows never grow old. */
  readonly ttl?: Source extends StaticTableDefinition
    ? DefinitionTypeError<'a staticTable has no time, so no ttl'>
    : Duration
  /** How long after `ttl` a row is still known (status OUTSIDE_MAX_AGE, value withheld). Default: the ttl again. */
  readonly retention?: Source extends StaticTableDefinition
    ? DefinitionTypeError<'a staticTable has no time, so no retention'>
    : Duration
  /** When `materialize --due` runs it. Default: at each call. */
  readonly schedule?: Schedule
  /** How old a copy in a cache may be and still be served, by the machine's time. Default: as the cache's `ttl` says. */
  readonly maxStaleness?: Duration
  /**
   * Whether a copy that is older than the cache's `ttl` is served, marked as stale and never beyond `maxStaleness`, while the store
   * cannot be read. Needs `maxStaleness`. Default false.
   */
  readonly staleIfError?: boolean
  /** Raised by every breaking change (SPEC S2). Default 1. */
  readonly version?: number
  readonly description?: string
  readonly owner?: string
  readonly tags?: readonly string[]
}

/**
 * Declares a view of stored features.
 * @param name unique in the deployment; part of the storage layout
 */
export function batchView<
  const Name extends string,
  E extends AnyEntity,
  Source extends SourceDefinition,
  const Columns extends FeatureColumns,
>(name: Name, options: BatchViewOptions<E, Source, Columns>): BatchViewDefinition<Name, E, Columns> {
  return deepFreeze({
    kind: 'batchView',
    name,
    version: options.version ?? 1,
    entity: options.entity,
    source: options.source,
    ttl: options.ttl as Duration | undefined,
    retention: options.retention as Duration | undefined,
    schedule: options.schedule,
    maxStaleness: options.maxStaleness,
    staleIfError: options.staleIfError ?? false,
    description: options.description,
    owner: options.owner,
    tags: options.tags ?? [],
    features: viewFeatures(options.entity.name as E['name'], name, options.features as Columns),
  })
}
