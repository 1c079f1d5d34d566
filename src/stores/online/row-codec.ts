import { FieldstoneError } from '../../errors.ts'
import { toHex, uint32At, utf8 } from '../../lib/bytes.ts'
import type { ColumnList } from './column-list.ts'
import { terminate, unescapeBytes } from './key-codec.ts'

/**
 * A packed cell: all stored features of one view for one key.
 *
 *   0   u8   codec version, 1
 *   1   u8   flags: 1 canonical (our codec wrote it, SPEC S4)
 *   2   u16  position of the offsets, big-endian as everything
 *   4   8    column-list fingerprint
 *   12  8    event time, microseconds, sign bit flipped     ┐
 *   20  8    ingest time, likewise                          │ the order of V1 as far as memcmp can tell it
 *   28  …    tie-breaker, ended by 00 (see `terminate`)     │
 *       u8   tombstone: 1, else 0                           ┘
 *       u32  × (columns + 1): byte positions of the values from the cell's start, the last one its end
 *       …    the values' texts, one after another
 *
 * A tombstone has no columns: its one offset is the cell's length.
 */
const CODEC_VERSION = 1
const CANONICAL = 1
const LIST_AT = 4
const ORDER_AT = 12
const TIE_BREAKER_AT = 28
/** So that the offsets' position fits its sixteen bits, however many bytes are escaped. */
export const MAX_TIE_BREAKER_BYTES = 32_000

export interface CellContents {
  readonly eventMicros: number
  readonly ingestMicros: number
  /** Comparable bytes; empty where the source names no tie-breaker. */
  readonly tieBreaker: Uint8Array
  readonly tombstone: boolean
  /** Canonical texts in the list's order (see values/wire.ts); none for a tombstone. */
  readonly values: readonly string[]
}

/** Throws VALUE_INVALID where the tie-breaker is longer than 32,000 bytes. */
export function encodeCell(list: ColumnList, contents: CellContents): Uint8Array {
  if (contents.tieBreaker.byteLength > MAX_TIE_BREAKER_BYTES) throw tooLong(contents.tieBreaker)
  const tieBreaker = terminate(contents.tieBreaker)
  const values = contents.tombstone ? [] : contents.values.map(utf8)
  const offsetsAt = TIE_BREAKER_AT + tieBreaker.byteLength + 1
  const valuesAt = offsetsAt + 4 * (values.length + 1)
  const cell = new Uint8Array(values.reduce((length, value) => length + value.byteLength, valuesAt))
  const view = new DataView(cell.buffer)
  cell[0] = CODEC_VERSION
  cell[1] = CANONICAL
  view.setUint16(2, offsetsAt)
  cell.set(list.fingerprintBytes, LIST_AT)
  writeMicros(view, ORDER_AT, contents.eventMicros)
  writeMicros(view, ORDER_AT + 8, contents.ingestMicros)
  cell.set(tieBreaker, TIE_BREAKER_AT)
  cell[offsetsAt - 1] = contents.tombstone ? 1 : 0
  writeValues(cell, view, offsetsAt, valuesAt, values)
  return cell
}

function tooLong(tieBreaker: Uint8Array): FieldstoneError {
  return new FieldstoneError('VALUE_INVALID', {
    seen: `a tie-breaker of ${tieBreaker.byteLength} bytes`,
    why: `A tie-breaker is stored with its row, in at most ${MAX_TIE_BREAKER_BYTES} bytes.`,
    mend: 'Name a shorter column, such as a sequence number.',
  })
}

function writeValues(
  cell: Uint8Array,
  view: DataView,
  offsetsAt: number,
  valuesAt: number,
  values: readonly Uint8Array[],
): void {
  let at = valuesAt
  values.forEach((value, index) => {
    view.setUint32(offsetsAt + 4 * index, at)
    cell.set(value, at)
    at += value.byteLength
  })
  view.setUint32(offsetsAt + 4 * values.length, at)
}

function writeMicros(view: DataView, at: number, micros: number): void {
  const high = Math.floor(micros / 2 ** 32)
  view.setUint32(at, (high ^ 0x80000000) >>> 0)
  view.setUint32(at + 4, micros - high * 2 ** 32)
}

function readMicros(bytes: Uint8Array, at: number): number {
  return ((uint32At(bytes, at) ^ 0x80000000) | 0) * 2 ** 32 + uint32At(bytes, at + 4)
}

