import type { Dtype } from './dtypes.ts'
import type { FeatureDefinition } from './feature.ts'

/** A feature as a view holds it: what `airportDaily.features.departures7d` is, and what services and on-demand inputs name. */
export interface ViewFeature<
  EntityName extends string = string,
  F extends FeatureDefinition<Dtype, any, boolean> = FeatureDefinition<Dtype, any, boolean>,
> {
  readonly kind: 'viewFeature'
  readonly entity: EntityName
  readonly view: string
  readonly name: string
  readonly definition: F
}

export type FeatureColumns = Readonly<Record<string, FeatureDefinition<Dtype, any, boolean>>>

export type ViewFeatures<EntityName extends string, Columns extends FeatureColumns> = {
  readonly [K in keyof Columns]: ViewFeature<EntityName, Columns[K]>
}

export function viewFeatures<EntityName extends string, Columns extends FeatureColumns>(
  entity: EntityName,
  view: string,
  columns: Columns,
): ViewFeatures<EntityName, Columns> {
  const features = Object.entries(columns).map(([name, definition]) => [
    name,
    Object.freeze({ kind: 'viewFeature', entity, view, name, definition }),
  ])
  return Object.freeze(Object.fromEntries(features))
}
