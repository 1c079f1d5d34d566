import type { Dtype } from '../../definitions/dtypes.ts'
import { FieldstoneError } from '../../errors.ts'
import { fromUtf8 } from '../../lib/bytes.ts'
import { parseTimestamp } from '../../lib/micros.ts'
import { encodeWire, WireProblem, type WireType } from '../../values/wire.ts'
import type { ColumnList } from './column-list.ts'
import { type CellHeader, encodeCell, readCellHeader, tieBreakerOf, valueOffset } from './row-codec.ts'

/**
 * A cell as our codec would have written it (SPEC S4). Warehouses write `1e-07`, `0.33333333333333331`, `1.0`, spaced JSON and
 * timestamps with other fraction digits; they leave the canonical bit clear. Throws CELL_CORRUPT where a text is no value of its dtype.
 */
export function canonicalCell(header: CellHeader, list: ColumnList): CellHeader {
  if (header.canonical) return header
  const values = list.columns
    .slice(0, header.valueCount)
    .map((column, index) => canonicalText(column, rawText(header, index)))
  const contents = { ...header, tieBreaker: tieBreakerOf(header), values }
  return readCellHeader(encodeCell(list, contents))
}

function rawText(header: CellHeader, index: number): string {
  return fromUtf8(header.bytes.subarray(valueOffset(header, index), valueOffset(header, index + 1)))
}

function canonicalText(type: WireType, text: string): string {
  const canonical = encodeWire(type, leafValue(type.dtype, parse(text)))
  if (canonical instanceof WireProblem) throw corrupt(canonical.reason)
  return canonical
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw corrupt('a value is no JSON', cause)
  }
}

/** JavaScript value of a JSON leaf, generous in form: int64 may be a number, a float a string such as "NaN". */
function leafValue(dtype: Dtype, leaf: unknown): unknown {
  if (leaf === null) return null
  switch (dtype.kind) {
    case 'int64':
      return toBigInt(leaf)
    case 'float32':
    case 'float64':
      return Number(leaf)
    case 'timestamp':
      return parseTimestamp(String(leaf))
    case 'bytes':
      return new Uint8Array(Buffer.from(String(leaf), 'base64'))
    case 'vector':
      return vectorOf(String(leaf))
    case 'list':
      return Array.isArray(leaf) ? leaf.map((element) => leafValue(dtype.of, element)) : leaf
    default:
      return leaf
  }
}

function toBigInt(leaf: unknown): unknown {
  return /^-?\d+$/.test(String(leaf)) ? BigInt(String(leaf)) : leaf
}

function vectorOf(base64: string): Float32Array {
  const bytes = Buffer.from(base64, 'base64')
  return Float32Array.from({ length: Math.floor(bytes.byteLength / 4) }, (_, index) => bytes.readFloatLE(index * 4))
}

function corrupt(why: string, cause?: unknown): FieldstoneError {
  return new FieldstoneError('CELL_CORRUPT', { seen: 'a cell that our codec did not write', why: `${why}.`, cause })
}
