import { FieldstoneError } from '../../errors.ts'
import { createCaller, withRetries } from './bigtable/calls.ts'
import { connect, type Library } from './bigtable/connection.ts'
import { coded, refused } from './bigtable/failures.ts'
import { createKeyTurns } from './bigtable/key-turns.ts'
import { prepare } from './bigtable/prepare.ts'
import { readerOf } from './bigtable/read-cells.ts'
import { type BigtableSettings, bigtableSettings } from './bigtable/settings.ts'
import type { Table } from './bigtable/table.ts'
import { updateCells } from './bigtable/update-cells.ts'
import { deleteCells, iterateCells } from './bigtable/whole-views.ts'
import { writeCells } from './bigtable/write-cells.ts'
import { RESERVED_ENTITY } from './column-lists.ts'
import { encodeText } from './key-codec.ts'
import type { CellBatch, OnlineDriver, OnlineStore, ReadRequest, StoreHealth } from './online-store.ts'

/** Where Bigtable is and how it is spoken to. Any of them may be an `env()`; numbers may be texts, and an empty text is as none. */
export interface BigtableOptions {
  /** Id of the Google Cloud project. With an emulator any. */
  readonly project: string
  /** Id of the instance. With an emulator any. */
  readonly instance: string
  /** Id of the table, which `fieldstone apply` makes. Each deployment has its own. */
  readonly table: string
  /** App profile of reads of features, such as one that routes to any cluster. Default: the instance's default profile. */
  readonly appProfile?: string
  /** App profile of writes and records: one cluster, with single-row transactions. Default: the instance's default profile. */
  readonly singleClusterAppProfile?: string
  /** Cluster of `singleClusterAppProfile` where `fieldstone apply` makes it. Default: the instance's only one. */
  readonly cluster?: string
  /** `host:port` of an emulator, e.g. `env('BIGTABLE_EMULATOR_HOST', '')`. Default: the service. The variable means nothing by itself. */
  readonly emulatorHost?: string
  /** `host` or `host:port` of the data API, with TLS, such as a regional one. Default `bigtable.googleapis.com`. */
  readonly endpoint?: string
  /** What a service account's key file holds, or its JSON. Default: application default credentials. */
  readonly credentials?: Readonly<Record<string, unknown>> | string
  /** A service account's key file. Default: application default credentials. */
  readonly keyFile?: string
  /** Connections that calls are spread over, 1 to 64, each for 100 calls at a time. Default 2. */
  readonly channels?: number | string
  /**
   * `'direct'`: reads go over connections of HTTP/2 of the driver's own, which cost a fraction of grpc's. `'grpc'`: as all other calls, with
   * what grpc knows of proxies. Default `'direct'`.
   */
  readonly reads?: 'direct' | 'grpc' | (string & {})
  /** How long a read of features may take, with what is asked again. Default 800. */
  readonly readTimeoutMillis?: number | string
  /** How long each request of a write, an update or a walk may take, with what is asked again. Default 30,000. */
  readonly writeTimeoutMillis?: number | string
  /** How long each change of the table and its profiles may take. Default 120,000. */
  readonly adminTimeoutMillis?: number | string
}

/**
 * Google Cloud Bigtable, or its emulator. A key is a row, and its views are cells of it, each at its event time; cells are at most 10 MB.
 * Writes are acknowledged when the service has them on disk. Nothing is removed by time. docs/bigtable.md says how it is laid out and what each call costs.
 */
export function bigtable(options: BigtableOptions): OnlineDriver {
  return Object.freeze({
    kind: 'onlineDriver',
    name: 'bigtable',
    options: Object.freeze({ ...options }),
    open: openBigtable,
  })
}

async function openBigtable(options: Readonly<Record<string, unknown>>): Promise<OnlineStore> {
  const settings = bigtableSettings(options)
  const library = await loadLibrary()
  const place = placeOf(settings)
  const connection = await connect(library, settings).catch((error: unknown) => {
    throw unopened(place, error)
  })
  const name = `projects/${settings.project}/instances/${settings.instance}/tables/${settings.table}`
  const reads = createCaller(connection, name, settings.appProfile)
  const writes = createCaller(connection, name, settings.singleClusterAppProfile)
  return createStore({ connection, settings, place, name, reads, writes })
}

