import type { DuckDBConnection } from '@duckdb/node-api'
import type { RowsFrom } from '../../../definitions/sources.ts'
import { FieldstoneError } from '../../../errors.ts'

/** Runs a statement; what DuckDB says of it becomes the reason of SOURCE_INVALID. */
export async function said<T>(seen: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (cause) {
    throw cause instanceof FieldstoneError ? cause : sourceInvalid(seen, cause)
  }
}

export function sourceInvalid(seen: string, cause: unknown): FieldstoneError {
  const words = cause instanceof Error ? cause.message : String(cause)
  return new FieldstoneError('SOURCE_INVALID', {
    seen,
    why: `DuckDB says: ${words.trim()}.`.replace(/\.\.$/, '.'),
    ...(words.startsWith('Out of Memory')
      ? { mend: "Raise the 'memoryLimit' of duckdb(), or lower its 'threads'." }
      : {}),
    cause,
  })
}

/**
 * Refuses SQL that is not one statement by itself, for it is put in parentheses within another: `1) as t; copy …` would get
 * out of them and write a file.
 */
export async function assertOneStatement(connection: DuckDBConnection, seen: string, sql: string): Promise<void> {
  const { count } = await said(seen, () => connection.extractStatements(sql))
  if (count === 1) return
  throw new FieldstoneError('SOURCE_INVALID', {
    seen,
    why: `It is ${count} statements to DuckDB, and a source is one query.`,
    mend: 'Write one select; give a PIVOT its values by IN.',
  })
}

/** How messages name a source. */
export function nameOf(from: RowsFrom): string {
  if (from.table !== undefined) return `table '${from.table}'`
  if (from.file !== undefined) return `file '${from.file}'`
  const sql = from.sql.trim().replace(/\s+/g, ' ')
  return `query '${sql.length > MAX_SHOWN ? `${sql.slice(0, MAX_SHOWN)}…` : sql}'`
}

const MAX_SHOWN = 60
