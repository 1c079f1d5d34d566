import { concatBytes, utf8 } from '../lib/bytes.ts'

/** Kinds in their order. Values of one column are of one kind, so this only keeps odd sources total. */
const KIND = { boolean: 1, number: 2, instant: 3, text: 4, bytes: 5 } as const

/**
 * Comparable bytes of a tie-breaker column's value: memcmp of two of them is the order of the values. Null is empty and
 * lowest; numbers and bigints are one kind, -0 is 0 and NaN highest. Takes boolean, number, bigint, an instant `{ micros }`,
 * string and bytes; anything else is ordered by its JSON.
 */
export function tieBreakerBytes(value: unknown): Uint8Array {
  if (value === null || value === undefined) return new Uint8Array(0)
  if (typeof value === 'boolean') return Uint8Array.of(KIND.boolean, value ? 1 : 0)
  if (typeof value === 'number') return tagged(KIND.number, doubleBytes(value))
  if (typeof value === 'bigint') return tagged(KIND.number, bigintBytes(value))
  if (value instanceof Uint8Array) return tagged(KIND.bytes, value)
  if (typeof value === 'string') return tagged(KIND.text, utf8(value))
  if (isInstant(value)) return tagged(KIND.instant, doubleBytes(value.micros))
  return tagged(KIND.text, utf8(JSON.stringify(value, bigintText) ?? ''))
}

function bigintText(_name: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}

function isInstant(value: unknown): value is { readonly micros: number } {
  return typeof value === 'object' && value !== null && 'micros' in value && typeof value.micros === 'number'
}

function tagged(kind: number, bytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(kind), bytes)
}

/** IEEE 754 made comparable: positive numbers get the sign bit set, negative ones are inverted. */
function doubleBytes(value: number): Uint8Array {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, value === 0 ? 0 : value)
  const bits = view.getBigUint64(0)
  view.setBigUint64(0, value < 0 ? BigInt.asUintN(64, ~bits) : bits | SIGN_BIT)
  return new Uint8Array(view.buffer)
}

const SIGN_BIT = 1n << 63n

/**
 * The greatest double at or below it, then what is left, unless that is nothing: so 2^53 + 1 stands between the doubles 2^53
 * and 2^53 + 2. Exact up to 180 bits, which is more than a database's widest integer.
 */
function bigintBytes(value: bigint): Uint8Array {
  const floor = doubleAtMost(value)
  const rest = Number.isFinite(floor) ? value - BigInt(floor) : 0n
  return rest === 0n ? doubleBytes(floor) : concatBytes(doubleBytes(floor), restBytes(rest))
}

function doubleAtMost(value: bigint): number {
  const nearest = Number(value)
  return Number.isFinite(nearest) && BigInt(nearest) > value ? nextBelow(nearest) : nearest
}

/** The next double below; of those that integers round to, so neither zero nor less than 2^53 in size. */
function nextBelow(double: number): number {
  const view = new DataView(new ArrayBuffer(8))
  view.setFloat64(0, double)
  view.setBigUint64(0, view.getBigUint64(0) + (double < 0 ? 1n : -1n))
  return view.getFloat64(0)
}

const REST_BYTES = 16
const MAX_REST = (1n << BigInt(8 * REST_BYTES)) - 1n

function restBytes(rest: bigint): Uint8Array {
  const digits = (rest > MAX_REST ? MAX_REST : rest).toString(16).padStart(2 * REST_BYTES, '0')
  return new Uint8Array(Buffer.from(digits, 'hex'))
}
