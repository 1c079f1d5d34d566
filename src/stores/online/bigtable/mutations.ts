import { createHash, randomBytes } from 'node:crypto'
import { both, isNewest, newestBegins, type RowFilter } from './filters.ts'
import { columnOf, digestColumn, FAMILY } from './layout.ts'

/** A change of a row as the service's requests hold it (`google.bigtable.v2.Mutation`), as far as we use it. */
export type Mutation =
  | {
      readonly setCell: {
        readonly familyName: string
        readonly columnQualifier: Uint8Array
        readonly timestampMicros: number
        readonly value: Uint8Array
      }
    }
  | { readonly deleteFromColumn: { readonly familyName: string; readonly columnQualifier: Uint8Array } }

/** Parts have no event time of their own. */
export const TIME_OF_PARTS = 0

/** The columns of one cell. */
export interface CellColumns {
  readonly data: Buffer
  readonly digest: Buffer
}

export function cellColumns(view: string, part: number): CellColumns {
  return { data: columnOf(view, part), digest: digestColumn(view, part) }
}

/** What is compared by a filter, which holds it twice in at most 20 KB; a longer cell is compared by its digest, which lies beside it. */
const MAX_COMPARED_BYTES = 4_096
const DIGEST_BYTES = 16

export function set(column: Uint8Array, timestampMicros: number, value: Uint8Array): Mutation {
  return { setCell: { familyName: FAMILY, columnQualifier: column, timestampMicros, value } }
}

export function clear(column: Uint8Array): Mutation {
  return { deleteFromColumn: { familyName: FAMILY, columnQualifier: column } }
}

/** Puts a cell where none is of its time or later. */
export function putNew({ data, digest }: CellColumns, micros: number, cell: Uint8Array): readonly Mutation[] {
  const own = set(data, micros, cell)
  return cell.byteLength > MAX_COMPARED_BYTES ? [own, set(digest, micros, digestOf(cell))] : [own]
}

/** Puts a cell in the place of whatever is there. */
export function putInstead(columns: CellColumns, micros: number, cell: Uint8Array): readonly Mutation[] {
  return [...removeCell(columns), ...putNew(columns, micros, cell)]
}

export function removeCell({ data, digest }: CellColumns): readonly Mutation[] {
  return [clear(data), clear(digest)]
}

function digestOf(cell: Uint8Array): Uint8Array {
  return createHash('sha256').update(cell).digest().subarray(0, DIGEST_BYTES)
}

/** A cell as it was read. */
export interface SeenCell {
  readonly timestampMicros: number
  readonly value: Uint8Array
  /** What lay beside it; undefined: nothing. */
  readonly digest: { readonly timestampMicros: number; readonly value: Uint8Array } | undefined
}

/**
 * Whether a cell is as it was read. All of ours are compared whole or by their digests; a long one that another program wrote has none and is
 * compared by its beginning.
 */
export function isStill({ data, digest }: CellColumns, seen: SeenCell): RowFilter {
  if (seen.value.byteLength <= MAX_COMPARED_BYTES) return isNewest(data, seen.timestampMicros, seen.value)
  const begins = newestBegins(data, seen.timestampMicros, seen.value.subarray(0, MAX_COMPARED_BYTES))
  if (seen.digest === undefined) return begins
  return both(begins, isNewest(digest, seen.digest.timestampMicros, seen.digest.value))
}

const TOKEN_BYTES = 8
const MAX_TOKENS = 8

/** Says which update of a key's parts came last. */
export function newToken(): Uint8Array {
  return randomBytes(TOKEN_BYTES)
}

/** The last updates, the newest first: so one whose answer was lost finds itself, though others came after it. */
export function addToken(token: Uint8Array, before: Uint8Array | undefined): Uint8Array {
  return Buffer.concat([token, before ?? Buffer.alloc(0)]).subarray(0, TOKEN_BYTES * MAX_TOKENS)
}

export function hasToken(tokens: Uint8Array, token: Uint8Array): boolean {
  for (let at = 0; at < tokens.byteLength; at += TOKEN_BYTES)
    if (Buffer.compare(tokens.subarray(at, at + TOKEN_BYTES), token) === 0) return true
  return false
}
