import type { Dtype } from '../../definitions/dtypes.ts'
import { FieldstoneError } from '../../errors.ts'
import { fromUtf8 } from '../../lib/bytes.ts'
import { parseTimestamp } from '../../lib/micros.ts'
import { decodeVector, encodeWire, WireProblem, type WireType } from '../../values/wire.ts'
import type { ColumnList } from './column-list.ts'
import { type CellHeader, encodeCell, readCellHeader, tieBreakerOf, valueOffset } from './row-codec.ts'

/**
 * A cell as our codec would have written it (SPEC S4), for cells whose canonical bit is clear: warehouses write `1e-07`,
 * `0.33333333333333331`, `1.0`, spaced JSON, and timestamps with other fraction digits. Nothing is cast: throws
 * CELL_CORRUPT where a text is no value of its dtype, and where there is not one for each column.
 */
export function canonicalCell(header: CellHeader, list: ColumnList): CellHeader {
  if (!header.tombstone && header.valueCount !== list.columns.length) throw misfit(header, list)
  if (header.canonical) return header
  const columns = header.tombstone ? [] : list.columns
  const values = columns.map((column, index) => canonicalText(column, rawText(header, index)))
  return readCellHeader(encodeCell(list, { ...header, tieBreaker: tieBreakerOf(header), values }))
}

function rawText(header: CellHeader, index: number): string {
  try {
    return fromUtf8(header.bytes.subarray(valueOffset(header, index), valueOffset(header, index + 1)))
  } catch (cause) {
    throw corrupt('a text is not UTF-8', cause)
  }
}

/** The one text of a value that a warehouse wrote in a form of its own. Throws CELL_CORRUPT. */
export function canonicalText(type: WireType, text: string): string {
  const value = valueOfLeaf(type.dtype, parse(type.dtype, text))
  const canonical = value === undefined ? misread(type.dtype, text) : encodeWire(type, value)
  if (canonical instanceof WireProblem) throw corrupt(canonical.reason)
  return canonical
}

function misread({ kind }: Dtype, text: string): WireProblem {
  return new WireProblem(`${text.slice(0, 80)} is no ${kind}`)
}

/** Integers keep their digits: a bare int64 may be finer than a double. */
function parse(dtype: Dtype, text: string): unknown {
  const keepsDigits = dtype.kind === 'int64' || (dtype.kind === 'list' && dtype.of.kind === 'int64')
  try {
    return keepsDigits ? JSON.parse(text, digitsOfNumber) : JSON.parse(text)
  } catch (cause) {
    throw corrupt(`${text.slice(0, 80)} is no JSON`, cause)
  }
}

function digitsOfNumber(_name: string, value: unknown, context?: { readonly source?: string }): unknown {
  return typeof value === 'number' ? context?.source : value
}

/** JavaScript value of a parsed text, generous in form, strict in meaning: undefined where it is no value of the dtype. */
function valueOfLeaf(dtype: Dtype, leaf: unknown): unknown {
  if (leaf === null) return null
  switch (dtype.kind) {
    case 'int64':
      return typeof leaf === 'string' && /^-?\d{1,19}$/.test(leaf) ? BigInt(leaf) : undefined
    case 'float32':
    case 'float64':
      return valueOfFloat(leaf)
    case 'uuid':
      return typeof leaf === 'string' ? leaf.toLowerCase() : undefined
    case 'timestamp':
      return typeof leaf === 'string' ? parseTimestamp(leaf) : undefined
    case 'bytes':
      return isBase64(leaf) ? new Uint8Array(Buffer.from(leaf, 'base64')) : undefined
    case 'vector':
      return isBase64(leaf) && Buffer.byteLength(leaf, 'base64') % 4 === 0 ? decodeVector(leaf) : undefined
    case 'list':
      return valueOfList(dtype.of, leaf)
    default:
      return leaf
  }
}

function valueOfFloat(leaf: unknown): number | undefined {
  if (typeof leaf === 'number') return leaf
  return leaf === 'NaN' || leaf === 'Infinity' || leaf === '-Infinity' ? Number(leaf) : undefined
}

function valueOfList(of: Dtype, leaf: unknown): readonly unknown[] | undefined {
  if (!Array.isArray(leaf)) return undefined
  const values = leaf.map((element) => valueOfLeaf(of, element))
  return values.includes(undefined) ? undefined : values
}

/** Bits that base64 does not use may be set in a warehouse's last letter; its letters may not be others. */
function isBase64(leaf: unknown): leaf is string {
  return typeof leaf === 'string' && leaf.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(leaf)
}

function misfit(header: CellHeader, list: ColumnList): FieldstoneError {
  const seen = `a cell of ${header.valueCount} values under a list of ${list.columns.length} columns`
  return new FieldstoneError('CELL_CORRUPT', { seen, why: 'A cell holds one value for each column of its list.' })
}

function corrupt(reason: string, cause?: unknown): FieldstoneError {
  const seen = 'a cell that another program wrote'
  return new FieldstoneError('CELL_CORRUPT', { seen, why: `In its columns ${reason}.`, cause })
}