async function loadLibrary(): Promise<Library> {
  try {
    return await import('@google-cloud/bigtable')
  } catch (cause) {
    throw new FieldstoneError('DRIVER_MISSING', {
      seen: "bigtable: package '@google-cloud/bigtable'",
      mend: "Run 'npm install @google-cloud/bigtable'.",
      cause,
    })
  }
}

function placeOf({ instance, table, emulatorHost, project }: BigtableSettings): string {
  const where = emulatorHost === undefined ? `project '${project}'` : `the emulator at ${emulatorHost}`
  return `bigtable table '${table}' of instance '${instance}' in ${where}`
}

/** The service is not needed to open a store, but whom it would hear is. */
function unopened(place: string, cause: unknown): unknown {
  if (cause instanceof FieldstoneError) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  if (!/credential|key ?file|ENOENT|private_key|client_email/i.test(reason)) return coded(cause, place)
  return new FieldstoneError('CONFIG_INVALID', {
    seen: place,
    why: `There are no usable credentials: ${reason}`,
    mend: "Write 'keyFile' or 'credentials', set GOOGLE_APPLICATION_CREDENTIALS, run 'gcloud auth application-default login', or write 'emulatorHost'.",
    cause,
  })
}

function createStore(table: Table): OnlineStore {
  let closing: Promise<void> | undefined
  const { place } = table
  const inFlight = new Set<Promise<unknown>>()
  const turns = createKeyTurns()
  const readCells = readerOf(table, (error) => refused(place, error))

  /** Runs a call unless the store is closed, and lets `close` wait for it. */
  async function call<T>(run: () => Promise<T>): Promise<T> {
    if (closing !== undefined) throw new FieldstoneError('STORE_CLOSED', { seen: place })
    const running = run()
    inFlight.add(running)
    try {
      return await running
    } catch (error) {
      throw coded(error, place)
    } finally {
      inFlight.delete(running)
    }
  }

  async function read(request: ReadRequest): Promise<CellBatch> {
    try {
      return await call(() => readCells(request))
    } catch (error) {
      // The caller's own reason, as it is.
      throw request.signal?.aborted ? request.signal.reason : error
    }
  }

  async function close(): Promise<void> {
    await Promise.allSettled(inFlight)
    await table.connection.release()
  }

  return {
    mergesReads: true,
    read,
    write: (request) => call(() => writeCells(table, request)),
    updateMany: (request) => call(() => updateCells(table, turns, request)),
    delete: (request) => call(() => deleteCells(table, request)),
    iterate: (request) => iterateCells(table, call, request),
    prepare: (plan, how) => call(() => prepare(table, plan, how)),
    health: () => call(() => healthOf(table)),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

function unwell(error: unknown): StoreHealth {
  if (!(error instanceof FieldstoneError)) return { ok: false, detail: String(error) }
  const { seen, why, mend } = error.details
  return { ok: false, detail: `${seen}: ${why}`, ...(mend === undefined ? {} : { mend }) }
}

/** Reads one row that need not be there. */
async function healthOf({ place, writes, settings }: Table): Promise<StoreHealth> {
  const rowKey = Buffer.from(encodeText(RESERVED_ENTITY))
  const request = writes.serialize('ReadRows', { ...writes.address, rows: { rowKeys: [rowKey] }, rowsLimit: 1 })
  const start = performance.now()
  try {
    await withRetries({ timeoutMillis: settings.readTimeoutMillis }, (once) =>
      writes.read(request, once, () => undefined),
    )
    return { ok: true, detail: `${place} answers: a row in ${(performance.now() - start).toFixed(1)} ms` }
  } catch (error) {
    return unwell(coded(error, place))
  }
}
