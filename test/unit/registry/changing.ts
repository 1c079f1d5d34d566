import { type FeatureDefinition, string } from '../../../src/definitions/feature.ts'
import { tableSource } from '../../../src/definitions/sources.ts'
import { viewFeatures } from '../../../src/definitions/view-feature.ts'
import { js } from './closing.ts'
import { network } from './network.ts'

/** A change of the network, and every difference that it makes. */
export interface Change {
  readonly change: string
  /** Put over the definitions of the network; undefined takes one out. */
  readonly definitions?: Readonly<Record<string, unknown>>
  readonly prefix?: string
  readonly name?: string
  /** `safety kind subject: description` each; `+ destructive` and `+ permission` after the safety where it is so. */
  readonly differences: readonly string[]
}

/** The network before any change. */
export const before = network()
const { airportDaily, delayModelV1, route, routeDaily } = before

export type Columns = Readonly<Record<string, FeatureDefinition<any, any, any> | undefined>>

/** The view with some columns put over its own; undefined takes one out. */
export function withColumns(
  view: { readonly name: string; readonly entity: { readonly name: string }; readonly features: object },
  columns: Columns,
  more: object = {},
) {
  const own = Object.entries(view.features).map(([name, { definition }]) => [name, definition])
  const all = Object.entries({ ...Object.fromEntries(own), ...columns }).filter(([, column]) => column !== undefined)
  return { ...view, ...more, features: viewFeatures(view.entity.name, view.name, js(Object.fromEntries(all))) }
}

export const otherSql = tableSource({ sql: 'select 1', eventTime: 'asOf', ingestTime: 'storedAt', tieBreaker: 'seq' })
export const service = (changes: object) => ({ delayModelV1: { ...delayModelV1, ...changes } })
export const daily = (columns: Columns, more?: object) => ({ airportDaily: withColumns(airportDaily, columns, more) })

/** Routes by day too, in every definition that holds them. */
export function withDay(version: number) {
  const byDay = { ...route, keys: { ...route.keys, day: string() } }
  return {
    route: byDay,
    routeDaily: { ...routeDaily, entity: byDay, version },
    ...service({ roles: { ...delayModelV1.roles, route: byDay } }),
  }
}
