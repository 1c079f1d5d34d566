import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { DuckDBConnection, DuckDBInstance, DuckDBResult } from '@duckdb/node-api'
import type { RowsFrom } from '../../definitions/sources.ts'
import { FieldstoneError } from '../../errors.ts'
import { toOfflineValue } from './duckdb/values.ts'
import type { ColumnInfo, OfflineDriver, OfflineStore, OfflineValue, RowBatch, ScanRequest } from './offline-store.ts'
import { describeSql, fileSql, identifier, literal, scanSql, sourceSql } from './sql.ts'

export interface DuckdbOptions {
  /** Tables that sources and their SQL may name: files of Parquet, CSV or JSON (globs too), or queries. Default: none. */
  readonly tables?: Readonly<Record<string, { readonly file: string } | { readonly sql: string }>>
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
 * process. Relative paths, in options, in `file` sources and in SQL, are relative to the config's folder.
 */
export function duckdb(options: DuckdbOptions = {}): OfflineDriver {
  return Object.freeze({ kind: 'offlineDriver', name: 'duckdb', options: Object.freeze({ ...options }), open })
}

async function open(options: Readonly<Record<string, unknown>>, baseDirectory: string): Promise<OfflineStore> {
  const { DuckDBInstance: Instance } = await loadLibrary()
  const { temporaryDirectory, memoryLimit = '1GB', threads, ...rest } = options as DuckdbOptions
  const spill = temporaryDirectory
    ? resolve(baseDirectory, temporaryDirectory)
    : await mkdtemp(join(tmpdir(), 'fieldstone-'))
  const instance = await Instance.create(':memory:', {
    memory_limit: memoryLimit,
    temp_directory: spill,
    ...(threads === undefined ? {} : { threads: String(threads) }),
  })
  const removeSpill = async (): Promise<void> => {
    if (temporaryDirectory === undefined) await rm(spill, { recursive: true, force: true })
  }
  try {
    await prepare(instance, rest, baseDirectory)
    return createStore(instance, baseDirectory, removeSpill)
  } catch (error) {
    instance.closeSync()
    await removeSpill()
    throw error
  }
}

async function loadLibrary(): Promise<typeof import('@duckdb/node-api')> {
  try {
    return await import('@duckdb/node-api')
  } catch (cause) {
    const seen = "duckdb: package '@duckdb/node-api'"
    throw new FieldstoneError('DRIVER_MISSING', { seen, mend: "Run 'npm install @duckdb/node-api'.", cause })
  }
}

/** Settings hold for every connection; tables are views, so a file is read when it is asked for. */
async function prepare(instance: DuckDBInstance, options: DuckdbOptions, baseDirectory: string): Promise<void> {
  const connection = await instance.connect()
  try {
    await connection.run(`set global file_search_path = ${literal(baseDirectory)}`)
    await connection.run('set global preserve_insertion_order = false')
    for (const [name, file] of Object.entries(options.attach ?? {})) {
      const path = resolve(baseDirectory, file)
      await said(`attached database '${name}'`, () =>
        connection.run(`attach ${literal(path)} as ${identifier(name)} (read_only)`),
      )
    }
    for (const [name, table] of Object.entries(options.tables ?? {})) {
      const sql = 'file' in table ? `select * from ${fileSql(resolve(baseDirectory, table.file))}` : table.sql
      await said(`table '${name}'`, () => connection.run(`create view ${identifier(name)} as ${sql}`))
    }
  } finally {
    connection.closeSync()
  }
}

/** Runs a statement; what DuckDB says of it becomes the reason. */
async function said<T>(seen: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    const words = cause instanceof Error ? cause.message : String(cause)
    throw new FieldstoneError('SOURCE_INVALID', {
      seen,
      why: `DuckDB says: ${words.trim()}.`.replace(/\.\.$/, '.'),
      cause,
    })
  }
}

function createStore(instance: DuckDBInstance, base: string, onClose: () => Promise<void>): OfflineStore {
  let closed: Promise<void> | undefined

  /** A connection of its own for each call: scans run side by side, and one that is left early holds up no other. */
  async function connect(): Promise<DuckDBConnection> {
    if (closed !== undefined) throw new FieldstoneError('STORE_CLOSED', { seen: 'duckdb' })
    const connection = await instance.connect()
    await connection.run("set timezone = 'UTC'")
    return connection
  }

  async function describe(from: RowsFrom): Promise<readonly ColumnInfo[]> {
    const connection = await connect()
    try {
      const sql = describeSql(sourceSql(from, base))
      const rows = await said(nameOf(from), async () => (await connection.run(sql)).getRows())
      return rows.map(([name, type]) => ({ name: String(name), type: String(type) }))
    } finally {
      connection.closeSync()
    }
  }

  async function* scan(request: ScanRequest): AsyncIterable<RowBatch> {
    const connection = await connect()
    try {
      const sql = scanSql(request, sourceSql(request.from, base))
      const result = await said(nameOf(request.from), () => connection.stream(sql))
      yield* batches(result, request)
    } finally {
      connection.interrupt()
      connection.closeSync()
    }
  }

  return {
    describe,
    scan,
    health: async () =>
      closed === undefined ? { ok: true, detail: 'duckdb in memory' } : { ok: false, detail: 'duckdb is closed' },
    close: () => {
      closed ??= (async () => {
        instance.closeSync()
        await onClose()
      })()
      return closed
    },
  }
}

function nameOf(from: RowsFrom): string {
  if (from.table !== undefined) return `table '${from.table}'`
  return from.file !== undefined ? `file '${from.file}'` : `query '${from.sql?.trim().slice(0, 60)}…'`
}

/** Chunks (2,048 rows) gathered into batches. */
async function* batches(result: DuckDBResult, request: ScanRequest): AsyncIterable<RowBatch> {
  let batch: (readonly OfflineValue[])[] = []
  for (;;) {
    const chunk = await said(nameOf(request.from), () => result.fetchChunk())
    if (chunk === null || chunk.rowCount === 0) break
    for (const row of chunk.getRows()) {
      batch.push(row.map(toOfflineValue))
      if (batch.length < request.maxBatchRows) continue
      yield batch
      batch = []
    }
  }
  if (batch.length > 0) yield batch
}
