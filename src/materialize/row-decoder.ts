import { FieldstoneError } from '../errors.ts'
import type { RegistryBatchView } from '../registry/registry.ts'
import { type ColumnInfo, type OfflineValue, StoredDecimal, StoredInstant } from '../stores/offline/offline-store.ts'
import type { ColumnList } from '../stores/online/column-list.ts'
import { canonicalKeyValue, encodeKey, type KeyShape } from '../stores/online/key-codec.ts'
import { encodeCell, MAX_TIE_BREAKER_BYTES } from '../stores/online/row-codec.ts'
import { tieBreakerBytes } from '../values/tie-breaker.ts'
import { encodeWire, WireProblem } from '../values/wire.ts'
import { instantMicros, toDtypeValue } from './offline-to-dtype.ts'
import { shownValue } from './shown-value.ts'

/** A row of the source as a cell of the online store. */
export interface DecodedRow {
  readonly key: Uint8Array
  readonly cell: Uint8Array
  readonly eventMicros: number
  readonly ingestMicros: number
}

/** Why a row is not written; `reason` is one of a few codes, counted in the summary. */
export class Rejection {
  readonly reason: RejectionReason
  /** The feature or column at fault. */
  readonly column: string
  readonly detail: string
  /** The row's encoded key where it has one. */
  readonly key: Uint8Array | undefined

  constructor(
    reason: RejectionReason,
    column: string,
    options: { readonly detail: string; readonly key?: Uint8Array },
  ) {
    this.reason = reason
    this.column = column
    this.detail = options.detail
    this.key = options.key
  }
}

export type RejectionReason =
  | 'KEY_INVALID'
  | 'EVENT_TIME_INVALID'
  | 'INGEST_TIME_INVALID'
  | 'TIE_BREAKER_INVALID'
  | 'DELETED_COLUMN_INVALID'
  | 'NULL_NOT_ALLOWED'
  | 'VALUE_INVALID'

/** How a source's rows become cells of a view. */
export interface RowDecoder {
  /** The columns to ask the source for, each once. */
  readonly columns: readonly string[]
  decode(row: readonly OfflineValue[]): DecodedRow | Rejection
}

/** @param staticOrderMicros event and ingest time of every row of a static table (SPEC V4); unused for others */
export function rowDecoder(view: RegistryBatchView, list: ColumnList, staticOrderMicros: number): RowDecoder {
  const { source, entity, features } = view
  const columns = columnsOf(view)
  const position = new Map(columns.map((name, index) => [name, index]))
  const at = (row: readonly OfflineValue[], column: string): OfflineValue => row[position.get(column)!] ?? null

  function keyOf(row: readonly OfflineValue[]): Uint8Array | Rejection {
    try {
      return encodeKey(
        entity,
        source.keyColumns.map((column, index) => keyValue(entity, index, at(row, column))),
      )
    } catch (error) {
      if (!(error instanceof FieldstoneError)) throw error
      return new Rejection('KEY_INVALID', source.keyColumns.join(', '), { detail: error.details.seen })
    }
  }

  function timeOf(row: readonly OfflineValue[], column: string, which: 'EVENT' | 'INGEST'): number | Rejection {
    const micros = microsOf(at(row, column))
    return micros instanceof WireProblem
      ? new Rejection(`${which}_TIME_INVALID`, column, { detail: micros.reason })
      : micros
  }

  function tieBreakerOf(row: readonly OfflineValue[]): Uint8Array | Rejection {
    if (source.tieBreaker === undefined) return tieBreakerBytes(null)
    const bytes = orderedBytes(at(row, source.tieBreaker))
    if (!(bytes instanceof WireProblem)) return bytes
    return new Rejection('TIE_BREAKER_INVALID', source.tieBreaker, { detail: bytes.reason })
  }

  function tombstoneOf(row: readonly OfflineValue[]): boolean | Rejection {
    if (source.deletedColumn === undefined) return false
    const value = at(row, source.deletedColumn) ?? false
    if (typeof value === 'boolean') return value
    return new Rejection('DELETED_COLUMN_INVALID', source.deletedColumn, {
      detail: `${shownValue(value)} is no boolean`,
    })
  }

  function valuesOf(row: readonly OfflineValue[]): readonly string[] | Rejection {
    const texts: string[] = []
    for (const feature of features) {
      const value = toDtypeValue(feature.dtype, at(row, feature.column))
      const text = value instanceof WireProblem ? value : encodeWire(feature, value)
      if (text instanceof WireProblem) return new Rejection('VALUE_INVALID', feature.name, { detail: text.reason })
      if (text === 'null' && !feature.nullable) {
        return new Rejection('NULL_NOT_ALLOWED', feature.name, { detail: 'null where nullable is false' })
      }
      texts.push(text)
    }
    return texts
  }

  function timesOf(row: readonly OfflineValue[]): { readonly event: number; readonly ingest: number } | Rejection {
    if (source.eventTime === undefined) return { event: staticOrderMicros, ingest: staticOrderMicros }
    const event = timeOf(row, source.eventTime, 'EVENT')
    if (event instanceof Rejection) return event
    const ingest = source.ingestTime === undefined ? event : timeOf(row, source.ingestTime, 'INGEST')
    return ingest instanceof Rejection ? ingest : { event, ingest }
  }

  function decode(row: readonly OfflineValue[]): DecodedRow | Rejection {
    const key = keyOf(row)
    if (key instanceof Rejection) return key
    const times = timesOf(row)
    if (times instanceof Rejection) return withKey(times, key)
    const tombstone = tombstoneOf(row)
    if (tombstone instanceof Rejection) return withKey(tombstone, key)
    const values = tombstone ? [] : valuesOf(row)
    if (values instanceof Rejection) return withKey(values, key)
    const tieBreaker = tieBreakerOf(row)
    if (tieBreaker instanceof Rejection) return withKey(tieBreaker, key)
    const { event: eventMicros, ingest: ingestMicros } = times
    const cell = encodeCell(list, { eventMicros, ingestMicros, tieBreaker, tombstone, values })
    return { key, cell, eventMicros, ingestMicros }
  }

  return { columns, decode }
}

