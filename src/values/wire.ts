import type { Dtype, ScalarDtype } from '../definitions/dtypes.ts'
import { inspect } from '../lib/inspect.ts'
import { formatTimestamp, parseTimestamp } from '../lib/micros.ts'

/** What decides the text of a value: its dtype, and how floats that are not finite are kept (SPEC S3). */
export interface WireType {
  readonly dtype: Dtype
  readonly nonFinite: 'null' | 'string'
}

/** Why a value has no text in its dtype; `reason` completes "the value … ". */
export class WireProblem {
  readonly reason: string

  constructor(reason: string) {
    this.reason = reason
  }
}

/**
 * The stored and served text of a JavaScript value of the dtype (see the builders in definitions/feature.ts): exactly what
 * `JSON.stringify` writes for the serialized leaf (SPEC S4). Null and undefined give `null`. A value that does not fit gives a WireProblem.
 */
export function encodeWire(type: WireType, value: unknown): string | WireProblem {
  if (value === null || value === undefined) return 'null'
  switch (type.dtype.kind) {
    case 'vector':
      return encodeVector(type.dtype.dimensions, value)
    case 'list':
      return encodeList(type.dtype.of, type.nonFinite, value)
    default:
      return encodeScalar(type.dtype, type.nonFinite, value)
  }
}

function encodeScalar(dtype: ScalarDtype, nonFinite: 'null' | 'string', value: unknown): string | WireProblem {
  switch (dtype.kind) {
    case 'bool':
      return typeof value === 'boolean' ? String(value) : misfit('bool', value)
    case 'int32':
      return typeof value === 'number' && (value | 0) === value ? String(value | 0) : misfit('int32', value)
    case 'int64':
      return typeof value === 'bigint' && BigInt.asIntN(64, value) === value ? `"${value}"` : misfit('int64', value)
    case 'float32':
      return typeof value === 'number' && fitsFloat32(value)
        ? encodeFloat(Math.fround(value), nonFinite)
        : misfit('float32', value)
    case 'float64':
      return typeof value === 'number' ? encodeFloat(value, nonFinite) : misfit('float64', value)
    case 'string':
      return typeof value === 'string' && value.isWellFormed() ? JSON.stringify(value) : misfit('string', value)
    case 'uuid':
      return typeof value === 'string' && UUID.test(value) ? `"${value}"` : misfit('uuid', value)
    case 'timestamp':
      return typeof value === 'number' && isInstant(value) ? `"${formatTimestamp(value)}"` : misfit('timestamp', value)
    case 'bytes':
      return value instanceof Uint8Array ? `"${base64(value)}"` : misfit('bytes', value)
    case 'json':
      return encodeJson(value)
    case 'enum':
      return typeof value === 'string' && dtype.members.includes(value)
        ? `"${value}"`
        : misfit(`enum ${dtype.name}`, value)
    default:
      return dtype satisfies never
  }
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

function misfit(dtype: string, value: unknown): WireProblem {
  return new WireProblem(`${inspect(value)} is no ${dtype}`)
}

function isInstant(micros: number): boolean {
  return Number.isSafeInteger(micros)
}

/** A finite number that float32 would make infinite is none of its values. */
function fitsFloat32(value: number): boolean {
  return Number.isFinite(Math.fround(value)) || !Number.isFinite(value)
}

function encodeFloat(value: number, nonFinite: 'null' | 'string'): string {
  if (Number.isFinite(value)) return JSON.stringify(value)
  return nonFinite === 'string' ? `"${value}"` : 'null'
}

function encodeJson(value: unknown): string | WireProblem {
  try {
    return JSON.stringify(value) ?? misfit('json', value)
  } catch {
    return misfit('json', value)
  }
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

function encodeVector(dimensions: number, value: unknown): string | WireProblem {
  if (!(value instanceof Float32Array)) return misfit(`vector(${dimensions})`, value)
  if (value.length !== dimensions) return new WireProblem(`a vector of ${value.length} is no vector(${dimensions})`)
  if (!value.every(Number.isFinite)) return new WireProblem('a vector holds finite numbers only')
  const bytes = new DataView(new ArrayBuffer(dimensions * 4))
  value.forEach((element, index) => {
    bytes.setFloat32(index * 4, element, true)
  })
  return `"${base64(new Uint8Array(bytes.buffer))}"`
}

function encodeList(of: ScalarDtype, nonFinite: 'null' | 'string', value: unknown): string | WireProblem {
  if (!Array.isArray(value)) return misfit('list', value)
  const texts: string[] = []
  for (const [index, element] of value.entries()) {
    const text = element === null || element === undefined ? 'null' : encodeScalar(of, nonFinite, element)
    if (text instanceof WireProblem) return new WireProblem(`element ${index}: ${text.reason}`)
    texts.push(text)
  }
  return `[${texts.join(',')}]`
}

/** The JavaScript value of a canonical text: the inverse of `encodeWire`, for the inputs of on-demand functions. */
export function decodeWire(dtype: Dtype, text: string): unknown {
  return fromJson(dtype, JSON.parse(text))
}

function fromJson(dtype: Dtype, leaf: unknown): unknown {
  if (leaf === null) return null
  switch (dtype.kind) {
    case 'int64':
      return BigInt(leaf as string)
    case 'float32':
    case 'float64':
      return Number(leaf)
    case 'timestamp':
      return parseTimestamp(leaf as string)
    case 'bytes':
      return new Uint8Array(Buffer.from(leaf as string, 'base64'))
    case 'vector':
      return decodeVector(leaf as string)
    case 'list':
      return (leaf as readonly unknown[]).map((element) => fromJson(dtype.of, element))
    default:
      return leaf
  }
}

/** The numbers of a vector from its base64 text (little-endian float32). */
export function decodeVector(base64Text: string): Float32Array {
  const bytes = Buffer.from(base64Text, 'base64')
  return Float32Array.from({ length: bytes.byteLength / 4 }, (_, index) => bytes.readFloatLE(index * 4))
}
