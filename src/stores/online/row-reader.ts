import { FieldstoneError } from '../../errors.ts'
import { canonicalCell } from './canonical.ts'
import type { ColumnList } from './column-list.ts'
import type { ColumnLists } from './column-lists.ts'
import { type CellBatch, type OnlineStore, type ReadRequest, StaleCell } from './online-store.ts'
import { type CellHeader, fingerprintOf, readCellHeader } from './row-codec.ts'

/** A cell that can be read: its header, canonical, and the list that names its values. */
export interface StoredRow {
  readonly header: CellHeader
  readonly list: ColumnList
}

/** Undefined: no row, or one whose column list is nowhere. An error stands in the place of a cell that cannot be read. */
export type RowOutcome = StoredRow | undefined | FieldstoneError

/**
 * Reads and decodes cells, in the order of `CellBatch`. Rejects with STORE_UNAVAILABLE (or STORE_CLOSED) where the store does not
 * answer at all. What a store in memory has answered at once is given at once, without a promise.
 */
export function readRows(
  store: OnlineStore,
  lists: ColumnLists,
  request: ReadRequest,
): readonly RowOutcome[] | Promise<readonly RowOutcome[]> {
  const batch = store.read(request)
  return batch instanceof Promise ? batch.then((cells) => decodeCells(cells, lists)) : decodeCells(batch, lists)
}

function decodeCells(cells: CellBatch, lists: ColumnLists): readonly RowOutcome[] | Promise<readonly RowOutcome[]> {
  const rows: RowOutcome[] = []
  let unknown: Map<number, CellHeader> | undefined
  for (let index = 0; index < cells.length; index += 1) {
    const cell = cells[index]
    const header = cell === undefined ? undefined : headerOf(cell)
    if (header === undefined || header instanceof FieldstoneError) {
      rows.push(header)
      continue
    }
    const list = lists.of(header)
    rows.push(list === undefined ? undefined : rowOf(header, list))
    if (list === undefined) {
      unknown ??= new Map()
      unknown.set(index, header)
    }
  }
  return unknown === undefined ? rows : withLists(rows, unknown, lists)
}

/** Fills in the rows whose lists memory had not. */
async function withLists(
  rows: RowOutcome[],
  unknown: ReadonlyMap<number, CellHeader>,
  lists: ColumnLists,
): Promise<readonly RowOutcome[]> {
  await lists.load([...unknown.values()].map(fingerprintOf))
  for (const [index, header] of unknown) {
    const list = lists.of(header)
    if (list === undefined) lists.countNowhere()
    else rows[index] = rowOf(header, list)
  }
  return rows
}

/** What goes wrong with one cell is told in its place and harms no other. */
function headerOf(cell: Uint8Array | Error | StaleCell): CellHeader | FieldstoneError {
  if (cell instanceof StaleCell) return headerOf(cell.cell!)
  if (cell instanceof Error) return cell instanceof FieldstoneError ? cell : unread(cell)
  try {
    return readCellHeader(cell)
  } catch (error) {
    return coded(error)
  }
}

function unread(cause: Error): FieldstoneError {
  return new FieldstoneError('STORE_UNAVAILABLE', { seen: 'a read of one cell', cause })
}

function rowOf(header: CellHeader, list: ColumnList): StoredRow | FieldstoneError {
  try {
    return { header: canonicalCell(header, list), list }
  } catch (error) {
    return coded(error)
  }
}

function coded(error: unknown): FieldstoneError {
  if (error instanceof FieldstoneError) return error
  throw error
}
