import { setMaxListeners } from 'node:events'
import { invariant } from '../../../lib/assert.ts'
import { RESERVED_ENTITY } from '../column-lists.ts'
import type { CellBatch, CellName, ReadRequest } from '../online-store.ts'
import type { Caller, Patience } from './calls.ts'
import { STATUS, statusOf } from './failures.ts'
import { filterBytesOf, newestOf } from './filters.ts'
import { checkKey, columnOf, entityPrefix } from './layout.ts'
import type { CellAtHand } from './row-chunks.ts'
import { type KeysProgress, type KeysSink, keyRuns, readByKeys, readRequest } from './row-reads.ts'
import type { Table } from './table.ts'

type Batch = CellBatch[number][]

/** The columns of one request, and where their cells go. */
interface ColumnGroup {
  readonly caller: Caller
  readonly rest: Buffer
  /** Distinct, in the order in which the service gives them. */
  readonly columns: readonly Buffer[]
  /** For each column its place in the list of cells. */
  readonly places: readonly number[]
}

/** How a list of cells is asked for. */
interface CellPlan {
  readonly groups: readonly ColumnGroup[]
  /** Places that repeat another: [place, the place that is asked for]. */
  readonly repeats: readonly (readonly [number, number])[]
}

/** Of the 20 KB that the service takes of a filter. */
const MAX_FILTER_BYTES = 16 * 2 ** 10

/** The port's `read`: rejects where nothing could be read, else has errors in the places of what could not. */
export function readerOf(
  table: Table,
  failed: (error: unknown) => Error,
): (request: ReadRequest) => Promise<CellBatch> {
  const planOf = planner(table.reads)
  // What Fieldstone keeps for itself must be as it was last written.
  const planOfRecords = planner(table.writes)
  const prefixes = new Map<string, Uint8Array>()
  const { readTimeoutMillis } = table.settings

  function prefixOf(entity: string): Uint8Array {
    const known = prefixes.get(entity)
    if (known !== undefined) return known
    const prefix = entityPrefix(entity)
    prefixes.set(entity, prefix)
    return prefix
  }

  return async ({ entity, keys, cells, signal }) => {
    signal?.throwIfAborted()
    const batch: Batch = new Array(keys.length * cells.length).fill(undefined)
    if (batch.length === 0) return batch
    for (const key of keys) checkKey(key)
    const prefix = prefixOf(entity)
    const patience = { timeoutMillis: readTimeoutMillis, signal: heardByMany(signal) }
    const isOfRecords = entity === RESERVED_ENTITY
    const { groups, repeats } = isOfRecords ? planOfRecords(cells) : planOf(cells)
    const parts = keyRuns(prefix, keys).flatMap(([start, end]) =>
      groups.map((group) => new PartRead({ group, batch, width: cells.length, keys, start, end })),
    )
    const errors = await Promise.all(parts.map((part) => part.run(prefix, patience)))
    signal?.throwIfAborted()
    // Before the first apply there is no table, and so nothing on record.
    if (isOfRecords && errors.some((error) => statusOf(error) === STATUS.NOT_FOUND)) return batch
    if (errors.every((error, index) => error !== undefined && !parts[index]!.hasRead)) throw errors[0]
    for (const [index, error] of errors.entries()) if (error !== undefined) parts[index]!.fail(failed(error))
    for (const part of parts) part.repeatKeys()
    for (const [place, of] of repeats) {
      for (let at = 0; at < batch.length; at += cells.length) batch[at + place] = copyOf(batch[at + of])
    }
    return batch
  }
}

/** Each request of a read listens to its signal, and Node takes more than ten for a leak. */
function heardByMany(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal !== undefined) setMaxListeners(0, signal)
  return signal
}

/** Whoever reads again and again names its cells by one list. */
function planner(caller: Caller): (cells: readonly CellName[]) => CellPlan {
  const plans = new WeakMap<readonly CellName[], CellPlan>()
  return (cells) => {
    const known = plans.get(cells)
    if (known !== undefined) return known
    const plan = planCells(caller, cells)
    plans.set(cells, plan)
    return plan
  }
}

