import { isAbsolute, join, resolve } from 'node:path'
import type { RowsFrom } from '../../definitions/sources.ts'
import { FieldstoneError } from '../../errors.ts'
import type { ScanRequest, TimeBound } from './offline-store.ts'

/** A name as DuckDB reads it, whatever characters it has. */
export function identifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** A text literal. */
export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/** A table function over a file or glob, by its ending. Throws SOURCE_INVALID for others. */
export function fileSql(path: string): string {
  const ending = /\.(parquet|csv|tsv|json|jsonl|ndjson)(\.gz|\.zst)?$/i.exec(path)?.[1]?.toLowerCase()
  if (ending === undefined) {
    const why = 'Its ending tells no format.'
    throw new FieldstoneError('SOURCE_INVALID', {
      seen: `file '${path}'`,
      why,
      mend: 'Name a .parquet, .csv, .tsv, .json, .jsonl or .ndjson file.',
    })
  }
  const reader = ending === 'parquet' ? 'read_parquet' : ending === 'csv' || ending === 'tsv' ? 'read_csv' : 'read_json'
  return `${reader}(${literal(path)})`
}

/**
 * A file's path or glob, where it is relative, from a folder. Brackets and stars in the folder's own name stand for themselves;
 * addresses such as `s3://…` are left alone.
 */
export function resolvePath(baseDirectory: string, file: string): string {
  if (isAbsolute(file) || /^[a-z][a-z\d+.-]+:\/\//i.test(file)) return file
  return join(resolve(baseDirectory).replace(/[[*?]/g, '[$&]'), file)
}

/** A query to select from. On lines of its own, so that a comment at its end does not swallow the parenthesis. */
export function querySql(sql: string): string {
  return `(\n${sql.replace(/;\s*$/, '')}\n)`
}

export interface Place {
  /** Tables that a config names: a name with a point in it is one of them before it is a catalog's. */
  readonly tables: ReadonlySet<string>
  readonly baseDirectory: string
}

/** A source as something to select from. A table's name may have a catalog and a schema: `warehouse.main.daily`. */
export function sourceSql(from: RowsFrom, { tables, baseDirectory }: Place): string {
  if (from.file !== undefined) return fileSql(resolvePath(baseDirectory, from.file))
  if (from.sql !== undefined) return querySql(from.sql)
  return tables.has(from.table) ? identifier(from.table) : from.table.split('.').map(identifier).join('.')
}

export function describeSql(source: string): string {
  return `describe select * from ${source}`
}

/** Rows of a source with the bounds that the request gives; nulls pass them, for they are rejected by name later. */
export function scanSql({ columns, orderBy, bounds }: ScanRequest, source: string): string {
  const conditions = bounds.flatMap(boundSql)
  return [
    `select ${columns.map(identifier).join(', ')}`,
    `from ${source}`,
    ...(conditions.length === 0 ? [] : [`where ${conditions.join(' and ')}`]),
    ...(orderBy.length === 0
      ? []
      : [`order by ${orderBy.map((name) => `${identifier(name)} nulls first`).join(', ')}`]),
  ].join('\n')
}

/**
 * The column is compared as it is: a cast of it would read every row group of a Parquet file, and make instants of texts. The
 * session's zone is UTC, so zone-less timestamps, dates and those with a zone compare as one.
 */
function boundSql({ column, fromMicros, toMicros }: TimeBound): readonly string[] {
  const bound = (sign: string, micros: number): string =>
    `(${identifier(column)} is null or ${identifier(column)} ${sign} make_timestamp(${micros}))`
  return [
    ...(fromMicros === undefined ? [] : [bound('>=', fromMicros)]),
    ...(toMicros === undefined ? [] : [bound('<=', toMicros)]),
  ]
}
