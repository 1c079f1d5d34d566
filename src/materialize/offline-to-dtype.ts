import type { Dtype, ScalarDtype } from '../definitions/dtypes.ts'
import { inspect } from '../lib/inspect.ts'
import { type OfflineValue, StoredDecimal, StoredInstant } from '../stores/offline/offline-store.ts'
import { WireProblem } from '../values/wire.ts'
import { shownValue } from './shown-value.ts'

/**
 * The JavaScript value of a dtype that an offline value is, or a WireProblem: never a cast that loses or guesses.
 *
 * Numbers that are whole, of whatever type and width, fit int32 and int64 where they are in range, and floats where they are
 * exact; a double rounds to a float32, for that is what the dtype says, and a decimal with a fraction to the nearest float of
 * either width, for hardly one is exact; text is no number, no instant and no boolean; JSON is given as text or as structs, maps
 * and lists; a vector is a list of numbers of its size.
 */
export function toDtypeValue(dtype: Dtype, value: OfflineValue): unknown {
  if (value === null) return null
  switch (dtype.kind) {
    case 'vector':
      return toVector(dtype.dimensions, value)
    case 'list':
      return toList(dtype.of, value)
    default:
      return toScalar(dtype, value)
  }
}

function toScalar(dtype: ScalarDtype, value: OfflineValue): unknown {
  switch (dtype.kind) {
    case 'int32':
      return toInt32(value)
    case 'int64':
      return toInt64(value)
    case 'float32':
    case 'float64':
      return toFloat(dtype.kind, value)
    case 'uuid':
      return typeof value === 'string' ? value.toLowerCase() : misfit(dtype, value)
    case 'timestamp':
      return toInstant(value)
    case 'json':
      return toJson(value)
    case 'bool':
      return typeof value === 'boolean' ? value : misfit(dtype, value)
    case 'bytes':
      return value instanceof Uint8Array ? value : misfit(dtype, value)
    case 'string':
    case 'enum':
      return typeof value === 'string' ? value : misfit(dtype, value)
    default:
      return dtype satisfies never
  }
}

function misfit({ kind }: ScalarDtype, value: OfflineValue): WireProblem {
  return new WireProblem(`${shownValue(value)} is no ${kind}`)
}

/** A decimal that is whole, as the integer that it is. */
function wholeDecimal(value: OfflineValue): OfflineValue {
  if (!(value instanceof StoredDecimal)) return value
  const one = 10n ** BigInt(value.scale)
  return value.unscaled % one === 0n ? value.unscaled / one : value
}

/** Whether it is in range is for the encoding to say. */
function toInt32(given: OfflineValue): unknown {
  const value = wholeDecimal(given)
  if (typeof value === 'bigint') return BigInt.asIntN(32, value) === value ? Number(value) : misfit(INT32, value)
  return typeof value === 'number' ? value : misfit(INT32, value)
}

function toInt64(given: OfflineValue): unknown {
  const value = wholeDecimal(given)
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  return typeof value === 'bigint' ? value : misfit(INT64, value)
}

const INT32 = { kind: 'int32' } as const
const INT64 = { kind: 'int64' } as const

function toFloat(kind: 'float32' | 'float64', given: OfflineValue): unknown {
  const value = wholeDecimal(given)
  if (value instanceof StoredDecimal) return Number(String(value))
  if (typeof value !== 'bigint') return typeof value === 'number' ? value : misfit({ kind }, value)
  const float = kind === 'float32' ? Math.fround(Number(value)) : Number(value)
  // Infinity, where it is too great for the dtype, is no bigint.
  if (Number.isFinite(float) && BigInt(float) === value) return float
  return new WireProblem(`${value} is not exact in ${kind}`)
}

function toInstant(value: OfflineValue): unknown {
  if (!(value instanceof StoredInstant)) return new WireProblem(`${shownValue(value)} is no timestamp`)
  return instantMicros(value)
}

/** Microseconds since 1970 of an instant that is a whole number of them, within the range of T1. */
export function instantMicros({ micros, exact }: StoredInstant): number | WireProblem {
  if (exact && Number.isSafeInteger(micros)) return micros
  if (!Number.isFinite(micros)) return new WireProblem('an infinite timestamp')
  return new WireProblem(
    Number.isSafeInteger(micros) ? 'a timestamp finer than a microsecond' : 'a timestamp before 1684 or after 2255',
  )
}

function toJson(value: OfflineValue): unknown {
  if (typeof value === 'string') return parseJson(value)
  return plainJson(value)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return new WireProblem(`${inspect(text)} is no JSON text`)
  }
}

/** A struct, map or list as JSON; what JSON has no number for stands as text. */
function plainJson(value: OfflineValue): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
  if (value instanceof StoredDecimal) return Number(String(value))
  if (value instanceof StoredInstant) return new WireProblem('a timestamp is no JSON; format it in the source')
  if (value instanceof Uint8Array) return new WireProblem('bytes are no JSON; encode them in the source')
  if (Array.isArray(value)) return plainList(value)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, item]) => [name, plainJson(item)] as const)
  return firstProblem(entries.map(([, item]) => item)) ?? Object.fromEntries(entries)
}

function plainList(list: readonly OfflineValue[]): unknown {
  const items = list.map(plainJson)
  return firstProblem(items) ?? items
}

function firstProblem(values: readonly unknown[]): WireProblem | undefined {
  return values.find((value): value is WireProblem => value instanceof WireProblem)
}

function toList(of: ScalarDtype, value: OfflineValue): unknown {
  if (!Array.isArray(value)) return new WireProblem(`${shownValue(value)} is no list`)
  const elements: unknown[] = []
  for (const [index, element] of value.entries()) {
    const converted = element === null ? null : toScalar(of, element)
    if (converted instanceof WireProblem) return new WireProblem(`element ${index}: ${converted.reason}`)
    elements.push(converted)
  }
  return elements
}

function toVector(dimensions: number, value: OfflineValue): unknown {
  if (!Array.isArray(value)) return new WireProblem(`${shownValue(value)} is no vector(${dimensions})`)
  const vector = new Float32Array(value.length)
  for (const [index, element] of value.entries()) {
    const float = element === null ? new WireProblem('null is no number') : toFloat('float32', element)
    if (float instanceof WireProblem) return new WireProblem(`element ${index}: ${float.reason}`)
    vector[index] = float as number
  }
  return vector
}