function planCells(caller: Caller, cells: readonly CellName[]): CellPlan {
  const first = new Map<string, number>()
  const repeats: (readonly [number, number])[] = []
  const asked: { readonly column: Buffer; readonly place: number }[] = []
  for (const [place, { view, part }] of cells.entries()) {
    const column = columnOf(view, part)
    const known = first.get(column.toString('latin1'))
    if (known !== undefined) repeats.push([place, known])
    else {
      first.set(column.toString('latin1'), place)
      asked.push({ column, place })
    }
  }
  asked.sort((a, b) => Buffer.compare(a.column, b.column))
  return { groups: split(asked).map((group) => groupOf(caller, group)), repeats }
}

type Asked = readonly { readonly column: Buffer; readonly place: number }[]

/** Into runs whose filters the service takes. */
function split(asked: Asked): readonly Asked[] {
  const runs: Asked[number][][] = [[]]
  let bytes = 0
  for (const one of asked) {
    const length = filterBytesOf(one.column)
    if (bytes + length > MAX_FILTER_BYTES) {
      runs.push([])
      bytes = 0
    }
    runs.at(-1)!.push(one)
    bytes += length
  }
  return runs
}

function groupOf(caller: Caller, asked: Asked): ColumnGroup {
  const columns = asked.map(({ column }) => column)
  const rest = readRequest(caller, newestOf(columns))
  return { caller, columns, places: asked.map(({ place }) => place), rest }
}

/** The bytes are the caller's, so two places never share them. */
function copyOf(found: Batch[number]): Batch[number] {
  return found instanceof Uint8Array ? Uint8Array.from(found) : found
}

interface PartPlace {
  readonly group: ColumnGroup
  readonly batch: Batch
  /** Cells of each key. */
  readonly width: number
  readonly keys: readonly Uint8Array[]
  /** The first and the first that is beyond, of the keys. */
  readonly start: number
  readonly end: number
}

/** Some columns of some keys: one request. */
class PartRead implements KeysSink {
  readonly #place: PartPlace
  readonly #progress: KeysProgress = { rows: [], last: '' }
  /** The first index of each row. */
  readonly #indexes = new Map<string, number>()
  /** Of the row at hand, by column, up to the next one that may come. */
  readonly #values: (Uint8Array | undefined)[]
  #next = 0

  constructor(place: PartPlace) {
    this.#place = place
    this.#values = place.group.columns.map(() => undefined)
  }

  get hasRead(): boolean {
    return this.#progress.last !== ''
  }

  /** Gives what it failed with. */
  async run(prefix: Uint8Array, patience: Patience): Promise<unknown> {
    const { group, keys, start, end } = this.#place
    const asked = end - start === keys.length ? keys : keys.slice(start, end)
    const request = { caller: group.caller, rest: group.rest, prefix, keys: asked }
    const reading = readByKeys(request, patience, this, this.#progress)
    // The rows are known as soon as they are asked for, and answers come later.
    this.#progress.rows.forEach((row, index) => {
      if (!this.#indexes.has(row)) this.#indexes.set(row, start + index)
    })
    return reading.then(
      () => undefined,
      (error: unknown) => error,
    )
  }

  /** Cells of a row come in the order of their columns. */
  cell(cell: CellAtHand): void {
    const { columns } = this.#place.group
    for (let column = this.#next; column < columns.length; column += 1) {
      if (!cell.isOf(columns[column]!)) continue
      this.#values[column] = cell.value()
      this.#next = column + 1
      return
    }
  }

  commit(row: string): void {
    const { batch, width, group } = this.#place
    const index = this.#indexes.get(row)
    invariant(index !== undefined, 'Bigtable gives only rows that were asked for')
    const { places } = group
    for (let column = 0; column < this.#next; column += 1) batch[index * width + places[column]!] = this.#values[column]
    this.reset()
  }

  reset(): void {
    for (let column = 0; column < this.#next; column += 1) this.#values[column] = undefined
    this.#next = 0
  }

  /** Puts an error in the place of every cell that had not come. */
  fail(error: Error): void {
    const { batch, width, group, start } = this.#place
    const { rows, last } = this.#progress
    for (const [index, row] of rows.entries()) {
      if (row <= last) continue
      for (const place of group.places) batch[(start + index) * width + place] = error
    }
  }

  /** A key that was asked for more than once came once. */
  repeatKeys(): void {
    const { batch, width, group, start } = this.#place
    const { rows } = this.#progress
    if (this.#indexes.size === rows.length) return
    for (const [at, row] of rows.entries()) {
      const index = this.#indexes.get(row)!
      if (index === start + at) continue
      for (const place of group.places) {
        batch[(start + at) * width + place] = copyOf(batch[index * width + place])
      }
    }
  }
}
