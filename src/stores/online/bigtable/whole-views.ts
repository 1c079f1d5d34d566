import type { DeleteRequest, IterateRequest } from '../online-store.ts'
import { backOff } from './back-off.ts'
import { type ColumnRun, chain, either, isNewest, newestBetween, newestOf, type RowFilter } from './filters.ts'
import { columnOf, columnsOf, endOfEntity, entityPrefix, keyOfRow, rowKeyOf, updateColumn } from './layout.ts'
import { clear, TIME_OF_PARTS } from './mutations.ts'
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
import { type CheckedChange, checkAndMutate, forEachOf, mutateRows, type RowMutations } from './row-writes.ts'
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
function namesOf(run: ColumnRun): RowFilter {
  return chain(newestBetween(run), { stripValueTransformer: true })
}

const MAX_READS_IN_FLIGHT = 4
const MAX_CHANGES_IN_FLIGHT = 100

export async function deleteCells(table: Table, { entity, view, keys }: DeleteRequest): Promise<void> {
  const prefix = entityPrefix(entity)
  if (keys === undefined) return deleteView(table, prefix, view)
  const start = performance.now()
  let left = keys
  for (let round = 0; left.length > 0; round += 1) {
    if (round > 0) await backOff(table, start, round)
    left = await deleteKeys(table, { prefix, view, keys: left })
  }
}

interface KeysOfView {
  readonly prefix: Uint8Array
  readonly view: string
  readonly keys: readonly Uint8Array[]
}

/** Deletes of each key what is there, unless an update came between the look and that: gives those that must be looked at again. */
async function deleteKeys(table: Table, { prefix, view, keys }: KeysOfView): Promise<readonly Uint8Array[]> {
  const patience = { timeoutMillis: table.settings.writeTimeoutMillis }
  const updates = updateColumn(view)
  const names = namesOf({ start: columnsOf(view).start, end: updates })
  const rest = readRequest(table.writes, either(names, newestOf([updates])))
  const changes: CheckedChange[] = []
  await forEachOf(keyRuns(prefix, keys), MAX_READS_IN_FLIGHT, ([start, end]) =>
    readByKeys(
      { caller: table.writes, rest, prefix, keys: keys.slice(start, end) },
      patience,
      collector((row, cells) => void changes.push(unlessUpdated(updates, Buffer.from(row, 'latin1'), cells))),
    ),
  )
  const left: Uint8Array[] = []
  await forEachOf(changes, MAX_CHANGES_IN_FLIGHT, async (change) => {
    const { isDone } = await checkAndMutate(table.writes, change, patience)
    if (!isDone) left.push(keyOfRow(prefix, change.row))
  })
  return left
}

/** An update that has read before this finds its record of updates gone; one that has stored after our look has changed it. */
function unlessUpdated(updates: Buffer, row: Buffer, cells: readonly FoundCell[]): CheckedChange {
  const { mutations } = clearing(row, cells)
  const record = cells.find(({ qualifier }) => Buffer.compare(qualifier, updates) === 0)
  if (record !== undefined)
    return { row, filter: isNewest(updates, TIME_OF_PARTS, record.value), when: 'match', mutations }
  return { row, filter: newestOf([updates]), when: 'noMatch', mutations }
}

/** The columns of other views lie between, and only whole rows are dropped by range, so all of the entity's are walked. */
async function deleteView(table: Table, prefix: Uint8Array, view: string): Promise<void> {
  const patience = { timeoutMillis: table.settings.writeTimeoutMillis }
  let range: RowRange | undefined = wholeOf(prefix)
  while (range !== undefined) {
    const page: RowPage = await readPage(table.writes, namesOf(columnsOf(view)), range, patience)
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
