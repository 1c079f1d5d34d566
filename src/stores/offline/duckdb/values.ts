import type {
  DuckDBBlobValue,
  DuckDBDateValue,
  DuckDBDecimalValue,
  DuckDBListValue,
  DuckDBMapValue,
  DuckDBStructValue,
  DuckDBTimestampMillisecondsValue,
  DuckDBTimestampNanosecondsValue,
  DuckDBTimestampSecondsValue,
  DuckDBTimestampValue,
  DuckDBType,
  DuckDBUnionValue,
  DuckDBValue,
} from '@duckdb/node-api'
import { type OfflineValue, StoredDecimal, StoredInstant } from '../offline-store.ts'

type Library = typeof import('@duckdb/node-api')

/** Gives a value of one column as the port has it. */
export type ToOfflineValue = (value: DuckDBValue) => OfflineValue

/** A column of a type whose values cannot be given whole. */
export class UnreadableType extends Error {
  override readonly name = 'UnreadableType'
}

/**
 * What turns a type's values into the port's, chosen once a column. DECIMAL without a fraction is a bigint, with one a
 * StoredDecimal; a UNION is its member's value; a MAP is an object by its keys' texts; TIME, INTERVAL, BIT, UUID and what else
 * there is are DuckDB's text. Throws UnreadableType for a struct with two fields of one name.
 */
export function converterOf(type: DuckDBType, library: Library): ToOfflineValue {
  const convert = convertNonNull(type, library)
  return (value) => (value === null ? null : convert(value))
}

function convertNonNull(type: DuckDBType, library: Library): ToOfflineValue {
  const ids = library.DuckDBTypeId
  switch (type.typeId) {
    case ids.DATE:
      return (value) => fromDays((value as DuckDBDateValue).days)
    case ids.TIMESTAMP:
    case ids.TIMESTAMP_TZ:
      return (value) => fromTicks((value as DuckDBTimestampValue).micros, 1n)
    case ids.TIMESTAMP_MS:
      return (value) => fromTicks((value as DuckDBTimestampMillisecondsValue).millis, 1_000n)
    case ids.TIMESTAMP_S:
      return (value) => fromTicks((value as DuckDBTimestampSecondsValue).seconds, 1_000_000n)
    case ids.TIMESTAMP_NS:
      return (value) => fromNanos((value as DuckDBTimestampNanosecondsValue).nanos)
    case ids.DECIMAL:
      return (value) => fromDecimal(value as DuckDBDecimalValue)
    case ids.BLOB:
      return (value) => new Uint8Array((value as DuckDBBlobValue).bytes)
    default:
      return convertCompound(type, library) ?? fromPlain
  }
}

/** Booleans, numbers and strings are as they are; what DuckDB has an object for is its text. */
function fromPlain(value: DuckDBValue): OfflineValue {
  return typeof value === 'object' ? String(value) : (value as OfflineValue)
}

function convertCompound(type: DuckDBType, library: Library): ToOfflineValue | undefined {
  const ids = library.DuckDBTypeId
  switch (type.typeId) {
    case ids.LIST:
    case ids.ARRAY:
      return listOf(converterOf((type as ListType).valueType, library))
    case ids.STRUCT:
      return structOf(type as StructType, library)
    case ids.MAP:
      return mapOf(type as MapType, library)
    case ids.UNION:
      return unionOf(type as UnionType, library)
    default:
      return undefined
  }
}

type TypeNamed<Id> = Extract<DuckDBType, { readonly typeId: Id }>
type Ids = typeof import('@duckdb/node-api').DuckDBTypeId
type ListType = TypeNamed<Ids['LIST']> | TypeNamed<Ids['ARRAY']>
type StructType = TypeNamed<Ids['STRUCT']>
type MapType = TypeNamed<Ids['MAP']>
type UnionType = TypeNamed<Ids['UNION']>

function listOf(element: ToOfflineValue): ToOfflineValue {
  return (value) => (value as DuckDBListValue).items.map(element)
}

function structOf({ entryNames, entryTypes }: StructType, library: Library): ToOfflineValue {
  // DuckDB's library keeps the last of two fields of one name, as an unnamed struct has.
  if (new Set(entryNames).size < entryNames.length) throw new UnreadableType('a struct with two fields of one name')
  const fields = entryNames.map((name, index) => [name, converterOf(entryTypes[index]!, library)] as const)
  return (value) => {
    const { entries } = value as DuckDBStructValue
    return Object.fromEntries(fields.map(([name, convert]) => [name, convert(entries[name] ?? null)]))
  }
}

function mapOf({ valueType }: MapType, library: Library): ToOfflineValue {
  const convert = converterOf(valueType, library)
  return (value) =>
    Object.fromEntries((value as DuckDBMapValue).entries.map((entry) => [String(entry.key), convert(entry.value)]))
}

function unionOf({ memberTags, memberTypes }: UnionType, library: Library): ToOfflineValue {
  const members = new Map(memberTags.map((tag, index) => [tag, converterOf(memberTypes[index]!, library)]))
  return (value) => {
    const { tag, value: held } = value as DuckDBUnionValue
    return members.get(tag)!(held)
  }
}

const MICROS_PER_DAY = 86_400_000_000
/** How DuckDB marks an infinite date, and in 64 bits an infinite timestamp; minus that is minus infinity. */
const INFINITE_DAYS = 2 ** 31 - 1
const INFINITE_TICKS = 2n ** 63n - 1n

function fromDays(days: number): StoredInstant {
  return Math.abs(days) === INFINITE_DAYS ? infinite(days < 0) : instant(days * MICROS_PER_DAY)
}

function fromTicks(ticks: bigint, microsPerTick: bigint): StoredInstant {
  return isInfinite(ticks) ? infinite(ticks < 0n) : instant(Number(ticks * microsPerTick))
}

function fromNanos(nanos: bigint): StoredInstant {
  if (isInfinite(nanos)) return infinite(nanos < 0n)
  const rest = ((nanos % 1_000n) + 1_000n) % 1_000n
  return new StoredInstant(Number((nanos - rest) / 1_000n), rest === 0n)
}

function isInfinite(ticks: bigint): boolean {
  return ticks === INFINITE_TICKS || ticks === -INFINITE_TICKS
}

function infinite(isNegative: boolean): StoredInstant {
  return new StoredInstant(isNegative ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY, false)
}

function instant(micros: number): StoredInstant {
  return new StoredInstant(micros, Number.isSafeInteger(micros))
}

function fromDecimal({ value, scale }: DuckDBDecimalValue): bigint | StoredDecimal {
  return scale === 0 ? value : new StoredDecimal(value, scale)
}