/** A cell's header, and where its values are. Cheap: nothing is copied. */
export interface CellHeader {
  readonly bytes: Uint8Array
  readonly eventMicros: number
  readonly ingestMicros: number
  readonly tombstone: boolean
  readonly canonical: boolean
  /** How many values it holds. */
  readonly valueCount: number
  readonly offsetsAt: number
}

/** Reads a header and checks it, and that the values lie in order within the cell, none of them empty. Throws CELL_CORRUPT. */
export function readCellHeader(bytes: Uint8Array): CellHeader {
  if (bytes.byteLength < TIE_BREAKER_AT + 6 || bytes[0] !== CODEC_VERSION) throw corrupt(bytes)
  const offsetsAt = (bytes[2]! << 8) | bytes[3]!
  if (offsetsAt < TIE_BREAKER_AT + 2 || offsetsAt + 4 > bytes.byteLength || bytes[offsetsAt - 2] !== 0)
    throw corrupt(bytes)
  const tombstone = bytes[offsetsAt - 1]!
  const valueCount = countValues(bytes, offsetsAt)
  const eventMicros = readMicros(bytes, ORDER_AT)
  const ingestMicros = readMicros(bytes, ORDER_AT + 8)
  const isRow = tombstone === 0 || (tombstone === 1 && valueCount === 0)
  if (!isRow || !Number.isSafeInteger(eventMicros) || !Number.isSafeInteger(ingestMicros)) throw corrupt(bytes)
  const canonical = (bytes[1]! & CANONICAL) !== 0
  return { bytes, eventMicros, ingestMicros, tombstone: tombstone === 1, canonical, valueCount, offsetsAt }
}

/** The fingerprint of a cell's column list, 16 hex digits. */
export function fingerprintOf({ bytes }: CellHeader): string {
  return toHex(bytes.subarray(LIST_AT, ORDER_AT))
}

/** The first byte of the fingerprint of a cell's column list. */
export function firstByteOfList({ bytes }: CellHeader): number {
  return bytes[LIST_AT]!
}

/** Whether a cell was written with a list: as comparing its fingerprint with `fingerprintOf`, without making a text. */
export function isOfList({ bytes }: CellHeader, { fingerprintHigh, fingerprintLow }: ColumnList): boolean {
  return uint32At(bytes, LIST_AT) === fingerprintHigh && uint32At(bytes, LIST_AT + 4) === fingerprintLow
}

/** Whether a cell was written by a later version of this program. */
export function isOfNewerCodec(bytes: Uint8Array): boolean {
  return bytes[0] !== undefined && bytes[0] > CODEC_VERSION
}

function countValues(bytes: Uint8Array, offsetsAt: number): number {
  const valuesAt = uint32At(bytes, offsetsAt)
  const count = (valuesAt - offsetsAt) / 4 - 1
  if (!Number.isInteger(count) || count < 0 || valuesAt > bytes.byteLength) throw corrupt(bytes)
  let previous = valuesAt
  for (let at = offsetsAt + 4; at < valuesAt; at += 4) {
    const offset = uint32At(bytes, at)
    if (offset <= previous) throw corrupt(bytes)
    previous = offset
  }
  if (previous !== bytes.byteLength) throw corrupt(bytes)
  return count
}

function corrupt(bytes: Uint8Array): FieldstoneError {
  return new FieldstoneError('CELL_CORRUPT', {
    seen: `a cell of ${bytes.byteLength} bytes, codec version ${bytes[0] ?? 'none'}`,
  })
}

/** Byte position of value `index`; that of `valueCount` is the end of the last. */
export function valueOffset(header: CellHeader, index: number): number {
  return uint32At(header.bytes, header.offsetsAt + 4 * index)
}

/** Whether value `index` is null: the only text that begins with `n`. */
export function isNullValue(header: CellHeader, index: number): boolean {
  return header.bytes[valueOffset(header, index)] === 0x6e
}

/** The text of value `index`. */
export function valueText(header: CellHeader, index: number): string {
  const { bytes } = header
  const start = valueOffset(header, index)
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, valueOffset(header, index + 1) - start).toString('utf8')
}

/** The part of a cell that orders it by V1 up to its values: memcmp of two of them is their order (event time, ingest time, tie-breaker, tombstone). */
export function orderBytes(header: CellHeader): Uint8Array {
  return header.bytes.subarray(ORDER_AT, header.offsetsAt)
}

/** The tie-breaker's own bytes, as they were given to `encodeCell`. */
export function tieBreakerOf(header: CellHeader): Uint8Array {
  return unescapeBytes(header.bytes.subarray(TIE_BREAKER_AT, header.offsetsAt - 2))
}
