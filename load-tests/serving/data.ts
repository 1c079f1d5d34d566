import type { Dtype } from '../../src/definitions/dtypes.ts'
import { FieldstoneError } from '../../src/errors.ts'
import { invariant } from '../../src/lib/assert.ts'
import { fixedClock } from '../../src/lib/clock.ts'
import { closeRegistry } from '../../src/registry/close.ts'
import type { Registry, RegistryBatchView, StoredFeature } from '../../src/registry/registry.ts'
import { columnListOf, createColumnLists } from '../../src/stores/online/column-lists.ts'
import { encodeKey } from '../../src/stores/online/key-codec.ts'
import type { CellWrite, OnlineStore } from '../../src/stores/online/online-store.ts'
import { encodeCell } from '../../src/stores/online/row-codec.ts'
import { writeRows } from '../../src/stores/online/row-writer.ts'
import { encodeWire, WireProblem } from '../../src/values/wire.ts'
import { definitions } from './features.ts'
import { ENTITY_COUNT, idOf } from './keys.ts'
import { createRandom, type Random, wholeBelow } from './random.ts'

const STALE_SHARE = 0.05
const NULL_SHARE = 0.1
const SEED = 7

/** The servers' clock stands still, so that the same rows are stale in every run and on every server. */
export const CLOCK = fixedClock('2026-01-15T12:00:00Z')

export const registry: Registry = closeRegistry({ name: 'bench', definitions })
export const CUSTOMER = registry.entities[0]!
export const VIEWS: readonly RegistryBatchView[] = CUSTOMER.batchViews

/** The rows of one view, each at the place of its entity. */
export interface ViewRows {
  readonly view: RegistryBatchView
  readonly rows: readonly BenchRow[]
}

export interface BenchRow {
  readonly eventMicros: number
  /** JSON, in the order of the view's features. */
  readonly values: readonly string[]
}

/** Every row, view by view: the same each time. */
export function* makeRows(): Generator<ViewRows> {
  const random = createRandom(SEED)
  for (const view of VIEWS) yield { view, rows: Array.from({ length: ENTITY_COUNT }, () => rowOf(view, random)) }
}

/** Fills an empty store: the same bytes each time. */
export async function writeData(store: OnlineStore, signal: AbortSignal): Promise<void> {
  const lists = createColumnLists(store)
  for (const { view, rows } of makeRows()) {
    signal.throwIfAborted()
    await lists.record(columnListOf(view))
    const written = rows.map((row, index) => writeOf(view, row, index))
    await writeRows(store, lists, { entity: CUSTOMER.name, view: view.id, rows: written, exclusive: true })
  }
}

function writeOf(view: RegistryBatchView, row: BenchRow, index: number): CellWrite {
  return { key: encodeKey(CUSTOMER, [idOf(index)]), cell: packedCell(view, row), removableAfterMicros: undefined }
}

/** A row in the form that Fieldstone keeps it in. */
export function packedCell(view: RegistryBatchView, { eventMicros, values }: BenchRow): Uint8Array {
  const tieBreaker = new Uint8Array()
  return encodeCell(columnListOf(view), {
    ...{ eventMicros, ingestMicros: eventMicros, tieBreaker, tombstone: false, values },
  })
}

function rowOf(view: RegistryBatchView, random: Random): BenchRow {
  const eventMicros = CLOCK.nowMicros() - ageMicros(view, random)
  return { eventMicros, values: view.features.map((feature) => textOf(feature, random)) }
}

/** Within the ttl, or for stale rows between it and the end of the retention. */
function ageMicros({ ttlMicros, retentionMicros }: RegistryBatchView, random: Random): number {
  invariant(ttlMicros !== undefined && retentionMicros !== undefined, 'every view of the benchmarks has a ttl')
  return random() < STALE_SHARE ? ttlMicros + 1 + wholeBelow(random, retentionMicros) : wholeBelow(random, ttlMicros)
}

function textOf(feature: StoredFeature, random: Random): string {
  const value = random() < NULL_SHARE ? null : drawValue(feature.dtype, random)
  const text = encodeWire(feature, value)
  invariant(!(text instanceof WireProblem), 'values are made for their dtypes')
  return text
}

function drawValue(dtype: Dtype, random: Random): unknown {
  switch (dtype.kind) {
    case 'bool':
      return random() < 0.5
    case 'int32':
      return wholeBelow(random, 5_000)
    case 'int64':
      return BigInt(wholeBelow(random, 2 ** 31)) * 97n
    case 'float64':
      return Math.round(random() * 1e9) / 1e5
    case 'string':
      return Array.from({ length: 12 }, () => ALPHABET[wholeBelow(random, ALPHABET.length)]).join('')
    case 'timestamp':
      return CLOCK.nowMicros() - 1_000 * wholeBelow(random, 2 ** 31)
    case 'enum':
      return dtype.members[wholeBelow(random, dtype.members.length)]
    default:
      throw new FieldstoneError('VALUE_INVALID', { seen: `the benchmarks make no ${dtype.kind}` })
  }
}

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz0123456789 -'
