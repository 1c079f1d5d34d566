import { compareBytes } from '../../lib/bytes.ts'
import { compareValues } from '../../values/order.ts'
import { canonicalCell } from './canonical.ts'
import type { ColumnList } from './column-list.ts'
import type { ColumnLists } from './column-lists.ts'
import { type CellHeader, orderBytes, readCellHeader, valueText } from './row-codec.ts'

/** Two cells tie up to their values, and the list of one is not in memory: load it and compare again. */
export class UnknownColumnList extends Error {
  override readonly name = 'UnknownColumnList'
  readonly fingerprint: string

  constructor(fingerprint: string) {
    super(`column list ${fingerprint} is not in memory`)
    this.fingerprint = fingerprint
  }
}

/**
 * The whole order of V1 between two cells of one view. Where rows of different column lists tie, their common columns decide by
 * value, in the order of the longer list; then the longer list stands, for it loses no value; then the fingerprint, so that the
 * order is total.
 */
export function cellComparator(lists: ColumnLists): (stored: Uint8Array, offered: Uint8Array) => number {
  return (stored, offered) => {
    const [a, b] = [readCellHeader(stored), readCellHeader(offered)]
    const order = compareBytes(orderBytes(a), orderBytes(b))
    return order !== 0 || a.tombstone ? order : compareByValues(a, b, lists)
  }
}

function compareByValues(a: CellHeader, b: CellHeader, lists: ColumnLists): number {
  const [listA, listB] = [listOf(a, lists), listOf(b, lists)]
  const common = (listA.columns.length >= listB.columns.length ? listA : listB).columns.filter(
    ({ name }) => listA.indexOf.has(name) && listB.indexOf.has(name),
  )
  const texts = (header: CellHeader, list: ColumnList): readonly string[] => {
    const canonical = canonicalCell(header, list)
    return common.map(({ name }) => valueText(canonical, list.indexOf.get(name)!))
  }
  return (
    compareValues(texts(a, listA), texts(b, listB), common) ||
    listA.columns.length - listB.columns.length ||
    (listA.fingerprint < listB.fingerprint ? -1 : Number(listA.fingerprint > listB.fingerprint))
  )
}

function listOf(header: CellHeader, lists: ColumnLists): ColumnList {
  const list = lists.get(header.fingerprint)
  if (list === undefined) throw new UnknownColumnList(header.fingerprint)
  return list
}
