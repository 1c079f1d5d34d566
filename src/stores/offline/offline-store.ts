import type { RowsFrom } from '../../definitions/sources.ts'

/** The port of offline stores: tables of rows, read by SQL and streamed. */

/** A column as the store names it. */
export interface ColumnInfo {
  readonly name: string
  /** The engine's own name of the type, for messages. */
  readonly type: string
}

export interface ScanRequest {
  readonly from: RowsFrom
  /** The columns to read, in this order. */
  readonly columns: readonly string[]
  /** Rows are given in ascending order of these columns, nulls first. Empty: any order. */
  readonly orderBy: readonly string[]
  /** Each bound is on a timestamp or date column, in microseconds since 1970, else SOURCE_INVALID; rows with a null there pass (they are to be rejected by name). */
  readonly bounds: readonly TimeBound[]
  /** Rows a batch at the most. */
  readonly maxBatchRows: number
}

export interface TimeBound {
  readonly column: string
  readonly fromMicros?: number
  /** Inclusive, as `fromMicros`. */
  readonly toMicros?: number
}

/**
 * A value as the store holds it: null, boolean, number (integers to 32 bits and floats), bigint (wider integers, decimals
 * without a fraction), `StoredDecimal` (decimals with one), string, Uint8Array, an array of these, a `StoredInstant`, or a
 * plain object (structs and maps).
 */
export type OfflineValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | StoredInstant
  | StoredDecimal
  | readonly OfflineValue[]
  | { readonly [name: string]: OfflineValue }

/**
 * A timestamp or date of the store, in microseconds since 1970, rounded down. An infinite one has infinite `micros`.
 * `exact` is false where `micros` is not all of it: a finer, an infinite or a too distant instant.
 */
export class StoredInstant {
  readonly micros: number
  readonly exact: boolean

  constructor(micros: number, exact: boolean) {
    this.micros = micros
    this.exact = exact
  }
}

/** A decimal with a fraction, exactly: `unscaled` / 10^`scale`. A class of its own, for text is no number. */
export class StoredDecimal {
  readonly unscaled: bigint
  /** Digits after the point, at least 1. All values of a column have the same. */
  readonly scale: number

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled
    this.scale = scale
  }

  /** All its digits: `-1.50`. */
  toString(): string {
    const digits = String(this.unscaled < 0n ? -this.unscaled : this.unscaled).padStart(this.scale + 1, '0')
    return `${this.unscaled < 0n ? '-' : ''}${digits.slice(0, -this.scale)}.${digits.slice(-this.scale)}`
  }
}

/** Rows, each with its values in the order of the columns asked for. */
export type RowBatch = readonly (readonly OfflineValue[])[]

export interface OfflineStore {
  /** The columns of a source. Rejects with SOURCE_INVALID where it cannot be read. */
  describe(from: RowsFrom): Promise<readonly ColumnInfo[]>
  /** Streams rows with bounded memory. Rejects with SOURCE_INVALID. Leaving the loop early frees all. Scans run side by side. */
  scan(request: ScanRequest): AsyncIterable<RowBatch>
  /** Never rejects while the store is open. */
  health(): Promise<{ readonly ok: boolean; readonly detail: string }>
  /** Ends what is under way, with STORE_CLOSED, and frees all. A second call does nothing. */
  close(): Promise<void>
}

/** A store as a config names it; see `OnlineDriver`. */
export interface OfflineDriver {
  readonly kind: 'offlineDriver'
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  open(options: Readonly<Record<string, unknown>>, baseDirectory: string): Promise<OfflineStore>
}
