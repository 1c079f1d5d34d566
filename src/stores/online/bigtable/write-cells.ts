import { FieldstoneError } from '../../../errors.ts'
import { callOut } from '../caller-error.ts'
import type { WriteRequest, WriteSummary } from '../online-store.ts'
import { readCellHeader } from '../row-codec.ts'
import { backOff } from './back-off.ts'
import { chain, hasSince, newestOf, type RowFilter } from './filters.ts'
import { entityPrefix, rowKeyOf, updateColumn } from './layout.ts'
import { type CellColumns, cellColumns, clear, isStill, putInstead, putNew, type SeenCell } from './mutations.ts'
import { collector, type FoundCell, keyRuns, readByKeys, readRequest } from './row-reads.ts'
import { type CheckedChange, checkAndMutate, forEachOf, mutateRows } from './row-writes.ts'
import type { Table } from './table.ts'

/** The service holds 100 MB in a cell and advises 10 MB. */
export const MAX_CELL_BYTES = 10 * 2 ** 20
const MAX_CHECKS_IN_FLIGHT = 100
const MAX_READS_IN_FLIGHT = 4

/** The greatest cell of a key that the caller offers. */
interface Offer {
  readonly key: Uint8Array
  readonly row: Buffer
  readonly cell: Uint8Array
  /** Whole milliseconds, in microseconds. */
  readonly micros: number
  /** An answer was lost, so this may be what is there. */
  mayBeStored: boolean
}

/** What is there: the cell, or of one that is not of the offer's millisecond the time alone. */
type Stored = SeenCell | { readonly timestampMicros: number; readonly value: undefined }

interface Write {
  readonly table: Table
  readonly request: WriteRequest
  readonly prefix: Uint8Array
  readonly columns: CellColumns
  readonly summary: { written: number; superseded: number; unchanged: number }
}

/** Cells lie at their event time, so a later one stands whatever the order of arrival; only those of one millisecond must be compared where they lie. */
export async function writeCells(table: Table, request: WriteRequest): Promise<WriteSummary> {
  const { entity, view, part } = request
  const summary = { written: 0, superseded: 0, unchanged: 0 }
  const write = { table, request, prefix: entityPrefix(entity), columns: cellColumns(view, part), summary }
  let left: readonly Offer[] = offersOf(write)
  // Most rows of a stream are new, and the check that they are is the write.
  if (request.packed && !request.exclusive) left = await putAll(write, left, () => undefined)
  const start = performance.now()
  for (let round = 0; left.length > 0; round += 1) {
    if (round > 0) await backOff(table, start, round)
    const stored = await storedOf(write, left)
    left = await putAll(write, left, (offer) => stored.get(offer.row.toString('latin1')))
  }
  return summary
}

/** Reduces each key to the greatest of its rows: what is not stored for another of the same call is superseded, or unchanged. */
function offersOf({ request, prefix, summary }: Write): readonly Offer[] {
  const offers = new Map<string, Offer>()
  for (const { key, cell } of request.rows) {
    const row = rowKeyOf(prefix, key)
    const id = row.toString('latin1')
    const other = offers.get(id)
    const order = other === undefined ? -1 : callOut(() => request.compare(other.cell, cell))
    if (other !== undefined) summary[order === 0 ? 'unchanged' : 'superseded'] += 1
    if (order < 0) offers.set(id, { key, row, cell, micros: timeOf(request, cell), mayBeStored: false })
  }
  return [...offers.values()]
}

/** Bigtable has no time before 1970: such rows share its first millisecond. So do cells that tell no time. */
function timeOf({ packed }: WriteRequest, cell: Uint8Array): number {
  if (cell.byteLength > MAX_CELL_BYTES) throw tooLong(cell)
  if (packed !== true) return 0
  return Math.max(0, Math.floor(readCellHeader(cell).eventMicros / 1_000) * 1_000)
}

export function tooLong(cell: Uint8Array): FieldstoneError {
  return new FieldstoneError('VALUE_INVALID', {
    seen: `a cell of ${cell.byteLength} bytes`,
    why: `A cell in Bigtable is at most ${MAX_CELL_BYTES} bytes.`,
    mend: 'Split the view, or store less in a feature.',
  })
}

/** What is there for each offer, by row. */
async function storedOf(write: Write, offers: readonly Offer[]): Promise<ReadonlyMap<string, Stored>> {
  const { packed, exclusive } = write.request
  if (packed !== true || exclusive !== true) return readWhole(write, offers)
  // The only writer of a view mostly finds earlier rows, or later ones: their times say enough.
  const stored = new Map(await readTimes(write, offers))
  const ties = offers.filter(({ row, micros }) => stored.get(row.toString('latin1'))?.timestampMicros === micros)
  for (const { row } of ties) stored.delete(row.toString('latin1'))
  for (const [row, cell] of await readWhole(write, ties)) stored.set(row, cell)
  return stored
}

