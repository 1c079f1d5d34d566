import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { RootDatabase } from 'lmdb'
import { FieldstoneError } from '../../errors.ts'
import { concatBytes, utf8 } from '../../lib/bytes.ts'
import { encodeText } from './key-codec.ts'
import type {
  CellBatch,
  CellName,
  DeleteRequest,
  IterateRequest,
  OnlineDriver,
  OnlineStore,
  ReadRequest,
  UpdateRequest,
  WriteRequest,
  WriteSummary,
} from './online-store.ts'

export interface LmdbOptions {
  /** The folder of the database, relative to the config's; made where it is missing. */
  readonly path: string
}

/**
 * The embedded online store: LMDB in a folder, open to any number of processes of one machine. A write is durable on return: the
 * commit is flushed to the disk. Cells of up to 16 MB and more; nothing is removed by time.
 */
export function lmdb(options: LmdbOptions): OnlineDriver {
  return Object.freeze({ kind: 'onlineDriver', name: 'lmdb', options: Object.freeze({ ...options }), open: openLmdb })
}

async function openLmdb(options: Readonly<Record<string, unknown>>, baseDirectory: string): Promise<OnlineStore> {
  const path = resolve(baseDirectory, String(options.path))
  const { open } = await loadLibrary()
  await mkdir(path, { recursive: true })
  return createStore(open<Buffer, Buffer>({ path, noSubdir: false, keyEncoding: 'binary', encoding: 'binary' }), path)
}

async function loadLibrary(): Promise<typeof import('lmdb')> {
  try {
    return await import('lmdb')
  } catch (cause) {
    throw new FieldstoneError('DRIVER_MISSING', {
      seen: "lmdb: package 'lmdb'",
      mend: "Run 'npm install lmdb'.",
      cause,
    })
  }
}

type Database = RootDatabase<Buffer, Buffer>

/** Rows a transaction; others wait for the store while one runs. */
const CHUNK_ROWS = 5_000
/** Entries of one look into the store while iterating, so that no read transaction stays open for long. */
const ITERATE_ENTRIES = 1_000

/**
 * A cell's physical key is `entity 00 | encoded key | view | u8 its length | u16 part`, so that an entity's row is one run of the
 * tree. Encoded keys end themselves (key-codec.ts), and the view is found from the end, so no two cells share a key.
 */
