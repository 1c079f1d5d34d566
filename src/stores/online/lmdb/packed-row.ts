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

/** A cell of a row. */
export interface PackedCell {
  /** The bytes of the view's name. */
  readonly view: Uint8Array
  /** Undefined: it lies by itself. */
  readonly cell: Uint8Array | undefined
}

export function packRow(cells: readonly PackedCell[]): Buffer {
  const cellsAt = cells.reduce((length, { view }) => length + 1 + view.byteLength + 4, NAMES_AT)
  const row = Buffer.allocUnsafe(cells.reduce((length, { cell }) => length + (cell?.byteLength ?? 0), cellsAt))
  row.writeUInt8(LAYOUT_VERSION, 0)
  row.writeUInt16BE(cells.length, 1)
  row.writeUInt32BE(cellsAt, 3)
  let nameAt = NAMES_AT
  let cellAt = cellsAt
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

/** The cells share the row's memory. */
export function unpackRow(row: Uint8Array): PackedCell[] {
  const cells: PackedCell[] = []
  let nameAt = NAMES_AT
  let cellAt = uint32At(row, 3)
  for (let left = countOf(row); left > 0; left -= 1) {
    const lengthAt = nameAt + 1 + row[nameAt]!
    const length = uint32At(row, lengthAt)
    const view = row.subarray(nameAt + 1, lengthAt)
    cells.push({ view, cell: length === APART ? undefined : row.subarray(cellAt, cellAt + length) })
    nameAt = lengthAt + 4
    if (length !== APART) cellAt += length
  }
  return cells
}

/** Where the cells of views lie in a row: for view `i` from `starts[i]` to before `ends[i]`. */
export interface CellPlaces {
  /** -1: there is none. -2: it lies by itself. */
  readonly starts: Int32Array
  readonly ends: Int32Array
}

export const ABSENT = -1
export const LIES_APART = -2

/** Finds the cells of distinct views in a row without making anything: `places` is filled anew. */
export function findCells(row: Uint8Array, views: readonly Uint8Array[], { starts, ends }: CellPlaces): void {
  starts.fill(ABSENT)
  let nameAt = NAMES_AT
  let cellAt = uint32At(row, 3)
  // Views are mostly written and asked for in one order, so the next one asked for is looked at first.
  let next = 0
  for (let left = countOf(row); left > 0; left -= 1) {
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
}

function isNamed(row: Uint8Array, at: number, length: number, view: Uint8Array): boolean {
  if (view.byteLength !== length) return false
  for (let index = 0; index < length; index += 1) if (row[at + index] !== view[index]) return false
  return true
}

function countOf(row: Uint8Array): number {
  return (row[1]! << 8) | row[2]!
}

function uint32At(bytes: Uint8Array, at: number): number {
  return ((bytes[at]! << 24) | (bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!) >>> 0
}
