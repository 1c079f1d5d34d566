import { resolve } from 'node:path'
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

/** A source as something to select from. A table's name may have a catalog and a schema: `warehouse.main.daily`. */
export function sourceSql(from: RowsFrom, baseDirectory: string): string {
  if (from.table !== undefined) return from.table.split('.').map(identifier).join('.')
  if (from.file !== undefined) return fileSql(resolve(baseDirectory, from.file))
  // On lines of its own, so that a comment at the query's end does not swallow the parenthesis.
  return `(\n${from.sql?.replace(/;\s*$/, '')}\n)`
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

function boundSql({ column, fromMicros, toMicros }: TimeBound): readonly string[] {
  // A zone-less timestamp and a date are UTC (the session's zone), so all kinds compare as one.
  const instant = `cast(${identifier(column)} as timestamptz)`
  const bound = (sign: string, micros: number): string =>
    `(${identifier(column)} is null or ${instant} ${sign} make_timestamptz(${micros}))`
  return [
    ...(fromMicros === undefined ? [] : [bound('>=', fromMicros)]),
    ...(toMicros === undefined ? [] : [bound('<=', toMicros)]),
  ]
}
