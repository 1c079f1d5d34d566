import { FAMILY } from './layout.ts'

/** A filter of rows as the service's requests hold it (`google.bigtable.v2.RowFilter`), as far as we use it. */
export type RowFilter =
  | { readonly chain: { readonly filters: readonly RowFilter[] } }
  | { readonly interleave: { readonly filters: readonly RowFilter[] } }
  | { readonly familyNameRegexFilter: string }
  | { readonly columnQualifierRegexFilter: Uint8Array }
  | { readonly columnRangeFilter: ColumnRange }
  | { readonly timestampRangeFilter: { readonly startTimestampMicros?: number; readonly endTimestampMicros?: number } }
  | { readonly valueRangeFilter: { readonly startValueClosed: Uint8Array; readonly endValueOpen?: Uint8Array } }
  | { readonly cellsPerColumnLimitFilter: number }
  | { readonly cellsPerRowOffsetFilter: number }
  | { readonly stripValueTransformer: true }

interface ColumnRange {
  readonly familyName: string
  readonly startQualifierClosed: Uint8Array
  readonly endQualifierClosed?: Uint8Array
  readonly endQualifierOpen?: Uint8Array
}

export function chain(...filters: readonly RowFilter[]): RowFilter {
  return { chain: { filters } }
}

/** The newest cell of each of some columns. Others do not travel. */
export function newestOf(columns: readonly Uint8Array[]): RowFilter {
  return chain(columnsFilter(columns), { cellsPerColumnLimitFilter: 1 })
}

/** Above it, one pattern is shorter than so many ranges, each of which names its column twice. */
const MAX_RANGES = 8

function columnsFilter(columns: readonly Uint8Array[]): RowFilter {
  if (columns.length > MAX_RANGES)
    return chain({ familyNameRegexFilter: FAMILY }, { columnQualifierRegexFilter: patternOf(columns) })
  const ranges = columns.map(
    (column): RowFilter => ({
      columnRangeFilter: { familyName: FAMILY, startQualifierClosed: column, endQualifierClosed: column },
    }),
  )
  return ranges.length === 1 ? ranges[0]! : { interleave: { filters: ranges } }
}

/** RE2 that matches exactly one of some byte strings. */
function patternOf(columns: readonly Uint8Array[]): Uint8Array {
  const texts = columns.map((column) =>
    Buffer.from(column)
      .toString('latin1')
      .replace(/[^\w@/#~\x80-\xff]/g, escaped),
  )
  return Buffer.from(texts.join('|'), 'latin1')
}

function escaped(character: string): string {
  return `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`
}

/** What a column adds to a filter of many. */
export function filterBytesOf(column: Uint8Array): number {
  return patternOf([column]).byteLength + 1
}

export interface ColumnRun {
  readonly start: Uint8Array
  /** The first that is beyond. */
  readonly end: Uint8Array
}

/** The newest cell of each column of a run. */
export function newestBetween({ start, end }: ColumnRun): RowFilter {
  const columns = { columnRangeFilter: { familyName: FAMILY, startQualifierClosed: start, endQualifierOpen: end } }
  return chain(columns, { cellsPerColumnLimitFilter: 1 })
}

/** Two filters' cells, of columns that they do not share. */
export function either(one: RowFilter, other: RowFilter): RowFilter {
  return { interleave: { filters: [one, other] } }
}

/** Bigtable's times are in milliseconds. */
const STEP_MICROS = 1_000

/** Whether the column has a cell at an instant or after. */
export function hasSince(column: Uint8Array, micros: number): RowFilter {
  return chain(columnsFilter([column]), { timestampRangeFilter: { startTimestampMicros: micros } })
}

/** Whether the newest cell of a column is of an instant and holds exactly these bytes. */
export function isNewest(column: Uint8Array, micros: number, value: Uint8Array): RowFilter {
  return chain(newestAt(column, micros), exactly(value))
}

/** Whether the newest cell of a column is of an instant and begins with these bytes. */
export function newestBegins(column: Uint8Array, micros: number, start: Uint8Array): RowFilter {
  const end = above(start)
  return chain(newestAt(column, micros), {
    valueRangeFilter: { startValueClosed: start, ...(end === undefined ? {} : { endValueOpen: end }) },
  })
}

function newestAt(column: Uint8Array, micros: number): RowFilter {
  return chain(newestOf([column]), {
    timestampRangeFilter: { startTimestampMicros: micros, endTimestampMicros: micros + STEP_MICROS },
  })
}

/** Nothing lies between some bytes and the same with a zero after them. */
function exactly(value: Uint8Array): RowFilter {
  return { valueRangeFilter: { startValueClosed: value, endValueOpen: Buffer.concat([value, Buffer.of(0)]) } }
}

/** The first bytes above all that begin with these; undefined where there are none. */
function above(start: Uint8Array): Buffer | undefined {
  const last = start.findLastIndex((byte) => byte !== 0xff)
  if (last < 0) return undefined
  const end = Buffer.from(start.subarray(0, last + 1))
  end[last]! += 1
  return end
}

/** Whether two filters that give at most one cell each both give one. */
export function both(one: RowFilter, other: RowFilter): RowFilter {
  return chain(either(one, other), { cellsPerRowOffsetFilter: 1 })
}
