import { type Dtype, describeDtype, type ScalarDtype } from '../definitions/dtypes.ts'
import { inspect } from '../lib/inspect.ts'

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/**
 * Why a default is no value of its dtype, or undefined where it is one. Stricter than stored values are: a default that would
 * be served as null (NaN without `nonFinite: 'string'`) is a mistake.
 */
export function defaultProblem(dtype: Dtype, nonFinite: 'null' | 'string', value: unknown): string | undefined {
  if (dtype.kind === 'list') {
    const isList =
      Array.isArray(value) && value.every((element) => element === null || fits(dtype.of, nonFinite, element))
    return isList ? undefined : misfit(dtype, value)
  }
  if (dtype.kind !== 'vector') return fits(dtype, nonFinite, value) ? undefined : misfit(dtype, value)
  const isVector = value instanceof Float32Array && value.length === dtype.dimensions && value.every(Number.isFinite)
  return isVector ? undefined : `${misfit(dtype, value)} It is a Float32Array of ${dtype.dimensions} finite numbers.`
}

function misfit(dtype: Dtype, value: unknown): string {
  return `${inspect(value)} is no ${describeDtype(dtype)}.`
}

function fits(dtype: ScalarDtype, nonFinite: 'null' | 'string', value: unknown): boolean {
  switch (dtype.kind) {
    case 'bool':
      return typeof value === 'boolean'
    case 'int32':
      return typeof value === 'number' && (value | 0) === value
    case 'int64':
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value
    case 'float32':
      return typeof value === 'number' && (nonFinite === 'string' || Number.isFinite(Math.fround(value)))
    case 'float64':
      return typeof value === 'number' && (nonFinite === 'string' || Number.isFinite(value))
    case 'string':
      return typeof value === 'string' && value.isWellFormed()
    case 'uuid':
      return typeof value === 'string' && UUID.test(value)
    case 'timestamp':
      return Number.isSafeInteger(value)
    case 'bytes':
      return value instanceof Uint8Array
    case 'json':
      return isJson(value)
    case 'enum':
      return typeof value === 'string' && dtype.members.includes(value)
    default:
      return dtype satisfies never
  }
}

function isJson(value: unknown): boolean {
  try {
    return value !== null && JSON.stringify(value) !== undefined
  } catch {
    return false
  }
}
