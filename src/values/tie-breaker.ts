import { concatBytes, utf8 } from '../lib/bytes.ts'

/** Kinds in their order; values of one column are of one kind, so this only keeps odd sources total. */
const KIND = { boolean: 1, number: 2, instant: 3, text: 4, bytes: 5 } as const

/**
 * Comparable bytes of a tie-breaker column's value: memcmp of two of them is the order of the values. Null is empty and
 * lowest. Takes boolean, number, bigint, an instant `{ micros }`, string or bytes; anything else is ordered by its JSON.
 */
export function tieBreakerBytes(value: unknown): Uint8Array {
  if (value === null || value === undefined) return new Uint8Array(0)
  if (typeof value === 'boolean') return Uint8Array.of(KIND.boolean, value ? 1 : 0)
  if (typeof value === 'number') return numberBytes(value)
  if (typeof value === 'bigint') return bigintBytes(value)
  if (value instanceof Uint8Array) return tagged(KIND.bytes, value)
  if (typeof value === 'string') return tagged(KIND.text, utf8(value))
  if (isInstant(value)) return tagged(KIND.instant, doubleBytes(value.micros))
  return tagged(KIND.text, utf8(JSON.stringify(value) ?? ''))
}

function isInstant(value: unknown): value is { readonly micros: number } {
  return typeof value === 'object' && value !== null && 'micros' in value && typeof value.micros === 'number'
}

function tagged(kind: number, bytes: Uint8Array): Uint8Array {
  return concatBytes(Uint8Array.of(kind), bytes)
}

/** A double first, then the rest that it cannot hold: 2^53 + 1 stays above 2^53. */
function numberBytes(value: number): Uint8Array {
  return tagged(KIND.number, concatBytes(doubleBytes(value), restBytes(0n)))
}

function bigintBytes(value: bigint): Uint8Array {
  const double = Number(value)
  const rest = Number.isFinite(double) ? value - BigInt(double) : 0n
  return tagged(KIND.number, concatBytes(doubleBytes(double), restBytes(rest)))
}

function restBytes(rest: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, rest) ^ (1n << 63n))
  return bytes
}

/** IEEE 754 made comparable: positive numbers get the sign bit set, negative ones are inverted. -0 is 0, NaN highest. */
function doubleBytes(value: number): Uint8Array {
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  view.setFloat64(0, value === 0 ? 0 : value)
  const bits = view.getBigUint64(0)
  const isNegative = bits >> 63n === 1n
  view.setBigUint64(0, isNegative ? BigInt.asUintN(64, ~bits) : bits | (1n << 63n))
  return bytes
}
