import { deepFreeze } from './freeze.ts'

/** Where rows are read from: exactly one of a table of the offline store, a file (or glob) of Parquet, CSV or JSON, or a SQL query. */
export type RowsFrom =
  | { readonly table: string; readonly file?: never; readonly sql?: never }
  | { readonly file: string; readonly table?: never; readonly sql?: never }
  | { readonly sql: string; readonly table?: never; readonly file?: never }

interface SourceOptions<KeyName extends string> {
  /** For each key of the entity the column that holds it. Default: the column of the key's own name. */
  readonly keys?: { readonly [K in KeyName]: string }
  readonly description?: string
}

interface TableSourceOptions<KeyName extends string> extends SourceOptions<KeyName> {
  /** The column with the first instant at which a row may be used (SPEC T3). A timestamp, read as UTC, or a date, read as its midnight. */
  readonly eventTime: string
  /** The column with the instant at which a row was stored. Default: ingest time is event time. */
  readonly ingestTime?: string
  /** A column that decides between rows of one key, event time and ingest time; the greater wins (SPEC V1). */
  readonly tieBreaker?: string
  /** A boolean column; true makes the row a tombstone (SPEC V6). */
  readonly deletedColumn?: string
}

/** Rows with a time. */
export interface TableSourceDefinition<KeyName extends string = string> {
  readonly kind: 'tableSource'
  readonly from: RowsFrom
  readonly eventTime: string
  readonly ingestTime: string | undefined
  readonly tieBreaker: string | undefined
  readonly deletedColumn: string | undefined
  readonly keys: { readonly [K in KeyName]: string }
  readonly description: string | undefined
}

/** Rows without a time: they hold at every instant, and those that leave the table are removed by the next run (SPEC V4). */
export interface StaticTableDefinition<KeyName extends string = string> {
  readonly kind: 'staticTable'
  readonly from: RowsFrom
  readonly keys: { readonly [K in KeyName]: string }
  readonly description: string | undefined
}

export type SourceDefinition = TableSourceDefinition | StaticTableDefinition

/** @example tableSource({ sql: 'select iata, as_of, departures from daily', eventTime: 'as_of' }) */
export function tableSource<const KeyName extends string = never>(
  options: TableSourceOptions<KeyName> & RowsFrom,
): TableSourceDefinition<KeyName> {
  return deepFreeze({
    kind: 'tableSource',
    from: rowsFrom(options),
    eventTime: options.eventTime,
    ingestTime: options.ingestTime,
    tieBreaker: options.tieBreaker,
    deletedColumn: options.deletedColumn,
    keys: options.keys ?? ({} as { readonly [K in KeyName]: string }),
    description: options.description,
  })
}

/** @example staticTable({ file: 'data/airports.csv' }) */
export function staticTable<const KeyName extends string = never>(
  options: SourceOptions<KeyName> & RowsFrom,
): StaticTableDefinition<KeyName> {
  return deepFreeze({
    kind: 'staticTable',
    from: rowsFrom(options),
    keys: options.keys ?? ({} as { readonly [K in KeyName]: string }),
    description: options.description,
  })
}

function rowsFrom(options: RowsFrom): RowsFrom {
  const { table, file, sql } = options
  return Object.fromEntries(Object.entries({ table, file, sql }).filter(([, from]) => from !== undefined)) as RowsFrom
}
