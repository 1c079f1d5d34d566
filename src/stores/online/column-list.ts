import { createHash } from 'node:crypto'
import { toHex } from '../../lib/bytes.ts'
import type { WireType } from '../../values/wire.ts'

/** A stored column. Its dtype tells how two values are ordered (SPEC V1) and how a warehouse's text is made canonical (S4). */
export interface Column extends WireType {
  readonly name: string
}

/** The columns that a cell holds, in its order (SPEC S2). */
export interface ColumnList {
  /** First eight bytes of SHA-256 over the columns' canonical JSON, as 16 hex digits; cells carry the bytes. */
  readonly fingerprint: string
  readonly fingerprintBytes: Uint8Array
  /** Its halves as unsigned numbers, big-endian. */
  readonly fingerprintHigh: number
  readonly fingerprintLow: number
  readonly columns: readonly Column[]
  /** Position of a column by its name. */
  readonly indexOf: ReadonlyMap<string, number>
}

export function columnList(columns: readonly Column[]): ColumnList {
  const plain = columns.map(({ name, dtype, nonFinite }) => ({ name, dtype, nonFinite }))
  const fingerprintBytes = createHash('sha256').update(serializeColumns(plain)).digest().subarray(0, 8)
  return {
    fingerprint: toHex(fingerprintBytes),
    fingerprintBytes,
    fingerprintHigh: fingerprintBytes.readUInt32BE(0),
    fingerprintLow: fingerprintBytes.readUInt32BE(4),
    columns: plain,
    indexOf: new Map(plain.map(({ name }, index) => [name, index])),
  }
}

/** The JSON under which a list is kept in the store. Property order is fixed, so that equal lists have one text. */
export function serializeColumns(columns: readonly Column[]): string {
  return JSON.stringify(columns.map(({ name, dtype, nonFinite }) => [name, sorted(dtype), nonFinite]))
}

export function parseColumns(text: string): ColumnList {
  const tuples = JSON.parse(text) as [string, Column['dtype'], Column['nonFinite']][]
  return columnList(tuples.map(([name, dtype, nonFinite]) => ({ name, dtype, nonFinite })))
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, item]) => [name, sorted(item)]),
  )
}
