import { FieldstoneError } from '../../src/errors.ts'
import { inspect } from '../../src/lib/inspect.ts'
import type { Registry, RegistryBatchView, RegistryEntity } from '../../src/registry/registry.ts'
import { canonicalKeyValue, encodeKey, type KeyValues } from '../../src/stores/online/key-codec.ts'
import { type RowOutcome, readRows, StaleRow } from '../../src/stores/online/row-reader.ts'
import type { ReferenceRequest } from './reference.ts'

export interface EntityObject {
  readonly kind: 'entity'
  /** By which abstract types are resolved. */
  readonly __typename: string
  readonly entity: RegistryEntity
  readonly key: KeyValues
}

export interface Reading {
  /** Throws KEY_INVALID. */
  objectOf(entity: RegistryEntity, given: readonly unknown[]): EntityObject
  /** Rejects as the store does. An Error in place of a row says why it cannot be read. */
  cell(object: EntityObject, view: RegistryBatchView): Promise<RowOutcome>
  /** The object; rejects where a needed cell cannot be read, for the first such view in registry order. */
  readable(object: EntityObject, needed: ReadonlySet<RegistryBatchView>): Promise<EntityObject>
  /** What the objects that could be read were told from copies, by views; undefined where nothing was. */
  stale(): readonly StaleView[] | undefined
}

interface StaleView {
  readonly view: string
  readonly version: number
  readonly rows: number
  readonly maxAgeSeconds: number
}

/** The reads of one request: each cell by itself, and once (SPEC A3). */
export function createReading({ store, lists, met }: ReferenceRequest): Reading {
  const cells = new Map<string, Promise<RowOutcome>>()
  const copies = new Map<StaleRow, RegistryBatchView>()

  function cell(object: EntityObject, view: RegistryBatchView): Promise<RowOutcome> {
    const entity = object.entity.name
    const key = encodeKey(object.entity, object.key)
    const name = `${entity} ${view.id} ${Buffer.from(key).toString('hex')}`
    const known = cells.get(name)
    if (known !== undefined) return known
    const first = readCell(entity, key, view)
    cells.set(name, first)
    return first
  }

  async function readCell(entity: string, key: Uint8Array, view: RegistryBatchView): Promise<RowOutcome> {
    const [row] = await readRows(store, lists, { entity, keys: [key], cells: [{ view: view.id, part: 0 }] })
    return row
  }

  async function readable(object: EntityObject, needed: ReadonlySet<RegistryBatchView>): Promise<EntityObject> {
    for (const view of object.entity.batchViews.filter((candidate) => needed.has(candidate))) {
      const row = await cell(object, view)
      if (!(row instanceof Error)) continue
      met('failed row')
      throw row
    }
    for (const view of needed) {
      const row = await cell(object, view)
      if (row instanceof StaleRow) copies.set(row, view)
    }
    return object
  }

  function stale(): readonly StaleView[] | undefined {
    if (copies.size === 0) return undefined
    met('stale rows')
    const views = Map.groupBy(copies, ([, view]) => view)
    const told = [...views].map(([{ name, version }, rows]) => ({
      ...{ view: name, version, rows: rows.length },
      maxAgeSeconds: Math.max(...rows.map(([{ ageMillis }]) => ageMillis)) / 1_000,
    }))
    return told.toSorted((a, b) => (a.view < b.view ? -1 : 1))
  }

  return { objectOf, cell, readable, stale }
}

function objectOf(entity: RegistryEntity, given: readonly unknown[]): EntityObject {
  const key = given.map((value, index) => canonicalKeyValue(entity, index, value))
  encodeKey(entity, key)
  return { kind: 'entity', __typename: entity.name, entity, key }
}

/** What a representation given to `_entities` names. Throws REPRESENTATION_INVALID. */
export function representedKey(
  { entities }: Registry,
  representation: any,
): { readonly entity: RegistryEntity; readonly given: readonly unknown[] } {
  const refused = (why: string) => new FieldstoneError('REPRESENTATION_INVALID', { seen: inspect(representation), why })
  if (typeof representation !== 'object' || representation === null || Array.isArray(representation)) {
    throw refused('It is no object.')
  }
  const entity = entities.find(({ name }) => name === representation.__typename)
  if (entity === undefined) throw refused(`Its __typename ${inspect(representation.__typename)} is no entity.`)
  const missing = entity.keys.find(({ name }) => representation[name] === undefined || representation[name] === null)
  if (missing !== undefined) throw refused(`It has no '${missing.name}', which is a key of ${entity.name}.`)
  return { entity, given: entity.keys.map(({ name }) => representation[name]) }
}

/** Keeps a failure in its place, where graphql-js makes one error of it. */
export function inPlace<T>(promise: Promise<T>): Promise<T | Error> {
  return promise.catch((error: unknown) => error as Error)
}
