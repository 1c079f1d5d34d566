import type { Dtype, ScalarDtype } from '../definitions/dtypes.ts'
import { inspect } from '../lib/inspect.ts'
import { type OfflineValue, StoredInstant } from '../stores/offline/offline-store.ts'
import { WireProblem } from '../values/wire.ts'

/**
 * The JavaScript value of a dtype that an offline value is, or a WireProblem: never a cast that loses or guesses.
 *
 * Integers of any width fit int32, int64 and floats where they are in range and exact; a double rounds to a float32, for that is
 * what the dtype says; exact decimals fit floats; text is no number, no instant and no boolean; JSON is given as text or as
 * structs, maps and lists; a vector is a list of numbers of its size.
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
      return typeof value === 'bigint' ? Number(value) : value
    case 'int64':
      return typeof value === 'number' && Number.isSafeInteger(value) ? BigInt(value) : value
    case 'float32':
    case 'float64':
      return toFloat(dtype.kind, value)
    case 'uuid':
      return typeof value === 'string' ? value.toLowerCase() : value
    case 'timestamp':
      return toInstant(value)
    case 'json':
      return toJson(value)
    case 'bool':
    case 'string':
    case 'bytes':
    case 'enum':
      return value
    default:
      return dtype satisfies never
  }
}

/** DECIMAL comes as its exact text: digits and a point. */
const DECIMAL = /^-?\d+\.\d+$/

function toFloat(kind: 'float32' | 'float64', value: OfflineValue): unknown {
  if (typeof value === 'string' && DECIMAL.test(value)) return Number(value)
  if (typeof value !== 'bigint') return value
  const float = kind === 'float32' ? Math.fround(Number(value)) : Number(value)
  return BigInt(float) === value ? float : new WireProblem(`${inspect(value)} is not exact in ${kind}`)
}

function toInstant(value: OfflineValue): unknown {
  if (!(value instanceof StoredInstant)) return new WireProblem(`${inspect(value)} is no timestamp`)
  return value.exact ? value.micros : new WireProblem('a timestamp finer than a microsecond')
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
  if (value instanceof StoredInstant) return new WireProblem('a timestamp is no JSON; format it in the source')
  if (value instanceof Uint8Array) return new WireProblem('bytes are no JSON; encode them in the source')
  if (Array.isArray(value)) return firstProblem(value.map(plainJson)) ?? value.map(plainJson)
  if (typeof value !== 'object' || value === null) return value
  const entries = Object.entries(value).map(([name, item]) => [name, plainJson(item)] as const)
  return firstProblem(entries.map(([, item]) => item)) ?? Object.fromEntries(entries)
}

function firstProblem(values: readonly unknown[]): WireProblem | undefined {
  return values.find((value): value is WireProblem => value instanceof WireProblem)
}

function toList(of: ScalarDtype, value: OfflineValue): unknown {
  if (!Array.isArray(value)) return value
  const elements = value.map((element) => (element === null ? null : toScalar(of, element)))
  return firstProblem(elements) ?? elements
}

function toVector(dimensions: number, value: OfflineValue): unknown {
  if (!Array.isArray(value)) return value
  const elements = value.map((element) => toFloat('float32', element))
  if (!elements.every((element) => typeof element === 'number')) {
    return new WireProblem(`${inspect(value)} is no vector(${dimensions})`)
  }
  return Float32Array.from(elements as readonly number[])
}
