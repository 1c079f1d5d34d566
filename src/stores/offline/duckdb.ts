import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { DuckDBConnection, DuckDBInstance, DuckDBResult } from '@duckdb/node-api'
import type { RowsFrom } from '../../definitions/sources.ts'
import { FieldstoneError } from '../../errors.ts'
import { inspect } from '../../lib/inspect.ts'
import { type Connections, createConnections, type Session } from './duckdb/connections.ts'
import { assertOneStatement, nameOf, said, sourceInvalid } from './duckdb/statements.ts'
import { type ConfiguredTable, configuredTables, type Tables } from './duckdb/tables.ts'
import { converterOf, type ToOfflineValue, UnreadableType } from './duckdb/values.ts'
import type { ColumnInfo, OfflineDriver, OfflineStore, OfflineValue, RowBatch, ScanRequest } from './offline-store.ts'
import { describeSql, identifier, literal, scanSql, sourceSql } from './sql.ts'

export interface DuckdbOptions {
  /**
   * Tables that sources and their SQL may name: files of Parquet, CSV or JSON (globs too), or queries, also over one another.
   * One that cannot be read is SOURCE_INVALID for those that name it. Default: none.
   */
  readonly tables?: Readonly<Record<string, ConfiguredTable>>
  /** DuckDB files to attach, read-only, by the name of their catalog. Default: none. */
  readonly attach?: Readonly<Record<string, string>>
  /** What DuckDB may hold before it spills to the disk. Default `'1GB'`. */
  readonly memoryLimit?: string
  /** Default: the machine's cores. */
  readonly threads?: number
  /** Where it spills. Default: a temporary folder, removed on close. */
  readonly temporaryDirectory?: string
}

/**
 * The embedded offline store: DuckDB in memory over files. Its own database is never a file, for a DuckDB file admits one
 * process. Relative paths, in options, in `file` sources and in SQL, are relative to the config's folder (in SQL not where that
 * folder's path has a comma). A source is one query, which writes nothing; extensions are used where they are installed, and
 * never downloaded.
 */
export function duckdb(options: DuckdbOptions = {}): OfflineDriver {
  return Object.freeze({ kind: 'offlineDriver', name: 'duckdb', options: Object.freeze({ ...options }), open })
}

type Library = typeof import('@duckdb/node-api')

async function open(given: Readonly<Record<string, unknown>>, baseDirectory: string): Promise<OfflineStore> {
  const library = await loadLibrary()
  const options = given as DuckdbOptions
  const spill = await spillFolder(options, baseDirectory)
  try {
    const instance = await createInstance(library, options, spill.path)
    const tables = configuredTables(options.tables ?? {}, baseDirectory)
    const connections = createConnections(instance)
    try {
      await prepare(instance, { attach: options.attach ?? {}, tables, baseDirectory })
    } catch (error) {
      await connections.close()
      throw error
    }
    return createStore({ library, connections, tables, baseDirectory, removeSpill: spill.remove })
  } catch (error) {
    await spill.remove()
    throw error
  }
}

async function createInstance(
  library: Library,
  { memoryLimit = '1GB', threads }: DuckdbOptions,
  temporaryDirectory: string,
): Promise<DuckDBInstance> {
  try {
    return await library.DuckDBInstance.create(':memory:', {
      memory_limit: memoryLimit,
      temp_directory: temporaryDirectory,
      autoinstall_known_extensions: 'false',
      preserve_insertion_order: 'false',
      ...(threads === undefined ? {} : { threads: String(threads) }),
    })
  } catch (cause) {
    // It does not say which setting it refused.
    throw new FieldstoneError('CONFIG_INVALID', {
      seen: `offline: duckdb(${JSON.stringify({ memoryLimit, threads })})`,
      why: `DuckDB says: ${cause instanceof Error ? cause.message : String(cause)}.`,
      mend: "Write a memoryLimit such as '1GB', and a whole number of threads from 1 on.",
      cause,
    })
  }
}

async function loadLibrary(): Promise<Library> {
  try {
    return await import('@duckdb/node-api')
  } catch (cause) {
    const seen = "duckdb: package '@duckdb/node-api'"
    throw new FieldstoneError('DRIVER_MISSING', { seen, mend: "Run 'npm install @duckdb/node-api'.", cause })
  }
}

/** A folder that the config names is the user's, and stays. */
async function spillFolder({ temporaryDirectory }: DuckdbOptions, baseDirectory: string) {
  if (temporaryDirectory !== undefined) {
    return { path: resolve(baseDirectory, temporaryDirectory), remove: async () => {} }
  }
  const path = await mkdtemp(join(tmpdir(), 'fieldstone-duckdb-'))
  return { path, remove: () => rm(path, { recursive: true, force: true }) }
}

/** Settings hold for every connection. */
async function prepare(
  instance: DuckDBInstance,
  options: {
    readonly attach: Readonly<Record<string, string>>
    readonly tables: Tables
    readonly baseDirectory: string
  },
): Promise<void> {
  const { attach, tables, baseDirectory } = options
  const connection = await instance.connect()
  try {
    await connection.run("set global timezone = 'UTC'")
    await connection.run(`set global file_search_path = ${literal(baseDirectory)}`)
    for (const [name, file] of Object.entries(attach)) {
      if (typeof file !== 'string') throw attachInvalid(name, file)
      const statement = `attach ${literal(resolve(baseDirectory, file))} as ${identifier(name)} (read_only)`
      await said(`attached database '${name}'`, () => connection.run(statement))
    }
    await tables.define(connection)
  } finally {
    connection.closeSync()
  }
}

