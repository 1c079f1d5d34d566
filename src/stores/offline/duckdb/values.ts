import type { DuckDBValue } from '@duckdb/node-api'
import { type OfflineValue, StoredInstant } from '../offline-store.ts'

/**
 * A DuckDB value as the port gives it. DECIMAL without a fraction is a bigint, with one its exact text; TIME, INTERVAL and BIT
 * are DuckDB's text; MAP becomes an object; an infinite timestamp or date becomes its text, which is no instant.
 */
export function toOfflineValue(value: DuckDBValue): OfflineValue {
  if (typeof value !== 'object' || value === null) return value as OfflineValue
  const shape = value as unknown as Shape
  return toInstant(value, shape) ?? toCompound(shape) ?? String(value)
}

/** What the classes of DuckDB's values hold, by the fields that tell them apart. */
interface Shape {
  readonly constructor: { readonly name: string }
  readonly micros?: bigint
  readonly millis?: bigint
  readonly seconds?: bigint
  readonly nanos?: bigint
  readonly days?: number
  readonly isFinite?: boolean
  readonly value?: bigint
  readonly scale?: number
  readonly items?: readonly DuckDBValue[]
  readonly bytes?: Uint8Array
  readonly entries?:
    | Readonly<Record<string, DuckDBValue>>
    | readonly { readonly key: DuckDBValue; readonly value: DuckDBValue }[]
}

const MICROS_PER_DAY = 86_400_000_000

function toInstant(value: DuckDBValue, shape: Shape): StoredInstant | string | undefined {
  const kind = shape.constructor.name
  if (!/^DuckDB(Timestamp\w*|Date)Value$/.test(kind)) return undefined
  if (shape.isFinite === false) return String(value)
  if (kind === 'DuckDBDateValue') return new StoredInstant(shape.days! * MICROS_PER_DAY, true)
  if (shape.nanos !== undefined) return fromNanos(shape.nanos)
  if (shape.micros !== undefined) return new StoredInstant(Number(shape.micros), true)
  if (shape.millis !== undefined) return new StoredInstant(Number(shape.millis) * 1_000, true)
  return new StoredInstant(Number(shape.seconds) * 1_000_000, true)
}

function fromNanos(nanos: bigint): StoredInstant {
  const rest = ((nanos % 1_000n) + 1_000n) % 1_000n
  return new StoredInstant(Number((nanos - rest) / 1_000n), rest === 0n)
}

function toCompound(shape: Shape): OfflineValue | undefined {
  switch (shape.constructor.name) {
    case 'DuckDBDecimalValue':
      return shape.scale === 0 ? shape.value : undefined
    case 'DuckDBBlobValue':
      return new Uint8Array(shape.bytes!)
    case 'DuckDBListValue':
    case 'DuckDBArrayValue':
      return shape.items!.map(toOfflineValue)
    case 'DuckDBStructValue':
      return Object.fromEntries(Object.entries(shape.entries!).map(([name, item]) => [name, toOfflineValue(item)]))
    case 'DuckDBMapValue':
      return fromMap(shape.entries as readonly { readonly key: DuckDBValue; readonly value: DuckDBValue }[])
    default:
      return undefined
  }
}

function fromMap(entries: readonly { readonly key: DuckDBValue; readonly value: DuckDBValue }[]): OfflineValue {
  return Object.fromEntries(entries.map(({ key, value }) => [String(key), toOfflineValue(value)]))
}
