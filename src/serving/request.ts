import type { RegistryEntity, StoredFeature } from '../registry/registry.ts'
import type { FallbackAnswer } from './fallback.ts'
import type { Call, Calls } from './on-demand-calls.ts'
import type { EntitySelection, QueryPlan, RowSelection } from './plan.ts'
import { createRowSet, type ObjectOutcome, type RowObject, type RowSet } from './row-set.ts'

/** What a site's arguments came to in this request. An Error stands at each of the field's places. */
export type SiteOutcome = Error | Call | readonly StoredFeature[]

/** What a root field's arguments came to; undefined where it has none. An Error stands in the field's place. */
export type RootOutcome = undefined | Error | ObjectAtRoot | ObjectsAtRoot | RowsAtRoot | FallbackAnswer

/** The object of one key. */
export interface ObjectAtRoot {
  readonly kind: 'object'
  readonly object: ObjectOutcome
}

/** The objects of a list of keys or representations, in its order. */
export interface ObjectsAtRoot {
  readonly kind: 'objects'
  readonly objects: readonly ObjectOutcome[]
  /**
   * Of representations what is selected of each object, which hangs on its entity; undefined where there is no object.
   * Undefined as a whole where the field has one selection for all.
   */
  readonly selections: readonly (EntitySelection | undefined)[] | undefined
}

/** The rows of a feature service. */
export interface RowsAtRoot {
  readonly kind: 'rows'
  /** As coerced: roles' keys and on-demand arguments by name. */
  readonly rows: readonly Record<string, unknown>[]
  /** For each selected role its object in each row. */
  readonly roles: ReadonlyMap<RowSelection, readonly (RowObject | Error)[]>
}

/** Everything that one request finds out on its way from plan to answer. */
export interface RequestState {
  readonly plan: QueryPlan
  readonly nowMicros: number
  readonly calls: Calls
  /** By slot. */
  readonly sites: readonly SiteOutcome[]
  /** By place among the root fields. */
  readonly roots: readonly RootOutcome[]
  readonly objects: ObjectSet
  /** Whether any row that was read is a cache's copy, for the store could not be read. */
  hasStale: boolean
}

/** The objects of a request: for each selection one a row, however often it is referred to. */
export interface ObjectSet {
  /** Throws KEY_INVALID. */
  add(selection: RowSelection, key: readonly unknown[]): RowObject
  of(selection: RowSelection): readonly RowObject[]
}

/** An empty set for a plan of so many selections. */
export function createObjectSet(selectionCount: number): ObjectSet {
  const rowSets = new Map<RegistryEntity, RowSet>()
  const objects: RowObject[][] = []
  for (let id = 0; id < selectionCount; id += 1) objects.push([])
  const rowsOf = (entity: RegistryEntity): RowSet => {
    const known = rowSets.get(entity)
    if (known !== undefined) return known
    const rows = createRowSet(entity)
    rowSets.set(entity, rows)
    return rows
  }
  return {
    add: ({ id, entity }, key) => {
      const row = rowsOf(entity).find(key)
      const known = row.objects[id]
      if (known !== undefined) return known
      const object: RowObject = { row, failure: undefined, children: NO_CHILDREN }
      row.objects[id] = object
      objects[id]!.push(object)
      return object
    },
    of: ({ id }) => objects[id]!,
  }
}

const NO_CHILDREN: readonly ObjectOutcome[] = []

/** As `add`, with the refusal of a key as the outcome. */
export function objectOf(objects: ObjectSet, selection: RowSelection, key: readonly unknown[]): RowObject | Error {
  try {
    return objects.add(selection, key)
  } catch (error) {
    return error as Error
  }
}
