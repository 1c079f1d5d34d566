import type { KeyDtype } from '../../src/definitions/dtypes.ts'
import type { Registry, RegistryBatchView, RegistryEntity, StoredFeature } from '../../src/registry/registry.ts'
import { columnList } from '../../src/stores/online/column-list.ts'
import { type ColumnLists, columnListOf } from '../../src/stores/online/column-lists.ts'
import { encodeKey, type KeyValues } from '../../src/stores/online/key-codec.ts'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { encodeCell } from '../../src/stores/online/row-codec.ts'
import { encodeWire, WireProblem } from '../../src/values/wire.ts'
import type { Random } from './random.ts'
import { randomUuid, randomValue } from './random-values.ts'

const DAY_MICROS = 86_400_000_000

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

async function putRow(
  random: Random,
  { view, key, pool }: RowPlace,
  { store, lists, nowMicros }: RandomData,
): Promise<void> {
  if (random.chance(0.15)) return
  const features = random.chance(0.1) ? view.features.slice(1) : view.features
  const list = columnList(columnListOf({ features }).columns)
  await lists.record(list)
  const ageMicros = random.pick([0, 1, DAY_MICROS, DAY_MICROS + 1, 2.5 * DAY_MICROS, 9 * DAY_MICROS, -1_000_000])
  const at = nowMicros - (random.chance(0.6) ? random.int(DAY_MICROS / 2) : ageMicros)
  const cell = encodeCell(list, {
    eventMicros: at,
    ingestMicros: at + random.int(3) * 1_000,
    tieBreaker: new Uint8Array(random.int(2)),
    tombstone: random.chance(0.05),
    values: features.map((feature) => randomText(random, feature, { key, pool })),
  })
  const bytes = random.chance(0.07) ? garbage(random, cell) : cell
  await store.updateMany({
    entity: view.entity.name,
    view: view.id,
    keys: [encodeKey(view.entity, key)],
    parts: [0],
    update: () => new Map([[0, bytes]]),
  })
}

function garbage(random: Random, cell: Uint8Array): Uint8Array {
  return random.pick([
    new Uint8Array(0),
    Uint8Array.of(255, 1, 2),
    cell.subarray(0, cell.byteLength - 1),
    new Uint8Array(64),
  ])
}

function randomText(random: Random, feature: StoredFeature, { key, pool }: Pick<RowPlace, 'key' | 'pool'>): string {
  if (random.chance(0.12)) return 'null'
  const value = heldValue(random, feature, { key, pool }) ?? randomValue(random, feature.dtype)
  const text = encodeWire(feature, value)
  return text instanceof WireProblem ? 'null' : text
}

/** For a feature that holds a reference's key mostly a key that is there. */
function heldValue(random: Random, feature: StoredFeature, { pool }: Pick<RowPlace, 'key' | 'pool'>): unknown {
  for (const reference of feature.entity.references) {
    const index = reference.keys.findIndex((key) => key.from === 'feature' && key.feature === feature)
    if (index === -1) continue
    if (random.chance(0.1) && feature.dtype.kind === 'string') return 'x'.repeat(1_100)
    return random.pick(pool.get(reference.target.name)!)[index]
  }
  return undefined
}