function createStore(db: Database, path: string): OnlineStore {
  let closing: Promise<void> | undefined
  const inFlight = new Set<Promise<unknown>>()

  /** Runs a call unless the store is closed, and lets `close` wait for it. */
  function call<T>(run: () => Promise<T>): Promise<T> {
    if (closing !== undefined) return Promise.reject(closed(path))
    const running = run().catch((error: unknown) => {
      throw error
    })
    inFlight.add(running)
    const done = (): unknown => inFlight.delete(running)
    running.then(done, done)
    return running
  }

  async function close(): Promise<void> {
    await Promise.allSettled(inFlight)
    await db.close()
  }

  return {
    read: (request) => call(async () => readCells(db, request)),
    write: (request) => call(() => writeCells(db, request)),
    updateMany: (request) => call(() => updateCells(db, request)),
    delete: (request) => call(() => deleteCells(db, request)),
    iterate: (request) => iterateCells((run) => call(async () => run(db)), request),
    prepare: () => call(async () => []),
    health: async () =>
      closing === undefined
        ? { ok: true, detail: `lmdb at ${path}` }
        : { ok: false, detail: `lmdb at ${path} is closed` },
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

function closed(path: string): FieldstoneError {
  return new FieldstoneError('STORE_CLOSED', { seen: `lmdb at ${path}` })
}

function entityPrefix(entity: string): Uint8Array {
  return encodeText(entity)
}

function cellSuffix({ view, part }: CellName): Uint8Array {
  const name = utf8(view)
  return concatBytes(name, Uint8Array.of(name.byteLength, part >> 8, part & 0xff))
}

function physicalKey(prefix: Uint8Array, key: Uint8Array, suffix: Uint8Array): Buffer {
  return Buffer.concat([prefix, key, suffix])
}

function readCells(db: Database, { entity, keys, cells }: ReadRequest): CellBatch {
  const prefix = entityPrefix(entity)
  const suffixes = cells.map(cellSuffix)
  return keys.flatMap((key) => suffixes.map((suffix) => db.getBinary(physicalKey(prefix, key, suffix))))
}

/** Commits a transaction and waits until it is on the disk. */
async function durably<T>(db: Database, action: () => T): Promise<T> {
  let failure: { readonly error: unknown } | undefined
  const result = await db.transaction(() => {
    try {
      return action()
    } catch (error) {
      failure = { error }
      return undefined
    }
  })
  await db.flushed
  if (failure !== undefined) throw failure.error
  return result as T
}

async function writeCells(db: Database, request: WriteRequest): Promise<WriteSummary> {
  const summary = { written: 0, superseded: 0, unchanged: 0 }
  const prefix = entityPrefix(request.entity)
  const suffix = cellSuffix(request)
  for (let start = 0; start < request.rows.length; start += CHUNK_ROWS) {
    const rows = request.rows.slice(start, start + CHUNK_ROWS)
    await durably(db, () => {
      for (const { key, cell } of rows) {
        const id = physicalKey(prefix, key, suffix)
        const stored = db.getBinary(id)
        const order = stored === undefined ? -1 : request.compare(stored, cell)
        if (order < 0) db.putSync(id, asBuffer(cell))
        summary[order < 0 ? 'written' : order > 0 ? 'superseded' : 'unchanged'] += 1
      }
    })
  }
  return summary
}

async function updateCells(db: Database, { entity, view, keys, parts, update }: UpdateRequest): Promise<void> {
  const prefix = entityPrefix(entity)
  const suffixes = parts.map((part) => cellSuffix({ view, part }))
  await durably(db, () => {
    for (const [index, key] of keys.entries()) {
      const current = suffixes.map((suffix) => db.getBinary(physicalKey(prefix, key, suffix)))
      for (const [part, cell] of update(current, index)) {
        const id = physicalKey(prefix, key, cellSuffix({ view, part }))
        if (cell === null) db.removeSync(id)
        else db.putSync(id, asBuffer(cell))
      }
    }
  })
}

async function deleteCells(db: Database, { entity, view, keys }: DeleteRequest): Promise<void> {
  const prefix = entityPrefix(entity)
  if (keys === undefined) return deleteView(db, prefix, view)
  await durably(db, () => {
    for (const key of keys) {
      const start = physicalKey(prefix, key, utf8(view))
      const ids = [...db.getKeys({ start, end: after(start) })]
      for (const id of ids) if (isOfView(id, utf8(view))) db.removeSync(id)
    }
  })
}

async function deleteView(db: Database, prefix: Uint8Array, view: string): Promise<void> {
  let start: Buffer | undefined = Buffer.from(prefix)
  while (start !== undefined) {
    const ids: Buffer[] = [...db.getKeys({ start, end: after(prefix), limit: CHUNK_ROWS })]
    await durably(db, () => {
      for (const id of ids) if (isOfView(id, utf8(view))) db.removeSync(id)
    })
    start = ids.length < CHUNK_ROWS ? undefined : following(ids.at(-1)!)
  }
}

/** Whether a physical key is of a view: its name stands before its length and the part. */
function isOfView(id: Buffer, view: Uint8Array): boolean {
  const end = id.byteLength - 3
  return id[end] === view.byteLength && id.subarray(end - view.byteLength, end).equals(view)
}

/** The keys of an entity's other views lie between, so they are walked over. */
async function* iterateCells(
  look: <T>(run: (db: Database) => T) => Promise<T>,
  request: IterateRequest,
): AsyncIterable<{ readonly key: Uint8Array; readonly cell: Uint8Array }> {
  const prefix = entityPrefix(request.entity)
  const suffix = cellSuffix(request)
  let start = request.after === undefined ? Buffer.from(prefix) : after(concatBytes(prefix, request.after))
  for (;;) {
    const range = { start, end: after(prefix), limit: ITERATE_ENTRIES }
    const entries = await look((db) => [...db.getRange(range)])
    for (const { key: id, value } of entries) {
      if (!id.subarray(-suffix.byteLength).equals(suffix)) continue
      yield { key: new Uint8Array(id.subarray(prefix.byteLength, id.byteLength - suffix.byteLength)), cell: value }
    }
    if (entries.length < ITERATE_ENTRIES) return
    start = following(entries.at(-1)!.key)
  }
}

/** The least key above this one. */
function following(id: Buffer): Buffer {
  return Buffer.concat([id, Buffer.of(0)])
}

/** The first bytes after all that begin with these; there are such, for ours begin with a letter. */
function after(prefix: Uint8Array): Buffer {
  const last = prefix.findLastIndex((byte) => byte !== 0xff)
  const end = Buffer.from(prefix.subarray(0, last + 1))
  end[last]! += 1
  return end
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
}
