import { type Caller, type Patience, withRetries } from './calls.ts'
import type { RowFilter } from './filters.ts'
import { rowKeyLength } from './layout.ts'
import { rowsMessage } from './read-request.ts'
import { RowChunks, type RowSink } from './row-chunks.ts'

export interface FoundCell {
  readonly qualifier: Uint8Array
  readonly timestampMicros: number
  readonly value: Uint8Array
}

/** Hears of each row that is there, by its key as latin1 text. */
type OnRow = (row: string, cells: readonly FoundCell[]) => void

/** Of the 512 KiB that the service takes in one ReadRows. */
const MAX_REQUEST_KEYS = 1_000
const MAX_REQUEST_BYTES = 256 * 2 ** 10

/** Parts of some keys that are asked for by one request each: where each begins and ends. */
export function keyRuns(prefix: Uint8Array, keys: readonly Uint8Array[]): readonly (readonly [number, number])[] {
  if (keys.length <= MAX_REQUEST_KEYS && keys.length * (prefix.byteLength + 1_040) <= MAX_REQUEST_BYTES)
    return [[0, keys.length]]
  const runs: (readonly [number, number])[] = []
  let start = 0
  let bytes = 0
  for (const [index, key] of keys.entries()) {
    const length = rowKeyLength(prefix, key) + 4
    if (index > start && (index - start === MAX_REQUEST_KEYS || bytes + length > MAX_REQUEST_BYTES)) {
      runs.push([start, index])
      start = index
      bytes = 0
    }
    bytes += length
  }
  runs.push([start, keys.length])
  return runs
}

/** What is asked of rows, but for their keys: made once for many requests. */
export function readRequest({ address, serialize }: Caller, filter: RowFilter): Buffer {
  return serialize('ReadRows', { ...address, filter })
}

export interface KeysRequest {
  readonly caller: Caller
  /** See `readRequest`. */
  readonly rest: Uint8Array
  readonly prefix: Uint8Array
  readonly keys: readonly Uint8Array[]
}

/** How far a read by keys has come: the rows come in the order of their keys. */
export interface KeysProgress {
  /** Row keys as latin1 texts, in the order asked. */
  rows: readonly string[]
  /** What there is of the rows up to this one has come. */
  last: string
}

/** Is told of the cells of rows that are read by keys. */
export type KeysSink = Pick<RowSink, 'cell' | 'commit' | 'reset'>

/** Reads rows by keys in one request, and after a failure that may pass those that have not come. */
export async function readByKeys(
  { caller, rest, prefix, keys }: KeysRequest,
  patience: Patience,
  sink: KeysSink,
  progress: KeysProgress = { rows: [], last: '' },
): Promise<void> {
  const first = rowsMessage(rest, prefix, keys)
  progress.rows = first.rows
  let message = first.bytes
  let lastAsked = ''
  const watched: RowSink = {
    cell: (cell) => sink.cell(cell),
    commit: (row) => {
      progress.last = row
      sink.commit(row)
    },
    reset: () => sink.reset(),
    scanned: (row) => {
      progress.last = row
    },
  }
  await withRetries(
    patience,
    (once) => {
      if (progress.last !== lastAsked) {
        const left = keys.filter((_, index) => first.rows[index]! > progress.last)
        if (left.length === 0) return Promise.resolve()
        message = rowsMessage(rest, prefix, left).bytes
        lastAsked = progress.last
      }
      // What a call that failed left unfinished does not count.
      sink.reset()
      const chunks = new RowChunks(watched)
      return caller.read(message, once, (answer) => void chunks.read(answer))
    },
    () => progress.last !== lastAsked,
  )
}

/** Gathers the cells of a row until it is whole. */
export function collector(onRow: OnRow, onScanned: (row: string) => void = () => undefined): RowSink {
  let cells: FoundCell[] = []
  return {
    cell: (cell) => {
      cells.push({ qualifier: cell.qualifier(), timestampMicros: cell.timestampMicros, value: cell.value() })
    },
    commit: (row) => {
      onRow(row, cells)
      cells = []
    },
    reset: () => {
      cells = []
    },
    scanned: onScanned,
  }
}

/** A run of the table. */
export interface RowRange {
  readonly start: Uint8Array
  /** Whether `start` itself is left out. */
  readonly isAfter: boolean
  /** The first that is beyond. */
  readonly end: Uint8Array
}

export interface FoundRow {
  readonly row: Buffer
  readonly cells: readonly FoundCell[]
}

export interface RowPage {
  readonly rows: readonly FoundRow[]
  /** What is left; undefined: nothing. */
  readonly rest: RowRange | undefined
}

/** Rows and bytes of one page, so that memory stays small however slowly it is worked off. */
const MAX_PAGE_ROWS = 2_000
const MAX_PAGE_BYTES = 4 * 2 ** 20

/** Reads the first rows of a range; fewer than there are, where they are many or great. */
export async function readPage(
  caller: Caller,
  filter: RowFilter,
  range: RowRange,
  patience: Patience,
): Promise<RowPage> {
  const rows: FoundRow[] = []
  let bytes = 0
  let isEnough = false
  let next = range
  let asked = range
  const goOn = (row: string) => {
    if (!isEnough) next = { start: Buffer.from(row, 'latin1'), isAfter: true, end: range.end }
  }
  const sink = collector((row, cells) => {
    if (isEnough) return
    rows.push({ row: Buffer.from(row, 'latin1'), cells })
    for (const { value } of cells) bytes += value.byteLength
    goOn(row)
    isEnough = bytes >= MAX_PAGE_BYTES || rows.length >= MAX_PAGE_ROWS
  }, goOn)
  await withRetries(
    patience,
    (once) => {
      asked = next
      const request = caller.serialize('ReadRows', {
        ...caller.address,
        filter,
        rows: { rowRanges: [rangeOf(next)] },
        rowsLimit: MAX_PAGE_ROWS - rows.length,
      })
      sink.reset()
      const chunks = new RowChunks(sink)
      return caller.read(request, once, (answer) => {
        chunks.read(answer)
        return isEnough ? 'enough' : undefined
      })
    },
    () => next !== asked,
  )
  return { rows, rest: isEnough ? next : undefined }
}

function rangeOf({ start, isAfter, end }: RowRange): object {
  return { ...(isAfter ? { startKeyOpen: start } : { startKeyClosed: start }), endKeyOpen: end }
}
