import type { RegistryEntity, StoredFeature } from '../registry/registry.ts'
import type { FallbackAnswer } from './fallback.ts'
import type { Call, Calls } from './on-demand-calls.ts'
import type { EntitySelection, QueryPlan, RowSelection } from './plan.ts'
import { createRowSet, type Row, type RowSet } from './row-set.ts'

/** A row as one selection sees it. */
export interface RowObject {
  readonly row: Row
  /** Why the object is null: the first view that this selection needs and that could not be read. */
  failure: Error | undefined
  /** By `ReferenceField.index`: what the row refers to. Filled once the row is read. */
  readonly children: ObjectOutcome[]
}

/** Null: a reference whose key is null. An Error: a key that was refused. */
export type ObjectOutcome = RowObject | Error | null

/** What a site's arguments came to in this request. An Error stands at each of the field's places. */
export type SiteOutcome = Error | Call | readonly StoredFeature[]

/** What a root field's arguments came to; undefined where it has none. An Error stands in the field's place. */
export type RootOutcome = undefined | Error | ObjectAtRoot | ObjectsAtRoot | RowsAtRoot | FallbackAnswer

export interface ObjectAtRoot {
  readonly kind: 'object'
  readonly object: ObjectOutcome
}

export interface ObjectsAtRoot {
  readonly kind: 'objects'
  readonly objects: readonly SelectedObject[]
}

/** An object of a list, and what is selected of it: of representations that is another selection for each entity. */
export interface SelectedObject {
  /** Undefined where there is no object. */
  readonly selection: EntitySelection | undefined
  readonly object: ObjectOutcome
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
  readonly sites: SiteOutcome[]
  /** By place among the root fields. */
  readonly roots: RootOutcome[]
  readonly objects: ObjectSet
}

/** The objects of a request: for each selection one a row, however often it is referred to. */
export interface ObjectSet {
  /** Throws KEY_INVALID. */
  add(selection: RowSelection, key: readonly unknown[]): RowObject
  of(selection: RowSelection): Iterable<RowObject>
}

export function createObjectSet(selectionCount: number): ObjectSet {
  const rowSets = new Map<RegistryEntity, RowSet>()
  const objects = Array.from({ length: selectionCount }, () => new Map<Row, RowObject>())
  const rowsOf = (entity: RegistryEntity): RowSet => {
    const known = rowSets.get(entity)
    if (known !== undefined) return known
    const rows = createRowSet(entity)
    rowSets.set(entity, rows)
    return rows
  }
  return {
    add: (selection, key) => {
      const row = rowsOf(selection.entity).find(key)
      const known = objects[selection.id]!.get(row)
      if (known !== undefined) return known
      const object: RowObject = { row, failure: undefined, children: [] }
      objects[selection.id]!.set(row, object)
      return object
    },
    of: (selection) => objects[selection.id]!.values(),
  }
}

/** As `add`, with the refusal of a key as the outcome. */
export function objectOf(objects: ObjectSet, selection: RowSelection, key: readonly unknown[]): RowObject | Error {
  try {
    return objects.add(selection, key)
  } catch (error) {
    return error as Error
  }
}