/** What GraphQL takes for a key, but for text in place of an integer: in a column that is another type. */
function keyValue(entity: KeyShape, index: number, value: OfflineValue): string | bigint {
  const { name, dtype } = entity.keys[index]!
  if (dtype.kind !== 'int64' || typeof value !== 'string') return canonicalKeyValue(entity, index, value)
  throw new FieldstoneError('KEY_INVALID', { seen: `${entity.name}.${name} ${shownValue(value)}, which is text` })
}

function microsOf(value: OfflineValue): number | WireProblem {
  if (value instanceof StoredInstant) return instantMicros(value)
  return new WireProblem(`${shownValue(value)} is no timestamp`)
}

/** A tie-breaker's bytes. An instant that is not exact has an order that its microseconds do not tell. */
function orderedBytes(value: OfflineValue): Uint8Array | WireProblem {
  const micros = value instanceof StoredInstant ? instantMicros(value) : undefined
  if (micros instanceof WireProblem) return micros
  // Of one column, so of one scale: the unscaled numbers are in the order of the decimals.
  const bytes = tieBreakerBytes(value instanceof StoredDecimal ? value.unscaled : value)
  if (bytes.byteLength <= MAX_TIE_BREAKER_BYTES) return bytes
  return new WireProblem(`it takes ${bytes.byteLength} bytes, more than ${MAX_TIE_BREAKER_BYTES}`)
}

function withKey({ reason, column, detail }: Rejection, key: Uint8Array): Rejection {
  return new Rejection(reason, column, { detail, key })
}

/** The columns that a view asks its source for, each once. */
export function columnsOf({ source, features }: RegistryBatchView): readonly string[] {
  const { keyColumns, eventTime, ingestTime, tieBreaker, deletedColumn } = source
  const named = [
    ...keyColumns,
    eventTime,
    ingestTime,
    tieBreaker,
    deletedColumn,
    ...features.map(({ column }) => column),
  ]
  return [...new Set(named.filter((column) => column !== undefined))]
}

/** Throws SOURCE_INVALID where the source lacks columns that the view names. */
export function assertColumns(
  view: RegistryBatchView,
  decoder: Pick<RowDecoder, 'columns'>,
  found: readonly ColumnInfo[],
): void {
  // DuckDB and BigQuery read names without regard to case.
  const names = new Set(found.map(({ name }) => name.toLowerCase()))
  const missing = decoder.columns.filter((name) => !names.has(name.toLowerCase()))
  if (missing.length === 0) return
  throw new FieldstoneError('SOURCE_INVALID', {
    seen: `source of view ${view.id}`,
    why: `It has no column ${missing.map((name) => `'${name}'`).join(', ')}; it has ${found.map(({ name }) => name).join(', ')}.`,
  })
}
