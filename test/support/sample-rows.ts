import { utf8 } from '../../src/lib/bytes.ts'
import { type ColumnList, columnList } from '../../src/stores/online/column-list.ts'
import { encodeText } from '../../src/stores/online/key-codec.ts'
import type { UpdateRequest } from '../../src/stores/online/online-store.ts'
import { encodeCell } from '../../src/stores/online/row-codec.ts'

/** Two columns of kinds that order differently: by number, and by bytes. */
export const PAIR: ColumnList = columnList([
  { name: 'count', dtype: { kind: 'int32' }, nonFinite: 'null' },
  { name: 'label', dtype: { kind: 'string' }, nonFinite: 'null' },
])

/** PAIR with a column more, in the middle. */
export const TRIPLE: ColumnList = columnList([
  { name: 'count', dtype: { kind: 'int32' }, nonFinite: 'null' },
  { name: 'added', dtype: { kind: 'float64' }, nonFinite: 'null' },
  { name: 'label', dtype: { kind: 'string' }, nonFinite: 'null' },
])

/** A row in plain words; what is left out is zero, or null. */
export interface PairRow {
  readonly key: string
  readonly eventMicros?: number
  readonly ingestMicros?: number
  readonly tieBreaker?: string
  readonly tombstone?: boolean
  /** Wire texts. */
  readonly values?: readonly string[]
}

export function keyOf(name: string): Uint8Array {
  return encodeText(name)
}

export function cellOf(list: ColumnList, row: Omit<PairRow, 'key'>): Uint8Array {
  const { eventMicros = 0, ingestMicros = 0, tieBreaker = '', tombstone = false } = row
  const { values = list.columns.map(() => 'null') } = row
  return encodeCell(list, { eventMicros, ingestMicros, tieBreaker: utf8(tieBreaker), tombstone, values })
}

const ROWS_OF_BATCH = 50
const KILLED = { entity: 'Thing', view: 'killed@1' } as const

/** A batch whose every cell tells its number all through, so that half a cell is seen. */
export function batchOfKilled(batch: number) {
  const rows = Array.from({ length: ROWS_OF_BATCH }, (_, row) => ({
    key: keyOf(`${batch}/${row}`),
    cell: wholeCell(batch),
    removableAfterMicros: undefined,
  }))
  return { ...KILLED, part: 0, rows }
}

/** Three parts of one key, which always tell the same number. */
export function partsOfKilled(batch: number): UpdateRequest {
  const changes = new Map([1, 2, 300].map((part) => [part, wholeCell(batch)]))
  return { ...KILLED, keys: [keyOf('parts')], parts: [], update: () => changes }
}

function wholeCell(batch: number): Uint8Array {
  return new Uint8Array(new Uint32Array(400).fill(batch).buffer)
}

/** The number that a cell of `batchOfKilled` tells; throws where it is not whole. */
export function batchOf(cell: Uint8Array): number {
  const numbers = new Uint32Array(new Uint8Array(cell).buffer)
  if (numbers.length !== 400 || !numbers.every((number) => number === numbers[0])) throw new Error('half a cell')
  return numbers[0]!
}
