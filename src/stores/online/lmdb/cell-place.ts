import type { Database } from './database.ts'
import { MAX_PACKED_BYTES, MAX_ROW_BYTES, type PackedCell, packRow, rowBytes, unpackRow } from './packed-row.ts'
import { partSuffix, physicalKey, ROW_SUFFIX } from './physical-key.ts'

/** Names the place of one cell by bytes. */
export interface CellPlace {
  /** Of the entity. */
  readonly prefix: Uint8Array
  readonly key: Uint8Array
  /** The bytes of the view's name. */
  readonly view: Uint8Array
  readonly part: number
}

/**
 * One cell in the tree: first cells in their row, or by themselves where they or their row would be great; all others by themselves. Its row is read
 * once, so it holds for one step of one transaction.
 */
export interface StoredCell {
  get(): Uint8Array | undefined
  /** Within a transaction. */
  put(cell: Uint8Array): void
  /** Within a transaction; nothing happens where there is none. */
  remove(): void
}

/** Throws KEY_INVALID where the encoded key is none. */
export function placeOf(db: Database, place: CellPlace): StoredCell {
  return place.part === 0 ? inRow(db, place) : byItself(db, ownId(place))
}

function ownId({ prefix, key, view, part }: CellPlace): Buffer {
  return physicalKey(prefix, key, partSuffix(view, part))
}

function byItself(db: Database, id: Buffer): StoredCell {
  return {
    get: () => db.getBinary(id),
    put: (cell) => void db.putSync(id, asBuffer(cell)),
    remove: () => void db.removeSync(id),
  }
}

function inRow(db: Database, place: CellPlace): StoredCell {
  const id = physicalKey(place.prefix, place.key, ROW_SUFFIX)
  let known: PackedCell[] | undefined
  const read = (): PackedCell[] => {
    known ??= rowAt(db, id)
    return known
  }
  const apart = (): StoredCell => byItself(db, ownId(place))

  function get(): Uint8Array | undefined {
    const found = read().find(isOf(place.view))
    return found === undefined ? undefined : (found.cell ?? apart().get())
  }

  function put(cell: Uint8Array): void {
    const row = read()
    const found = row.findIndex(isOf(place.view))
    const at = found < 0 ? row.length : found
    const wasApart = found >= 0 && row[found]!.cell === undefined
    row[at] = { view: place.view, cell }
    if (cell.byteLength > MAX_PACKED_BYTES || rowBytes(row) > MAX_ROW_BYTES) {
      row[at] = { view: place.view, cell: undefined }
      apart().put(cell)
      // The row says it already.
      if (wasApart) return
    } else if (wasApart) apart().remove()
    db.putSync(id, packRow(row))
  }

  function remove(): void {
    if (removeFromRow(db, id, place.view)?.cell === undefined) apart().remove()
  }

  return { get, put, remove }
}

/**
 * Takes a view's cell out of a row, and the row away where nothing is left of it or could be read of it. Gives what was there; one that
 * lies by itself is the caller's.
 */
export function removeFromRow(db: Database, id: Buffer, view: Uint8Array): PackedCell | undefined {
  const row = rowAt(db, id)
  const at = row.findIndex(isOf(view))
  const removed = at < 0 ? undefined : row.splice(at, 1)[0]
  if (row.length === 0) db.removeSync(id)
  else if (removed !== undefined) db.putSync(id, packRow(row))
  return removed
}

function rowAt(db: Database, id: Buffer): PackedCell[] {
  const row = db.getBinary(id)
  return row === undefined ? [] : unpackRow(row)
}

function isOf(view: Uint8Array): (cell: PackedCell) => boolean {
  return (cell) => Buffer.compare(cell.view, view) === 0
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
