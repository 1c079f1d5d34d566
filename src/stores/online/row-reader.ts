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

/** What a cache had of a row, for a store that does not answer. */
export class StaleRow {
  /** Undefined: there was none. */
  readonly row: StoredRow | undefined
  /** How long ago the store was asked, on the machine's clock. */
  readonly ageMillis: number

  constructor(row: StoredRow | undefined, ageMillis: number) {
    this.row = row
    this.ageMillis = ageMillis
  }
}

/** Undefined: no row, or one whose column list is nowhere. An error stands in the place of a cell that cannot be read. */
export type RowOutcome = StoredRow | undefined | FieldstoneError | StaleRow

/** The row of one place, or undefined, whether it is stale or not; throws the error in it. */
export function rowIn(outcome: RowOutcome): StoredRow | undefined {
  if (outcome instanceof Error) throw outcome
  return outcome instanceof StaleRow ? outcome.row : outcome
}

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
  let stale: Map<number, StaleCell> | undefined
  for (let index = 0; index < cells.length; index += 1) {
    let cell = cells[index]
    if (cell instanceof StaleCell) {
      stale ??= new Map()
      stale.set(index, cell)
      cell = cell.cell
    }
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
  const decoded = unknown === undefined ? rows : withLists(rows, unknown, lists)
  if (stale === undefined) return decoded
  return decoded instanceof Promise ? decoded.then(() => markStale(rows, stale)) : markStale(rows, stale)
}

/** A copy that cannot be read is told as any such cell is. */
function markStale(rows: RowOutcome[], stale: ReadonlyMap<number, StaleCell>): readonly RowOutcome[] {
  for (const [index, { ageMillis }] of stale) {
    const row = rows[index]
    if (!(row instanceof Error)) rows[index] = new StaleRow(rowIn(row), ageMillis)
  }
  return rows
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
function headerOf(cell: Uint8Array | Error): CellHeader | FieldstoneError {
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
