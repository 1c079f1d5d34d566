import type { Dtype, KeyDtype } from '../../src/definitions/dtypes.ts'
import type { Registry, RegistryBatchView, RegistryEntity, StoredFeature } from '../../src/registry/registry.ts'
import { type Column, columnList } from '../../src/stores/online/column-list.ts'
import { type ColumnLists, columnListOf } from '../../src/stores/online/column-lists.ts'
import { encodeKey, type KeyValues } from '../../src/stores/online/key-codec.ts'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { encodeCell } from '../../src/stores/online/row-codec.ts'
import { encodeWire, WireProblem } from '../../src/values/wire.ts'
import type { Random } from './random.ts'
import { randomUuid, randomValue } from './random-values.ts'

export const DAY_MICROS = 86_400_000_000

/** Keys of each entity: those with rows and those without. */
export type KeyPool = ReadonlyMap<string, readonly KeyValues[]>

export interface RandomData {
  readonly store: OnlineStore
  readonly lists: ColumnLists
  readonly nowMicros: number
}

/** Fills a store with rows of every kind: in age, too old, gone, missing, of an older column list, dated ahead, and cells that are no cells. */
export async function putRandomData(random: Random, registry: Registry, data: RandomData): Promise<KeyPool> {
  const pool = new Map(
    registry.entities.map((entity) => [entity.name, random.times(4, 7, () => randomKey(random, entity))]),
  )
  for (const entity of registry.entities) {
    for (const view of entity.batchViews) {
      for (const key of pool.get(entity.name)!) await putRow(random, { view, key, pool }, data)
    }
  }
  return pool
}

const KEY_TEXTS = ['a', 'b', 'SEA', 'Zürich', '東京', '', 'x\0y', '😀']

function randomKey(random: Random, entity: RegistryEntity): KeyValues {
  return entity.keys.map(({ dtype }) => randomKeyValue(random, dtype))
}

function randomKeyValue(random: Random, { kind }: KeyDtype): string | bigint {
  if (kind === 'string') return random.pick(KEY_TEXTS)
  return kind === 'int64' ? random.pick([0n, 7n, -1n, 2n ** 63n - 1n]) : randomUuid(random)
}

interface RowPlace {
  readonly view: RegistryBatchView
  readonly key: KeyValues
  readonly pool: KeyPool
}

async function putRow(random: Random, place: RowPlace, { store, lists, nowMicros }: RandomData): Promise<void> {
  if (random.chance(0.15)) return
  const { view } = place
  const columns = randomColumns(random, view)
  const list = columnList(columnListOf({ features: columns }).columns)
  // A list that is nowhere: the row reads as if it were not there.
  if (!random.chance(0.03)) await lists.record(list)
  const at = nowMicros - randomAge(random)
  const texts = columns.map((column) => randomText(random, column, place))
  const isForeign = random.chance(0.1)
  const cell = encodeCell(list, {
    eventMicros: at,
    ingestMicros: at + random.int(3) * 1_000,
    tieBreaker: new Uint8Array(random.int(2)),
    tombstone: random.chance(0.05),
    values: isForeign ? texts.map((text, index) => foreignText(columns[index]!, text)) : texts,
  })
  if (isForeign) cell[FLAGS_AT] = 0
  await putCell(place, random.chance(0.07) ? garbage(random, cell) : cell, store)
}

async function putCell({ view, key }: RowPlace, cell: Uint8Array, store: OnlineStore): Promise<void> {
  const keys = [encodeKey(view.entity, key)]
  const address = { entity: view.entity.name, view: view.id, keys, parts: [0] }
  await store.updateMany({ ...address, update: () => new Map([[0, cell]]) })
}

/** Those of the view; of rows that others wrote fewer, or others, or in another order. */
function randomColumns(random: Random, { features }: RegistryBatchView): readonly Column[] {
  if (random.chance(0.7)) return features
  const columns: Column[] = features
    .slice(random.int(2))
    .map((feature) =>
      random.chance(0.15) ? { ...feature, dtype: otherDtype(random, feature.dtype), nonFinite: 'null' } : feature,
    )
  const gone: Column = { name: 'gone', dtype: { kind: 'string' }, nonFinite: 'null' }
  return random.shuffled(random.chance(0.3) ? [...columns, gone] : columns)
}

function otherDtype(random: Random, { kind }: Dtype): Dtype {
  const near: Dtype = kind === 'vector' ? { kind, dimensions: 3 } : { kind: 'list', of: { kind: 'bool' } }
  return random.pick<Dtype>([near, { kind: 'int32' }, { kind: 'string' }])
}

function randomAge(random: Random): number {
  if (random.chance(0.6)) return random.int(DAY_MICROS / 2)
  return random.pick([
    0,
    1,
    DAY_MICROS,
    DAY_MICROS + 1,
    2.5 * DAY_MICROS,
    3 * DAY_MICROS,
    3 * DAY_MICROS + 1,
    9 * DAY_MICROS,
    -1_000_000,
  ])
}

/** The header's byte of flags, whose one bit says that our codec wrote the row. */
const FLAGS_AT = 1

/** As a warehouse may write the same value: another form that has to be made canonical. */
function foreignText({ dtype }: Column, text: string): string {
  if (text === 'null' || text.startsWith('"N') || text.includes('Infinity')) return text
  const element = dtype.kind === 'list' ? dtype.of : dtype
  if (element.kind === 'json') return JSON.stringify(JSON.parse(text), null, 1)
  if (dtype.kind === 'list') return text.replaceAll(',', ' , ')
  if (dtype.kind === 'timestamp' && !text.includes('.')) return text.replace('Z', '.000Z')
  return /^float/.test(dtype.kind) && /^-?\d+$/.test(text) ? `${text}.0` : text
}

function garbage(random: Random, cell: Uint8Array): Uint8Array {
  return random.pick([
    new Uint8Array(0),
    Uint8Array.of(255, 1, 2),
    cell.subarray(0, cell.byteLength - 1),
    new Uint8Array(64),
  ])
}

function randomText(random: Random, column: Column, place: RowPlace): string {
  if (random.chance(0.12)) return 'null'
  const feature = place.view.features.find((candidate) => candidate === column)
  const value = (feature && heldValue(random, feature, place)) ?? randomValue(random, column.dtype)
  const text = encodeWire(column, value)
  return text instanceof WireProblem ? 'null' : text
}

/** For a feature that holds a reference's key mostly a key that is there. */
function heldValue(random: Random, feature: StoredFeature, { pool }: RowPlace): unknown {
  for (const reference of feature.entity.references) {
    const index = reference.keys.findIndex((key) => key.from === 'feature' && key.feature === feature)
    if (index === -1) continue
    if (random.chance(0.1) && feature.dtype.kind === 'string') return 'x'.repeat(1_100)
    return random.pick(pool.get(reference.target.name)!)[index]
  }
  return undefined
}
