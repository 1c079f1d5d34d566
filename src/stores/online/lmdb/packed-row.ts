import { FieldstoneError } from '../../../errors.ts'
import { uint32At } from '../../../lib/bytes.ts'

/**
 * The first cells (part 0) of all views of one key, as one value, so that a row is one read however many views are asked for:
 *
 *   0  u8   layout version, 1
 *   1  u16  number of cells, big-endian as everything
 *   3  u32  where the cells begin
 *   7  …    for each cell the u8 length of its view's name, the name, and the u32 length of the cell; `APART` where it lies by itself
 *      …    the cells, one after another
 */
const LAYOUT_VERSION = 1
const NAMES_AT = 7
const APART = 0xffff_ffff

/** A greater cell lies by itself: it would be copied with every read and every write of its neighbours. */
export const MAX_PACKED_BYTES = 16 * 2 ** 10

/** So does a cell that would make its row longer, for the same reason: an entity may have hundreds of views. */
export const MAX_ROW_BYTES = 32 * 2 ** 10

/** A cell of a row. */
export interface PackedCell {
  /** The bytes of the view's name. */
  readonly view: Uint8Array
  /** Undefined: it lies by itself. */
  readonly cell: Uint8Array | undefined
}

/** Throws RangeError for more than 65,535 cells, or a name of more than 255 bytes. */
export function packRow(cells: readonly PackedCell[]): Buffer {
  const row = Buffer.allocUnsafe(rowBytes(cells))
  row.writeUInt8(LAYOUT_VERSION, 0)
  row.writeUInt16BE(cells.length, 1)
  let nameAt = NAMES_AT
  let cellAt = cellsStart(cells)
  row.writeUInt32BE(cellAt, 3)
  for (const { view, cell } of cells) {
    row.writeUInt8(view.byteLength, nameAt)
    row.set(view, nameAt + 1)
    nameAt = row.writeUInt32BE(cell?.byteLength ?? APART, nameAt + 1 + view.byteLength)
    if (cell === undefined) continue
    row.set(cell, cellAt)
    cellAt += cell.byteLength
  }
  return row
}

/** How long the row of these cells is. */
export function rowBytes(cells: readonly PackedCell[]): number {
  return cells.reduce((length, { cell }) => length + (cell?.byteLength ?? 0), cellsStart(cells))
}

function cellsStart(cells: readonly PackedCell[]): number {
  return cells.reduce((length, { view }) => length + 1 + view.byteLength + 4, NAMES_AT)
}

/**
 * The cells share the row's memory. A row that cannot be read holds nothing, so that writing its cells again mends it; one of a later
 * layout is not ours to judge: throws CELL_CORRUPT.
 */
export function unpackRow(row: Uint8Array): PackedCell[] {
  if (row.length > 0 && row[0]! > LAYOUT_VERSION) throw corruptRow(row)
  const cells: PackedCell[] = []
  let nameAt = NAMES_AT
  let cellAt = uint32At(row, 3)
  for (let left = countOf(row); left > 0 && nameAt < row.length; left -= 1) {
    const lengthAt = nameAt + 1 + row[nameAt]!
    const length = uint32At(row, lengthAt)
    const view = row.subarray(nameAt + 1, lengthAt)
    cells.push({ view, cell: length === APART ? undefined : row.subarray(cellAt, cellAt + length) })
    nameAt = lengthAt + 4
    if (length !== APART) cellAt += length
  }
  return isWhole(row, { count: cells.length, nameAt, cellAt }) ? cells : []
}

interface RowEnds {
  readonly count: number
  readonly nameAt: number
  readonly cellAt: number
}

/** Whether a row was gone over to its very ends: a byte more or less anywhere in its lengths, and it was not. */
function isWhole(row: Uint8Array, { count, nameAt, cellAt }: RowEnds): boolean {
  const isOurs = row.length >= NAMES_AT && row[0] === LAYOUT_VERSION
  return isOurs && count === countOf(row) && nameAt === uint32At(row, 3) && cellAt === row.length
}

/** Stands in the place of cells whose row cannot be read. */
export function corruptRow(row: Uint8Array): FieldstoneError {
  return new FieldstoneError('CELL_CORRUPT', {
    seen: `a row of ${row.length} bytes, layout version ${row.length === 0 ? 'none' : row[0]}`,
  })
}

/** Where the cells of views lie in a row: for view `i` from `starts[i]` to before `ends[i]`. */
export interface CellPlaces {
  /** -1: there is none. -2: it lies by itself. */
  readonly starts: Int32Array
  readonly ends: Int32Array
}

export const ABSENT = -1
export const LIES_APART = -2

/**
 * Finds the cells of distinct views in a row without making anything: `places` is filled anew. False where the row cannot be read, and
 * then none is found.
 */
export function findCells(row: Uint8Array, views: readonly Uint8Array[], { starts, ends }: CellPlaces): boolean {
  starts.fill(ABSENT)
  // The library reads into one buffer after another, so what is beyond a row is other rows.
  const rowEnd = row.length
  const namesEnd = uint32At(row, 3)
  let nameAt = NAMES_AT
  let cellAt = namesEnd
  // Views are mostly written and asked for in one order, so the next one asked for is looked at first.
  let next = 0
  let left = rowEnd < NAMES_AT || row[0] !== LAYOUT_VERSION || namesEnd > rowEnd ? -1 : countOf(row)
  for (; left > 0 && nameAt < namesEnd; left -= 1) {
    const nameLength = row[nameAt]!
    const lengthAt = nameAt + 1 + nameLength
    const length = uint32At(row, lengthAt)
    for (let tried = 0; tried < views.length; tried += 1) {
      const index = next + tried < views.length ? next + tried : next + tried - views.length
      if (starts[index] !== ABSENT || !isNamed(row, nameAt + 1, nameLength, views[index]!)) continue
      starts[index] = length === APART ? LIES_APART : cellAt
      ends[index] = cellAt + length
      next = index + 1
      if (next === views.length) next = 0
      break
    }
    nameAt = lengthAt + 4
    if (length !== APART) cellAt += length
  }
  if (left === 0 && nameAt === namesEnd && cellAt === rowEnd) return true
  starts.fill(ABSENT)
  return false
}

function isNamed(row: Uint8Array, at: number, length: number, view: Uint8Array): boolean {
  if (view.byteLength !== length) return false
  for (let index = 0; index < length; index += 1) if (row[at + index] !== view[index]) return false
  return true
}

function countOf(row: Uint8Array): number {
  return (row[1]! << 8) | row[2]!
}
