import { deepFreeze } from './freeze.ts'

/** Where rows are read from: exactly one of a table of the offline store, a file (or glob) of Parquet, CSV or JSON, or a SQL query. */
export type RowsFrom =
  | { readonly table: string; readonly file?: never; readonly sql?: never }
  | { readonly file: string; readonly table?: never; readonly sql?: never }
  | { readonly sql: string; readonly table?: never; readonly file?: never }

interface SourceOptions {
  /** For each key of the entity the column that holds it. Default: the column of the key's own name. */
  readonly keys?: Readonly<Record<string, string>>
  readonly description?: string
}

interface TableSourceOptions extends SourceOptions {
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
export interface TableSourceDefinition {
  readonly kind: 'tableSource'
  readonly from: RowsFrom
  readonly eventTime: string
  readonly ingestTime: string | undefined
  readonly tieBreaker: string | undefined
  readonly deletedColumn: string | undefined
  readonly keys: Readonly<Record<string, string>>
  readonly description: string | undefined
}

/** Rows without a time: they hold at every instant, and those that leave the table are removed by the next run (SPEC V4). */
export interface StaticTableDefinition {
  readonly kind: 'staticTable'
  readonly from: RowsFrom
  readonly keys: Readonly<Record<string, string>>
  readonly description: string | undefined
}

export type SourceDefinition = TableSourceDefinition | StaticTableDefinition

/** @example tableSource({ sql: 'select iata, as_of, departures from daily', eventTime: 'as_of' }) */
export function tableSource(options: TableSourceOptions & RowsFrom): TableSourceDefinition {
  return deepFreeze({
    kind: 'tableSource',
    from: rowsFrom(options),
    eventTime: options.eventTime,
    ingestTime: options.ingestTime,
    tieBreaker: options.tieBreaker,
    deletedColumn: options.deletedColumn,
    keys: options.keys ?? {},
    description: options.description,
  })
}

/** @example staticTable({ file: 'data/airports.csv' }) */
export function staticTable(options: SourceOptions & RowsFrom): StaticTableDefinition {
  return deepFreeze({
    kind: 'staticTable',
    from: rowsFrom(options),
    keys: options.keys ?? {},
    description: options.description,
  })
}

function rowsFrom(options: RowsFrom): RowsFrom {
  const { table, file, sql } = options
  return Object.fromEntries(Object.entries({ table, file, sql }).filter(([, from]) => from !== undefined)) as RowsFrom
}