async function readWhole(write: Write, offers: readonly Offer[]): Promise<ReadonlyMap<string, Stored>> {
  const { columns } = write
  const stored = new Map<string, Stored>()
  await readEach(write, offers, newestOf([columns.data, columns.digest]), (row, cells) => {
    const seen = seenOf(columns, cells)
    if (seen !== undefined) stored.set(row, seen)
  })
  return stored
}

async function readTimes(write: Write, offers: readonly Offer[]): Promise<ReadonlyMap<string, Stored>> {
  const stored = new Map<string, Stored>()
  const filter = chain(newestOf([write.columns.data]), { stripValueTransformer: true })
  await readEach(write, offers, filter, (row, [cell]) => {
    stored.set(row, { timestampMicros: cell!.timestampMicros, value: undefined })
  })
  return stored
}

async function readEach(
  { table, prefix }: Write,
  offers: readonly Offer[],
  filter: RowFilter,
  onRow: (row: string, cells: readonly FoundCell[]) => void,
): Promise<void> {
  if (offers.length === 0) return
  const rest = readRequest(table.writes, filter)
  const keys = offers.map(({ key }) => key)
  const patience = { timeoutMillis: table.settings.writeTimeoutMillis }
  await forEachOf(keyRuns(prefix, keys), MAX_READS_IN_FLIGHT, ([start, end]) =>
    readByKeys({ caller: table.writes, rest, prefix, keys: keys.slice(start, end) }, patience, collector(onRow)),
  )
}

export function seenOf({ data, digest }: CellColumns, cells: readonly FoundCell[]): SeenCell | undefined {
  const own = cells.find(({ qualifier }) => Buffer.compare(qualifier, data) === 0)
  if (own === undefined) return undefined
  const beside = cells.find(({ qualifier }) => Buffer.compare(qualifier, digest) === 0)
  return { timestampMicros: own.timestampMicros, value: own.value, digest: beside }
}

/** Stores what is greater than what is there, and gives what must be looked at again. */
async function putAll(
  write: Write,
  offers: readonly Offer[],
  storedOf: (offer: Offer) => Stored | undefined,
): Promise<readonly Offer[]> {
  const { table, request, columns, summary } = write
  const patience = { timeoutMillis: table.settings.writeTimeoutMillis }
  const atOnce: Offer[] = []
  const checked: { readonly offer: Offer; readonly change: CheckedChange }[] = []
  // Everything is compared before anything is stored: a comparison may throw.
  for (const offer of offers) {
    const stored = storedOf(offer)
    const order = orderOf(request, stored, offer)
    if (order > 0) summary.superseded += 1
    else if (order === 0) summary[offer.mayBeStored ? 'written' : 'unchanged'] += 1
    else if (request.exclusive && isNew(request, stored, offer.micros)) atOnce.push(offer)
    else checked.push({ offer, change: changeOf(write, stored, offer) })
  }
  await mutateRows(
    table.writes,
    atOnce.map(({ row, micros, cell }) => ({ row, mutations: putNew(columns, micros, cell) })),
    patience,
  )
  summary.written += atOnce.length
  const left: Offer[] = []
  await forEachOf(checked, MAX_CHECKS_IN_FLIGHT, async ({ offer, change }) => {
    const { isDone, mayHaveBeenDone } = await checkAndMutate(table.writes, change, patience)
    if (isDone) summary.written += 1
    else left.push(offer)
    if (mayHaveBeenDone) offer.mayBeStored = true
  })
  return left
}

/** Negative where the offer is to be stored. */
function orderOf({ compare }: WriteRequest, stored: Stored | undefined, { cell, micros }: Offer): number {
  if (stored === undefined) return -1
  if (stored.value === undefined) return stored.timestampMicros - micros
  const { value } = stored
  return callOut(() => compare(value, cell))
}

/** Whether nothing is there of the offer's time or later. */
function isNew({ packed }: WriteRequest, stored: Stored | undefined, micros: number): boolean {
  return stored === undefined || (packed === true && stored.timestampMicros < micros)
}

function changeOf(
  { request, columns }: Write,
  stored: Stored | undefined,
  { row, micros, cell }: Offer,
): CheckedChange {
  // An update of the key's parts that is on its way has not seen this, so it must look again.
  const tell = clear(updateColumn(request.view))
  if (stored === undefined || stored.value === undefined || isNew(request, stored, micros)) {
    const filter = hasSince(columns.data, micros)
    return { row, filter, when: 'noMatch', mutations: [...putNew(columns, micros, cell), tell] }
  }
  const mutations = [...putInstead(columns, micros, cell), tell]
  return { row, filter: isStill(columns, stored), when: 'match', mutations }
}
