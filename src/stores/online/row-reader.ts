import { FieldstoneError } from '../../errors.ts'
import { canonicalCell } from './canonical.ts'
import type { ColumnList } from './column-list.ts'
import type { ColumnLists } from './column-lists.ts'
import type { CellBatch, OnlineStore, ReadRequest } from './online-store.ts'
import { type CellHeader, readCellHeader } from './row-codec.ts'

/** A cell that can be read: its header, canonical, and the list that names its values. */
export interface StoredRow {
  readonly header: CellHeader
  readonly list: ColumnList
}

/** Undefined: no row, or one whose column list is nowhere. An error stands in the place of a cell that cannot be read. */
export type RowOutcome = StoredRow | undefined | FieldstoneError

/**
 * Reads and decodes cells, in the order of `CellBatch`. Rejects with STORE_UNAVAILABLE (or STORE_CLOSED) where the store does not
 * answer at all.
 */
export async function readRows(
  store: OnlineStore,
  lists: ColumnLists,
  request: ReadRequest,
): Promise<readonly RowOutcome[]> {
  const headers = (await store.read(request)).map(headerOf)
  const unknown = headers.flatMap((header) =>
    isHeader(header) && lists.get(header.fingerprint) === undefined ? [header.fingerprint] : [],
  )
  if (unknown.length > 0) await lists.load(unknown)
  return headers.map((header) => (isHeader(header) ? rowOf(header, lists) : header))
}

type HeaderOutcome = CellHeader | FieldstoneError | undefined

function isHeader(header: HeaderOutcome): header is CellHeader {
  return header !== undefined && !(header instanceof FieldstoneError)
}

function headerOf(cell: CellBatch[number]): HeaderOutcome {
  if (cell === undefined) return undefined
  if (cell instanceof Error) return cell instanceof FieldstoneError ? cell : unread(cell)
  return inPlace(() => readCellHeader(cell))
}

function unread(cause: Error): FieldstoneError {
  return new FieldstoneError('STORE_UNAVAILABLE', { seen: 'a read of one cell', cause })
}

function rowOf(header: CellHeader, lists: ColumnLists): RowOutcome {
  const list = lists.get(header.fingerprint)
  if (list !== undefined) return inPlace(() => ({ header: canonicalCell(header, list), list }))
  lists.countNowhere()
  return undefined
}

/** What goes wrong with one cell is told in its place and harms no other. */
function inPlace<T>(read: () => T): T | FieldstoneError {
  try {
    return read()
  } catch (error) {
    if (error instanceof FieldstoneError) return error
    throw error
  }
}
