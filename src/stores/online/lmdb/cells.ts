import { callOut } from '../caller-error.ts'
import type { DeleteRequest, IterateRequest, UpdateRequest, WriteRequest, WriteSummary } from '../online-store.ts'
import { type CellPlace, placeOf, removeFromRow } from './cell-place.ts'
import type { Database } from './database.ts'
import {
  aboveAll,
  endsWith,
  entityPrefix,
  isOfView,
  partSuffix,
  physicalKey,
  ROW_SUFFIX,
  viewName,
} from './physical-key.ts'

/** Rows and bytes of one transaction, for which other writers wait. */
const MAX_CHUNK_ROWS = 5_000
const MAX_CHUNK_BYTES = 16 * 2 ** 20
/** Keys walked and bytes gathered in one look while iterating, so that no read transaction stays open and memory stays small. */
const MAX_LOOK_KEYS = 2_000
const MAX_LOOK_BYTES = 4 * 2 ** 20

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
  const prefix = entityPrefix(entity)
  const name = viewName(view)
  const written = new Set<string>()
  for (const { key, cell } of rows) {
    const place = placeOf(db, { prefix, key, view: name, part })
    const stored = place.get()
    const order = stored === undefined ? -1 : callOut(() => compare(stored, cell))
    if (order < 0) {
      place.put(cell)
      const text = Buffer.from(key).toString('latin1')
      summary[written.has(text) ? 'superseded' : 'written'] += 1
      written.add(text)
    } else summary[order > 0 ? 'superseded' : 'unchanged'] += 1
  }
  return summary
}

export async function updateCells(db: Database, { entity, view, keys, parts, update }: UpdateRequest): Promise<void> {
  const prefix = entityPrefix(entity)
  const name = viewName(view)
  await transact(db, () => {
    for (const [index, key] of keys.entries()) {
      const current = parts.map((part) => placeOf(db, { prefix, key, view: name, part }).get())
      for (const [part, cell] of callOut(() => update(current, index))) {
        const place = placeOf(db, { prefix, key, view: name, part })
        if (cell === null) place.remove()
        else place.put(cell)
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
      placeOf(db, { prefix, key, view: name, part: 0 }).remove()
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
      for (const id of ids.slice(0, MAX_CHUNK_ROWS)) {
        if (endsWith(id, ROW_SUFFIX)) removeFromRow(db, id, view)
        else if (isOfView(id, view)) db.removeSync(id)
      }
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
  const place = { prefix, view: viewName(request.view), part: request.part, end: aboveAll(prefix) }
  let next: Buffer | undefined =
    request.after === undefined ? Buffer.from(prefix) : aboveAll(physicalKey(prefix, request.after, new Uint8Array(0)))
  while (next !== undefined) {
    const start: Buffer = next
    const seen = await look((db) => lookFrom(db, { ...place, start }))
    yield* seen.found
    next = seen.next
  }
}

interface Look extends Omit<CellPlace, 'key'> {
  readonly start: Uint8Array
  readonly end: Uint8Array
}

function lookFrom(
  db: Database,
  { prefix, view, part, start, end }: Look,
): { readonly found: readonly FoundCell[]; readonly next: Buffer | undefined } {
  db.resetReadTxn()
  const suffix = part === 0 ? ROW_SUFFIX : partSuffix(view, part)
  const found: FoundCell[] = []
  let bytes = 0
  let walked = 0
  for (const id of db.getKeys({ start, end })) {
    if (walked === MAX_LOOK_KEYS || bytes > MAX_LOOK_BYTES) return { found, next: id }
    walked += 1
    if (!endsWith(id, suffix)) continue
    const key = new Uint8Array(id.subarray(prefix.byteLength, -suffix.byteLength))
    const cell = placeOf(db, { prefix, key, view, part }).get()
    if (cell === undefined) continue
    // The row that it shares its memory with may be many times as long.
    found.push({ key, cell: new Uint8Array(cell) })
    bytes += cell.byteLength
  }
  return { found, next: undefined }
}
