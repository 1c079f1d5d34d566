import type { RootDatabase } from 'lmdb'
import type {
  CellBatch,
  CellName,
  DeleteRequest,
  IterateRequest,
  ReadRequest,
  UpdateRequest,
  WriteRequest,
  WriteSummary,
} from '../online-store.ts'
import {
  aboveAll,
  cellSuffix,
  endsWith,
  entityPrefix,
  isOfView,
  keyMaker,
  physicalKey,
  viewName,
} from './physical-key.ts'

export type Database = RootDatabase<Buffer, Buffer>

/** What a caller's own function threw, on its way through a transaction: it is passed on as it is. */
export class CallerError extends Error {
  override readonly name = 'CallerError'
  readonly thrown: unknown

  constructor(thrown: unknown) {
    super('a function of the caller threw', { cause: thrown })
    this.thrown = thrown
  }
}

/** Rows and bytes of one transaction, for which other writers wait. */
const MAX_CHUNK_ROWS = 5_000
const MAX_CHUNK_BYTES = 16 * 2 ** 20
/** Keys walked and bytes gathered in one look while iterating, so that no read transaction stays open and memory stays small. */
const MAX_LOOK_KEYS = 2_000
const MAX_LOOK_BYTES = 4 * 2 ** 20

/** Reads are synchronous, for LMDB reads memory. Each is of one instant, and not before the call. */
export function readerOf(db: Database): (request: ReadRequest) => CellBatch {
  // A deployment has few entities and views: what their names become in keys is made once.
  const keyMakers = new Map<string, ReturnType<typeof keyMaker>>()
  const suffixes = new Map<string, Uint8Array>()
  const keyMakerOf = (entity: string) => remembered(keyMakers, entity, () => keyMaker(entityPrefix(entity)))
  const suffixOf = (cell: CellName) => remembered(suffixes, `${cell.view} ${cell.part}`, () => cellSuffix(cell))

  return ({ entity, keys, cells }) => {
    // The library renews its view of the store once a turn of the event loop; what another process has since acknowledged would be missed.
    db.resetReadTxn()
    const idOf = keyMakerOf(entity)
    const ends = cells.map(suffixOf)
    const keep = cellKeeper(keys.length * cells.length)
    const batch: (Uint8Array | undefined)[] = []
    for (const key of keys) for (const end of ends) batch.push(keep(db.getBinaryFast(idOf(key, end))))
    return batch
  }
}

function remembered<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name)
  if (found !== undefined) return found
  const made = make()
  known.set(name, made)
  return made
}

const SLAB_BYTES = 64 * 2 ** 10
const NOTHING = Buffer.alloc(0)

/** Copies so many cells at most out of the library's memory, into few buffers: one for each would cost as much again as the read. */
function cellKeeper(count: number): (cell: Buffer | undefined) => Uint8Array | undefined {
  let slab: Buffer = NOTHING
  let at = 0
  let left = count
  return (cell) => {
    left -= 1
    if (cell === undefined) return undefined
    // The library sets the length; the buffer itself is longer, and used again by its next read.
    const { length } = cell
    if (at + length > slab.byteLength) {
      slab = Buffer.allocUnsafeSlow(Math.max(length, Math.min(SLAB_BYTES, length * (left + 1))))
      at = 0
    }
    cell.copy(slab, at, 0, length)
    const kept = new Uint8Array(slab.buffer, at, length)
    at += length
    return kept
  }
}

/** Stored whole and flushed once this resolves; nothing of it is stored where it rejects. */
function transact<T>(db: Database, action: () => T): Promise<T> {
  return db.childTransaction(action)
}

export async function writeCells(db: Database, request: WriteRequest): Promise<WriteSummary> {
  const total = { written: 0, superseded: 0, unchanged: 0 }
  for (const rows of chunksOf(request.rows)) {
    const { written, superseded, unchanged } = await transact(db, () => writeChunk(db, { ...request, rows }))
    total.written += written
    total.superseded += superseded
    total.unchanged += unchanged
  }
  return total
}

function* chunksOf(rows: WriteRequest['rows']): Generator<WriteRequest['rows']> {
  let start = 0
  let bytes = 0
  for (const [index, { cell }] of rows.entries()) {
    if (index - start === MAX_CHUNK_ROWS || (index > start && bytes + cell.byteLength > MAX_CHUNK_BYTES)) {
      yield rows.slice(start, index)
      start = index
      bytes = 0
    }
    bytes += cell.byteLength
  }
  if (start < rows.length) yield rows.slice(start)
}

