import { rowKeyLength, writeRowKey } from './layout.ts'

/** A request of ReadRows, and the keys of its rows in the order asked. */
export interface RowsMessage {
  readonly bytes: Buffer
  /** As latin1 text, for maps. */
  readonly rows: readonly string[]
}

// `ReadRowsRequest.rows`, and `RowSet.row_keys` in it.
const ROWS = 0x12
const ROW_KEY = 0x0a

/** Puts the keys of rows after the rest of a request: in protobuf's form a message goes on with its further fields. Throws KEY_INVALID. */
export function rowsMessage(rest: Uint8Array, prefix: Uint8Array, keys: readonly Uint8Array[]): RowsMessage {
  let setBytes = 0
  for (const key of keys) {
    const length = rowKeyLength(prefix, key)
    setBytes += 1 + varintLength(length) + length
  }
  const bytes = Buffer.allocUnsafe(rest.byteLength + 1 + varintLength(setBytes) + setBytes)
  bytes.set(rest)
  let at = writeHead(bytes, rest.byteLength, ROWS, setBytes)
  const rows: string[] = []
  for (const key of keys) {
    const start = writeHead(bytes, at, ROW_KEY, rowKeyLength(prefix, key))
    at = writeRowKey(bytes, start, prefix, key)
    rows.push(bytes.toString('latin1', start, at))
  }
  return { bytes, rows }
}

function writeHead(target: Uint8Array, at: number, tag: number, length: number): number {
  target[at] = tag
  let next = at + 1
  let left = length
  while (left >= 0x80) {
    target[next] = (left & 0x7f) | 0x80
    left >>>= 7
    next += 1
  }
  target[next] = left
  return next + 1
}

function varintLength(value: number): number {
  let length = 1
  for (let left = value; left >= 0x80; left >>>= 7) length += 1
  return length
}
