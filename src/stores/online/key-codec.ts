import type { KeyDtype } from '../../definitions/dtypes.ts'
import { FieldstoneError } from '../../errors.ts'
import { concatBytes, utf8 } from '../../lib/bytes.ts'
import { inspect } from '../../lib/inspect.ts'

/** A key's columns as canonical JavaScript values: string, bigint (int64) or a canonical uuid, in the entity's order. */
export type KeyValues = readonly (string | bigint)[]

/** What the codec must know of an entity. */
export interface KeyShape {
  readonly name: string
  readonly keys: readonly { readonly name: string; readonly dtype: KeyDtype }[]
}

export const MAX_KEY_BYTES = 1024

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i

/**
 * Makes one key column canonical: what GraphQL, a file or a row gave (string, number or bigint) becomes the one value that
 * stands for it. Throws KEY_INVALID.
 */
export function canonicalKeyValue(shape: KeyShape, index: number, given: unknown): string | bigint {
  const { name, dtype } = shape.keys[index]!
  switch (dtype.kind) {
    case 'string':
      if (typeof given === 'string' && given.isWellFormed()) return given
      break
    case 'int64':
      if (isInt64(given)) return BigInt(given)
      break
    case 'uuid':
      if (typeof given === 'string' && UUID.test(given)) return given.toLowerCase()
      break
    default:
      dtype satisfies never
  }
  throw new FieldstoneError('KEY_INVALID', {
    seen: `${shape.name}.${name} ${inspect(given)}`,
    why: `The key column '${name}' of ${shape.name} is ${dtype.kind}.`,
  })
}

function isInt64(given: unknown): given is string | number | bigint {
  if (typeof given === 'number') return Number.isSafeInteger(given)
  if (typeof given === 'bigint') return BigInt.asIntN(64, given) === given
  return typeof given === 'string' && /^-?\d{1,19}$/.test(given) && BigInt.asIntN(64, BigInt(given)) === BigInt(given)
}

/**
 * The bytes of a key (SPEC K2): different keys have different bytes, none is a prefix of another, and byte order is key order
 * (column by column; strings by UTF-8 bytes). A string is its bytes as `terminate` ends them; an int64 eight bytes big-endian
 * with the sign bit flipped; a uuid its sixteen bytes. Throws KEY_INVALID past 1,024 bytes.
 */
export function encodeKey(shape: KeyShape, values: KeyValues): Uint8Array {
  const key =
    values.length === 1
      ? encodeColumn(shape.keys[0]!.dtype, values[0]!)
      : concatBytes(...values.map((value, index) => encodeColumn(shape.keys[index]!.dtype, value)))
  if (key.byteLength <= MAX_KEY_BYTES) return key
  throw new FieldstoneError('KEY_INVALID', { seen: `${shape.name} key of ${key.byteLength} encoded bytes` })
}

function encodeColumn(dtype: KeyDtype, value: string | bigint): Uint8Array {
  switch (dtype.kind) {
    case 'string':
      return encodeText(value as string)
    case 'int64':
      return encodeInt64(value as bigint)
    case 'uuid':
      return new Uint8Array(Buffer.from((value as string).replaceAll('-', ''), 'hex'))
    default:
      return dtype satisfies never
  }
}

/** UTF-8, escaped and ended as `terminate` does: no text's bytes begin another's, and order is kept. */
export function encodeText(text: string): Uint8Array {
  return encodePlain(text) ?? terminate(utf8(text))
}

/** Most keys are ASCII with nothing to escape: one look at each letter is all they take. */
function encodePlain(text: string): Uint8Array | undefined {
  const { length } = text
  const encoded = new Uint8Array(length + 1)
  for (let index = 0; index < length; index += 1) {
    const unit = text.charCodeAt(index)
    if (unit < 2 || unit > 0x7f) return undefined
    encoded[index] = unit
  }
  return encoded
}

/**
 * Any bytes with 00 written as 01 01 and 01 as 01 02, ended by 00. The end is the only 00, so it is found whatever follows
 * (an int64 may begin with any byte), and memcmp orders the results as it orders the bytes.
 */
export function terminate(plain: Uint8Array): Uint8Array {
  const escapes = plain.reduce((count, byte) => count + (byte < 2 ? 1 : 0), 0)
  const ended = new Uint8Array(plain.byteLength + escapes + 1)
  if (escapes === 0) {
    ended.set(plain)
    return ended
  }
  let at = 0
  for (const byte of plain) {
    if (byte < 2) ended[at++] = 1
    ended[at++] = byte < 2 ? byte + 1 : byte
  }
  return ended
}

/** The inverse of `terminate`, without its last byte. */
export function unescapeBytes(escaped: Uint8Array): Uint8Array {
  if (!escaped.includes(1)) return escaped
  const plain: number[] = []
  for (let at = 0; at < escaped.byteLength; at += 1) {
    const byte = escaped[at]!
    if (byte === 1) at += 1
    plain.push(byte === 1 ? escaped[at]! - 1 : byte)
  }
  return Uint8Array.from(plain)
}

const SIGN_BIT = 1n << 63n

function encodeInt64(value: bigint): Uint8Array {
  const bytes = new Uint8Array(8)
  new DataView(bytes.buffer).setBigUint64(0, BigInt.asUintN(64, value) ^ SIGN_BIT)
  return bytes
}

/** The values of an encoded key: the inverse of `encodeKey`. */
export function decodeKey(shape: KeyShape, key: Uint8Array): KeyValues {
  let at = 0
  return shape.keys.map(({ dtype }) => {
    const end = at + columnLength(dtype, key, at)
    const value = decodeColumn(dtype, key.subarray(at, end))
    at = end
    return value
  })
}

function columnLength(dtype: KeyDtype, key: Uint8Array, start: number): number {
  if (dtype.kind === 'int64') return 8
  if (dtype.kind === 'uuid') return 16
  return key.indexOf(0, start) + 1 - start
}

function decodeColumn(dtype: KeyDtype, column: Uint8Array): string | bigint {
  const bytes = Buffer.from(column.buffer, column.byteOffset, column.byteLength)
  if (dtype.kind === 'int64') return BigInt.asIntN(64, bytes.readBigUInt64BE() ^ SIGN_BIT)
  if (dtype.kind === 'string') return Buffer.from(unescapeBytes(bytes.subarray(0, -1))).toString('utf8')
  const hex = bytes.toString('hex')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
