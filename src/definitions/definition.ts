import type { BatchViewDefinition } from './batch-view.ts'
import type { AnyEntity } from './entity.ts'
import type { ServedValueOf } from './feature.ts'
import type { FeatureServiceDefinition } from './feature-service.ts'
import type { AnyOnDemandView } from './on-demand-view.ts'
import type { ViewFeature } from './view-feature.ts'

/** Everything that a config may list. */
export type Definition =
  | AnyEntity
  | BatchViewDefinition<string, AnyEntity, any>
  | AnyOnDemandView
  | FeatureServiceDefinition<string, any>

/** What a view serves for one entity: `FeaturesOf<typeof airportDaily>` is `{ departures7d: number | null; ... }`. */
export type FeaturesOf<V extends { readonly features: Readonly<Record<string, ViewFeature>> }> = {
  readonly [K in keyof V['features']]: ServedValueOf<V['features'][K]['definition']>
}

const KINDS: ReadonlySet<unknown> = new Set(['entity', 'batchView', 'onDemandView', 'featureService'])

/** Whether a value (an export of a definitions file, say) is a definition. */
export function isDefinition(value: unknown): value is Definition {
  return typeof value === 'object' && value !== null && 'kind' in value && KINDS.has(value.kind)
}
