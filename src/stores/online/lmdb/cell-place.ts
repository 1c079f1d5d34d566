import type { Database } from './database.ts'
import { MAX_PACKED_BYTES, type PackedCell, packRow, unpackRow } from './packed-row.ts'
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
 * One cell in the tree: first cells in their row, or by themselves where they are great; all others by themselves. Its row is read
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
    const at = row.findIndex(isOf(place.view))
    const isGreat = cell.byteLength > MAX_PACKED_BYTES
    if (isGreat) apart().put(cell)
    else if (at >= 0 && row[at]!.cell === undefined) apart().remove()
    const packed = { view: place.view, cell: isGreat ? undefined : cell }
    if (at < 0) row.push(packed)
    else row[at] = packed
    db.putSync(id, packRow(row))
  }

  function remove(): void {
    if (removeFromRow(db, id, place.view)?.cell === undefined) apart().remove()
  }

  return { get, put, remove }
}

/** Takes a view's cell out of a row, and the row away where nothing is left of it. Gives what was there; one that lies by itself is the caller's. */
export function removeFromRow(db: Database, id: Buffer, view: Uint8Array): PackedCell | undefined {
  const row = rowAt(db, id)
  const at = row.findIndex(isOf(view))
  if (at < 0) return undefined
  const [removed] = row.splice(at, 1)
  if (row.length === 0) db.removeSync(id)
  else db.putSync(id, packRow(row))
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
