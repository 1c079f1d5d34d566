import { FieldstoneError } from '../../errors.ts'
import { compareBytes } from '../../lib/bytes.ts'
import { compareValues } from '../../values/order.ts'
import { canonicalCell } from './canonical.ts'
import type { ColumnList } from './column-list.ts'
import type { ColumnLists } from './column-lists.ts'
import { type CellHeader, fingerprintOf, isOfNewerCodec, orderBytes, readCellHeader, valueText } from './row-codec.ts'

/** Two cells tie up to their values, and their column list is not in memory: load it and compare again. */
export class UnknownColumnList extends Error {
  override readonly name = 'UnknownColumnList'
  readonly fingerprint: string

  constructor(fingerprint: string) {
    super(`column list ${fingerprint} is not in memory`)
    this.fingerprint = fingerprint
  }
}

/**
 * The whole order of V1 between two cells of one view: negative where the stored one is earlier.
 *
 * Two rows that tie up to their values and were written with different column lists are ordered by the lists: the newest one
 * stands, where it is known, so that a feature is filled also where others were removed; then the one of more columns, for it
 * loses no value; then by fingerprint. Values that both have do not come first, for then three rows of
 * three lists could each be earlier than the next, and what stands would hang on the order of arrival.
 *
 * A stored cell that cannot be read is earlier than any row, so that writing the row again mends it; one of a newer codec is
 * not ours to judge. Throws CELL_CORRUPT for that and where the offered cell is broken, and UnknownColumnList.
 */
export function cellComparator(
  lists: ColumnLists,
  newestList?: string,
): (stored: Uint8Array, offered: Uint8Array) => number {
  return (stored, offered) => {
    const after = readCellHeader(offered)
    const before = readStored(stored)
    if (before === undefined) return -1
    return (
      compareBytes(orderBytes(before), orderBytes(after)) ||
      compareLists(before, after, newestList) ||
      (after.tombstone ? 0 : compareOfOneList(before, after, lists))
    )
  }
}

function readStored(stored: Uint8Array): CellHeader | undefined {
  return isOfNewerCodec(stored) ? readCellHeader(stored) : unlessCorrupt(() => readCellHeader(stored))
}

function compareLists(a: CellHeader, b: CellHeader, newestList: string | undefined): number {
  const [listOfA, listOfB] = [fingerprintOf(a), fingerprintOf(b)]
  if (listOfA === listOfB) return 0
  if (listOfA === newestList) return 1
  if (listOfB === newestList) return -1
  return a.valueCount - b.valueCount || (listOfA < listOfB ? -1 : 1)
}

function compareOfOneList(before: CellHeader, after: CellHeader, lists: ColumnLists): number {
  if (before.canonical && after.canonical && compareBytes(before.bytes, after.bytes) === 0) return 0
  const list = lists.of(after)
  if (list === undefined) throw new UnknownColumnList(fingerprintOf(after))
  const offered = textsOf(after, list)
  const stored = unlessCorrupt(() => textsOf(before, list))
  return stored === undefined ? -1 : compareValues(stored, offered, list.columns)
}

function textsOf(header: CellHeader, list: ColumnList): readonly string[] {
  const canonical = canonicalCell(header, list)
  return list.columns.map((_, index) => valueText(canonical, index))
}

function unlessCorrupt<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof FieldstoneError && error.code === 'CELL_CORRUPT') return undefined
    throw error
  }
}