function attachInvalid(name: string, file: unknown): FieldstoneError {
  return new FieldstoneError('CONFIG_INVALID', {
    seen: `offline: duckdb({ attach: { ${JSON.stringify(name)}: ${inspect(file)} } })`,
    why: 'A DuckDB file is attached by its path.',
    mend: "Write a path such as 'data/rows.duckdb'.",
  })
}

interface Database {
  readonly library: Library
  readonly connections: Connections
  readonly tables: Tables
  readonly baseDirectory: string
  readonly removeSpill: () => Promise<void>
}

function createStore(database: Database): OfflineStore {
  const { connections, removeSpill } = database
  let closing: Promise<void> | undefined

  async function describe(from: RowsFrom): Promise<readonly ColumnInfo[]> {
    const session = await connections.open()
    try {
      const result = await start(database, session, { from, sql: describeSql, run: runDescribe })
      return result.map(([name, type]) => ({ name: String(name), type: String(type) }))
    } finally {
      session.close()
    }
  }

  async function* scan(request: ScanRequest): AsyncIterable<RowBatch> {
    const session = await connections.open()
    try {
      const sql = (source: string): string => scanSql(request, source)
      const result = await start(database, session, { from: request.from, sql, run: runScan })
      yield* batches({ session, result, request, converters: convertersOf(result, database.library, request) })
    } finally {
      session.close()
    }
  }

  return {
    describe,
    scan,
    health: async () =>
      connections.isClosed ? { ok: false, detail: 'duckdb is closed' } : { ok: true, detail: 'duckdb in memory' },
    close: () => {
      closing ??= connections.close().then(removeSpill)
      return closing
    },
  }
}

async function runDescribe(connection: DuckDBConnection, sql: string) {
  return (await connection.run(sql)).getRows()
}

function runScan(connection: DuckDBConnection, sql: string): Promise<DuckDBResult> {
  return connection.stream(sql)
}

interface Statement<T> {
  readonly from: RowsFrom
  /** The statement over a source. */
  readonly sql: (source: string) => string
  readonly run: (connection: DuckDBConnection, sql: string) => Promise<T>
}

/** Starts a statement over a source. Where it fails the tables are made anew, for their files may have changed since. */
async function start<T>(
  { tables, baseDirectory }: Database,
  { connection, call }: Session,
  { from, sql, run }: Statement<T>,
): Promise<T> {
  const seen = nameOf(from)
  const statement = sql(sourceSql(from, { tables: tables.names, baseDirectory }))
  if (from.sql !== undefined) await call(() => assertOneStatement(connection, seen, from.sql))
  try {
    return await call(() => run(connection, statement))
  } catch (error) {
    if (error instanceof FieldstoneError) throw error
    if (tables.names.size === 0 || !isOfNames(error)) throw sourceInvalid(seen, error)
  }
  await call(() => tables.define(connection))
  try {
    return await call(() => run(connection, statement))
  } catch (error) {
    if (error instanceof FieldstoneError) throw error
    throw tables.failureOf(String(error)) ?? sourceInvalid(seen, error)
  }
}

/** Whether DuckDB found no table or column, or a view's columns changed: not what a query met on its way. */
function isOfNames(error: unknown): boolean {
  return error instanceof Error && /^(Binder|Catalog) Error/.test(error.message)
}

function convertersOf(
  result: DuckDBResult,
  library: Library,
  { from, columns }: ScanRequest,
): readonly ToOfflineValue[] {
  return result.columnTypes().map((type, index) => {
    try {
      return converterOf(type, library)
    } catch (error) {
      if (!(error instanceof UnreadableType)) throw error
      const seen = `${nameOf(from)}, column '${columns[index]}' of type ${type}`
      throw new FieldstoneError('SOURCE_INVALID', { seen, why: `It holds ${error.message}.`, cause: error })
    }
  })
}

/** So that batches of long values take no more memory than those of short ones. */
const MAX_BATCH_BYTES = 32 * 1024 * 1024

/** About how much memory values take: what texts, bytes and lists hold. */
function sizeOf(values: readonly OfflineValue[]): number {
  let size = 0
  for (const value of values) {
    if (typeof value === 'string' || value instanceof Uint8Array) size += value.length
    else if (Array.isArray(value)) size += sizeOf(value)
    else size += 8
  }
  return size
}

/** Chunks (2,048 rows) gathered into batches, bounded by rows and by bytes. */
async function* batches(options: {
  readonly session: Session
  readonly result: DuckDBResult
  readonly request: ScanRequest
  readonly converters: readonly ToOfflineValue[]
}): AsyncIterable<RowBatch> {
  const { session, result, request, converters } = options
  const seen = nameOf(request.from)
  let batch: (readonly OfflineValue[])[] = []
  let sizeBytes = 0
  for (;;) {
    const chunk = await session.call(() => said(seen, () => result.fetchChunk()))
    if (chunk === null || chunk.rowCount === 0) break
    const vectors = converters.map((_, index) => chunk.getColumnVector(index))
    for (let row = 0; row < chunk.rowCount; row += 1) {
      const values = converters.map((convert, column) => convert(vectors[column]!.getItem(row)))
      batch.push(values)
      sizeBytes += sizeOf(values)
      if (batch.length < request.maxBatchRows && sizeBytes < MAX_BATCH_BYTES) continue
      yield batch
      batch = []
      sizeBytes = 0
    }
  }
  if (batch.length > 0) yield batch
}