/** A row of the chunk that a later one of the chunk replaces was never stored, so it counts as superseded. */
function writeChunk(db: Database, { entity, view, part, rows, compare }: WriteRequest): WriteSummary {
  const summary = { written: 0, superseded: 0, unchanged: 0 }
  const idOf = keyMaker(entityPrefix(entity))
  const suffix = cellSuffix({ view, part })
  const written = new Set<string>()
  for (const { key, cell } of rows) {
    const id = idOf(key, suffix)
    const stored = db.getBinary(id)
    const order = stored === undefined ? -1 : callOut(() => compare(stored, cell))
    if (order < 0) {
      db.putSync(id, asBuffer(cell))
      const name = id.toString('latin1')
      summary[written.has(name) ? 'superseded' : 'written'] += 1
      written.add(name)
    } else summary[order > 0 ? 'superseded' : 'unchanged'] += 1
  }
  return summary
}

function callOut<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new CallerError(error)
  }
}

export async function updateCells(db: Database, { entity, view, keys, parts, update }: UpdateRequest): Promise<void> {
  const prefix = entityPrefix(entity)
  const suffixes = parts.map((part) => cellSuffix({ view, part }))
  await transact(db, () => {
    for (const [index, key] of keys.entries()) {
      const current = suffixes.map((suffix) => db.getBinary(physicalKey(prefix, key, suffix)))
      for (const [part, cell] of callOut(() => update(current, index))) {
        const id = physicalKey(prefix, key, cellSuffix({ view, part }))
        if (cell === null) db.removeSync(id)
        else db.putSync(id, asBuffer(cell))
      }
    }
  })
}

export async function deleteCells(db: Database, { entity, view, keys }: DeleteRequest): Promise<void> {
  const prefix = entityPrefix(entity)
  const name = viewName(view)
  if (keys === undefined) return deleteRange(db, prefix, name)
  await transact(db, () => {
    for (const key of keys) {
      const start = physicalKey(prefix, key, name)
      for (const id of [...db.getKeys({ start, end: aboveAll(start) })]) if (isOfView(id, name)) db.removeSync(id)
    }
  })
}

/** The cells of other views lie between, so all of the entity's are walked. */
async function deleteRange(db: Database, prefix: Uint8Array, view: Uint8Array): Promise<void> {
  const end = aboveAll(prefix)
  let next: Buffer | undefined = Buffer.from(prefix)
  while (next !== undefined) {
    const start: Buffer = next
    next = await transact(db, () => {
      const ids = [...db.getKeys({ start, end, limit: MAX_CHUNK_ROWS + 1 })]
      for (const id of ids.slice(0, MAX_CHUNK_ROWS)) if (isOfView(id, view)) db.removeSync(id)
      return ids[MAX_CHUNK_ROWS]
    })
  }
}

interface FoundCell {
  readonly key: Uint8Array
  readonly cell: Uint8Array
}

/** The cells of other views and parts lie between, so all of the entity's are walked; only those asked for are read. */
export async function* iterateCells(
  look: <T>(run: (db: Database) => T) => Promise<T>,
  request: IterateRequest,
): AsyncGenerator<FoundCell> {
  const prefix = entityPrefix(request.entity)
  const place = { prefix, suffix: cellSuffix(request), end: aboveAll(prefix) }
  let next: Buffer | undefined =
    request.after === undefined ? Buffer.from(prefix) : aboveAll(physicalKey(prefix, request.after, new Uint8Array(0)))
  while (next !== undefined) {
    const start: Buffer = next
    const seen = await look((db) => lookFrom(db, { ...place, start }))
    yield* seen.found
    next = seen.next
  }
}

function lookFrom(
  db: Database,
  { prefix, suffix, start, end }: Readonly<Record<'prefix' | 'suffix' | 'start' | 'end', Uint8Array>>,
): { readonly found: readonly FoundCell[]; readonly next: Buffer | undefined } {
  db.resetReadTxn()
  const found: FoundCell[] = []
  let bytes = 0
  let walked = 0
  for (const id of db.getKeys({ start, end })) {
    if (walked === MAX_LOOK_KEYS || bytes > MAX_LOOK_BYTES) return { found, next: id }
    walked += 1
    if (!endsWith(id, suffix)) continue
    const cell = db.getBinary(id)!
    found.push({ key: new Uint8Array(id.subarray(prefix.byteLength, -suffix.byteLength)), cell })
    bytes += cell.byteLength
  }
  return { found, next: undefined }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
