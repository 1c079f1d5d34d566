import type { DeleteRequest, IterateRequest } from '../online-store.ts'
import { chain, columnsBetween, newestOf, type RowFilter } from './filters.ts'
import { columnOf, columnsOf, endOfEntity, entityPrefix, keyOfRow, rowKeyOf } from './layout.ts'
import { clear } from './mutations.ts'
import {
  collector,
  type FoundCell,
  keyRuns,
  type RowPage,
  type RowRange,
  readByKeys,
  readPage,
  readRequest,
} from './row-reads.ts'
import { forEachOf, mutateRows, type RowMutations } from './row-writes.ts'
import type { Table } from './table.ts'

/** Runs a call of the store, which may be closed between two of them. */
type Call = <T>(run: () => Promise<T>) => Promise<T>

/** One page a call, so that a slow caller holds no stream open, and one that leaves lets nothing lie. */
export async function* iterateCells(
  table: Table,
  call: Call,
  { entity, view, part, after }: IterateRequest,
): AsyncGenerator<{ readonly key: Uint8Array; readonly cell: Uint8Array }> {
  const patience = { timeoutMillis: table.settings.writeTimeoutMillis }
  const prefix = entityPrefix(entity)
  const filter = newestOf([columnOf(view, part)])
  let range: RowRange | undefined = wholeOf(prefix)
  if (after !== undefined) range = { ...range, start: rowKeyOf(prefix, after), isAfter: true }
  while (range !== undefined) {
    const left: RowRange = range
    const page: RowPage = await call(() => readPage(table.writes, filter, left, patience))
    for (const { row, cells } of page.rows) yield { key: keyOfRow(prefix, row), cell: cells[0]!.value }
    range = page.rest
  }
}

function wholeOf(prefix: Uint8Array): RowRange {
  return { start: prefix, isAfter: false, end: endOfEntity(prefix) }
}

/** Which columns a row has of a view, without what they hold: a column is deleted by its name. */
function namesOf(view: string): RowFilter {
  return chain(columnsBetween(columnsOf(view)), { cellsPerColumnLimitFilter: 1 }, { stripValueTransformer: true })
}

const MAX_READS_IN_FLIGHT = 4

export async function deleteCells(table: Table, { entity, view, keys }: DeleteRequest): Promise<void> {
  const prefix = entityPrefix(entity)
  if (keys === undefined) return deleteView(table, prefix, view)
  if (keys.length === 0) return
  const patience = { timeoutMillis: table.settings.writeTimeoutMillis }
  const rest = readRequest(table.writes, namesOf(view))
  const rows: RowMutations[] = []
  await forEachOf(keyRuns(prefix, keys), MAX_READS_IN_FLIGHT, ([start, end]) =>
    readByKeys(
      { caller: table.writes, rest, prefix, keys: keys.slice(start, end) },
      patience,
      collector((row, cells) => void rows.push(clearing(Buffer.from(row, 'latin1'), cells))),
    ),
  )
  await mutateRows(table.writes, rows, patience)
}

/** The columns of other views lie between, and only whole rows are dropped by range, so all of the entity's are walked. */
async function deleteView(table: Table, prefix: Uint8Array, view: string): Promise<void> {
  const patience = { timeoutMillis: table.settings.writeTimeoutMillis }
  let range: RowRange | undefined = wholeOf(prefix)
  while (range !== undefined) {
    const page: RowPage = await readPage(table.writes, namesOf(view), range, patience)
    await mutateRows(
      table.writes,
      page.rows.map(({ row, cells }) => clearing(row, cells)),
      patience,
    )
    range = page.rest
  }
}

function clearing(row: Uint8Array, cells: readonly FoundCell[]): RowMutations {
  return { row, mutations: cells.map(({ qualifier }) => clear(qualifier)) }
}
