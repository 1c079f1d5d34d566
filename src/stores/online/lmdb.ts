import { mkdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { FieldstoneError } from '../../errors.ts'
import { inspect } from '../../lib/inspect.ts'
import { CallerError } from './caller-error.ts'
import { deleteCells, iterateCells, updateCells, writeCells } from './lmdb/cells.ts'
import type { Database } from './lmdb/database.ts'
import { entityPrefix, viewName } from './lmdb/physical-key.ts'
import { readerOf } from './lmdb/read-cells.ts'
import type {
  CellBatch,
  OnlineDriver,
  OnlineStore,
  OpenContext,
  ReadRequest,
  StoragePlan,
  StoreHealth,
} from './online-store.ts'

/** Where LMDB keeps its database. */
export interface LmdbOptions {
  /** The folder of the database, relative to the config's; made where it is missing. */
  readonly path: string
  /** Whether reads of concurrent requests are merged into one. Default false: a read is a look into memory, and merging costs more. */
  readonly mergeReads?: boolean
}

/**
 * The embedded online store: LMDB in a folder, open to any number of processes of one machine; one writes at a time, and
 * readers never wait. A write is acknowledged after its transaction was flushed to the disk, so neither a killed process nor a
 * lost machine takes it back. Cells may be 16 MB and more. Nothing is removed by time: retention is for stores that charge for it.
 */
export function lmdb(options: LmdbOptions): OnlineDriver {
  return Object.freeze({ kind: 'onlineDriver', name: 'lmdb', options: Object.freeze({ ...options }), open: openLmdb })
}

/** Settings of the library, where its own are not what is promised here. */
const SETTINGS = {
  keyEncoding: 'binary',
  encoding: 'binary',
  // A path is a folder, also where it has a dot.
  noSubdir: false,
  // Else a commit is told before it is flushed, and its flush cannot be told from a later one's.
  overlappingSync: false,
  // Else a commit that fails, as on a full disk, also rejects a promise that nobody has, and that ends the process.
  eventTurnBatching: false,
} as const

async function openLmdb(
  options: Readonly<Record<string, unknown>>,
  { baseDirectory }: OpenContext,
): Promise<OnlineStore> {
  const { path, mergeReads = false } = options
  if (typeof mergeReads !== 'boolean') {
    throw new FieldstoneError('CONFIG_INVALID', {
      seen: `online: lmdb({ mergeReads: ${inspect(mergeReads)} })`,
      why: 'It says whether reads of concurrent requests are merged.',
      mend: 'Write true or false.',
    })
  }
  if (typeof path !== 'string' || path === '') {
    throw new FieldstoneError('CONFIG_INVALID', {
      seen: `online: lmdb({ path: ${inspect(path)} })`,
      why: 'The path is the folder of the database.',
      mend: "Write a path such as '.fieldstone/online'.",
    })
  }
  const { open } = await loadLibrary()
  const folder = resolve(baseDirectory, path)
  try {
    await mkdir(folder, { recursive: true })
    return createStore(open<Buffer, Buffer>({ path: folder, ...SETTINGS }), folder, mergeReads)
  } catch (cause) {
    throw unavailable(folder, cause)
  }
}

async function loadLibrary(): Promise<typeof import('lmdb')> {
  try {
    return await import('lmdb')
  } catch (cause) {
    // It makes code as it is loaded, which some hosts forbid.
    if (cause instanceof EvalError) throw unavailable('(its library)', cause)
    throw new FieldstoneError('DRIVER_MISSING', {
      seen: "lmdb: package 'lmdb'",
      mend: "Run 'npm install lmdb'.",
      cause,
    })
  }
}

function unavailable(folder: string, cause: unknown): FieldstoneError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new FieldstoneError('STORE_UNAVAILABLE', { seen: `lmdb at ${folder}`, why: `${reason}.`, cause })
}

function createStore(db: Database, folder: string, mergesReads: boolean): OnlineStore {
  let closing: Promise<void> | undefined
  const inFlight = new Set<Promise<unknown>>()

  /** Runs a call unless the store is closed, and lets `close` wait for it. */
  async function call<T>(run: () => T | Promise<T>): Promise<T> {
    if (closing !== undefined) throw new FieldstoneError('STORE_CLOSED', { seen: `lmdb at ${folder}` })
    const running = (async () => run())()
    inFlight.add(running)
    try {
      return await running
    } catch (error) {
      throw await coded(error, folder)
    } finally {
      inFlight.delete(running)
    }
  }

  /** Memory is read at once: there is nothing that `close` would have to wait for. */
  const readAtOnce = readerOf(db)
  function read(request: ReadRequest): CellBatch | Promise<CellBatch> {
    if (closing !== undefined) return call(() => readAtOnce(request))
    try {
      return readAtOnce(request)
    } catch (error) {
      return refused(error)
    }
  }

  async function refused(error: unknown): Promise<never> {
    throw await coded(error, folder)
  }

  async function close(): Promise<void> {
    await Promise.allSettled(inFlight)
    await db.close()
  }

  return {
    mergesReads,
    read,
    write: (request) => call(() => writeCells(db, request)),
    updateMany: (request) => call(() => updateCells(db, request)),
    delete: (request) => call(() => deleteCells(db, request)),
    iterate: (request) => iterateCells((run) => call(() => run(db)), request),
    prepare: (plan) => call(() => prepare(plan)),
    health: () => call(() => healthOf(db, folder)),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

/** What a caller's function threw is the caller's; ours are coded; all else is LMDB's. */
async function coded(error: unknown, folder: string): Promise<unknown> {
  if (error instanceof CallerError) return error.thrown
  if (error instanceof FieldstoneError) return error
  return unavailable(folder, await commitFailure(error))
}

/** The library tells why a commit failed by a second promise, which would end the process if nobody listened. */
async function commitFailure(error: unknown): Promise<unknown> {
  if (!(error instanceof Error && 'commitError' in error)) return error
  try {
    return await error.commitError
  } catch (reason) {
    return reason
  }
}

/** There is nothing to create; but names must fit its keys. */
function prepare({ views }: StoragePlan): readonly [] {
  for (const { entity, view } of views) {
    entityPrefix(entity)
    viewName(view)
  }
  return []
}

function healthOf(db: Database, folder: string): StoreHealth {
  try {
    db.resetReadTxn()
    const { entryCount } = db.getStats() as { readonly entryCount: number }
    return { ok: true, detail: `lmdb at ${folder} answers: ${entryCount} entries` }
  } catch (error) {
    return { ok: false, detail: `lmdb at ${folder}: ${error instanceof Error ? error.message : String(error)}` }
  }
}
