import type { DuckDBConnection } from '@duckdb/node-api'
import { FieldstoneError } from '../../../errors.ts'
import { inspect } from '../../../lib/inspect.ts'
import { fileSql, identifier, querySql, resolvePath } from '../sql.ts'
import { assertOneStatement, said } from './statements.ts'

export type ConfiguredTable = { readonly file: string } | { readonly sql: string }

/** The tables that a config names, as views. */
export interface Tables {
  readonly names: ReadonlySet<string>
  /** Makes the views anew, for a file may have come, or have other columns, since. A table that cannot be made holds up no other. */
  define(connection: DuckDBConnection): Promise<void>
  /** Why there is no table of which DuckDB says so; undefined where it says something else. */
  failureOf(words: string): FieldstoneError | undefined
}

/** Throws CONFIG_INVALID. */
export function configuredTables(tables: Readonly<Record<string, ConfiguredTable>>, baseDirectory: string): Tables {
  for (const [name, table] of Object.entries(tables)) assertTable(name, table)
  const failures = new Map<string, FieldstoneError>()

  async function defineOne(connection: DuckDBConnection, name: string): Promise<boolean> {
    try {
      await createView(connection, { name, table: tables[name]!, baseDirectory })
      failures.delete(name)
      return true
    } catch (error) {
      if (!(error instanceof FieldstoneError)) throw error
      failures.set(name, error)
      return false
    }
  }

  async function define(connection: DuckDBConnection): Promise<void> {
    let left = Object.keys(tables)
    // One may be a query over another that comes later, so those that failed are tried again while any succeeds.
    for (let before = Number.POSITIVE_INFINITY; left.length > 0 && left.length < before; ) {
      before = left.length
      const failed: string[] = []
      for (const name of left) if (!(await defineOne(connection, name))) failed.push(name)
      left = failed
    }
  }

  return {
    names: new Set(Object.keys(tables)),
    define,
    failureOf: (words) => {
      const lower = words.toLowerCase()
      return [...failures].find(([name]) => lower.includes(`table with name ${name.toLowerCase()} does not exist`))?.[1]
    },
  }
}

/** Strict about types too: a config may be run that no compiler has seen. */
function assertTable(name: string, table: unknown): void {
  const { file, sql }: { readonly file?: unknown; readonly sql?: unknown } = Object(table)
  const given = [file, sql].filter((source) => source !== undefined)
  if (given.length === 1 && typeof given[0] === 'string') return
  throw new FieldstoneError('CONFIG_INVALID', {
    seen: `offline: duckdb({ tables: { ${JSON.stringify(name)}: ${inspect(table)} } })`,
    why: 'A table is one file or one query.',
    mend: "Write { file: 'data/rows.parquet' } or { sql: 'select …' }.",
  })
}

async function createView(
  connection: DuckDBConnection,
  { name, table, baseDirectory }: { name: string; table: ConfiguredTable; baseDirectory: string },
): Promise<void> {
  const seen = `table '${name}'`
  if ('sql' in table) await assertOneStatement(connection, seen, table.sql)
  const rows = 'file' in table ? fileSql(resolvePath(baseDirectory, table.file)) : querySql(table.sql)
  await said(seen, () => connection.run(`create or replace view ${identifier(name)} as select * from ${rows}`))
}
