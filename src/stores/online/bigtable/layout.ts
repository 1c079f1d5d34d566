import { FieldstoneError } from '../../../errors.ts'
import { encodeText, MAX_KEY_BYTES } from '../key-codec.ts'

/**
 * Where cells lie. A row is `entity 00 | two bytes of a hash of the key | key`: rows of an entity are one run of the table, and within it
 * keys that come one after another, such as numbers and times, are spread evenly, so that no tablet gets all the load.
 *
 * All columns are of one family:
 *
 *   view@version/part     the cell
 *   view@version/part#    a digest of a cell that is too long to be compared by a filter
 *   view@version/~        which update of the key's parts came last
 */
export const FAMILY = 'f'

/** Of an entity's name and of a view's: a row key is at most 4 KB, and a filter 20 KB. */
const MAX_NAME_BYTES = 255
const HASH_BYTES = 2

/** What the rows of an entity begin with. Throws DEFINITION_INVALID. */
export function entityPrefix(entity: string): Uint8Array {
  if (Buffer.byteLength(entity) <= MAX_NAME_BYTES) return encodeText(entity)
  throw nameInvalid('entity', entity, `Names are kept in row keys, so they are at most ${MAX_NAME_BYTES} bytes.`)
}

/** The first row key beyond an entity's rows: its prefix ends with 00. */
export function endOfEntity(prefix: Uint8Array): Buffer {
  const end = Buffer.from(prefix)
  end[end.length - 1] = 1
  return end
}

/** Throws KEY_INVALID where the encoded key is none. */
export function checkKey(key: Uint8Array): void {
  if (key.byteLength >= 1 && key.byteLength <= MAX_KEY_BYTES) return
  throw new FieldstoneError('KEY_INVALID', { seen: `an encoded key of ${key.byteLength} bytes` })
}

/** Throws KEY_INVALID. */
export function rowKeyOf(prefix: Uint8Array, key: Uint8Array): Buffer {
  checkKey(key)
  const row = Buffer.allocUnsafe(rowKeyLength(prefix, key))
  writeRowKey(row, 0, prefix, key)
  return row
}

export function rowKeyLength(prefix: Uint8Array, key: Uint8Array): number {
  return prefix.byteLength + HASH_BYTES + key.byteLength
}

/** Gives where it ends. */
export function writeRowKey(target: Uint8Array, at: number, prefix: Uint8Array, key: Uint8Array): number {
  target.set(prefix, at)
  const hashAt = at + prefix.byteLength
  const hash = hashOf(key)
  target[hashAt] = hash >>> 8
  target[hashAt + 1] = hash & 0xff
  target.set(key, hashAt + HASH_BYTES)
  return hashAt + HASH_BYTES + key.byteLength
}

/** Sixteen bits that differ wherever keys do: FNV-1a, then mixed, for it leaves the last byte in the low bits alone. */
function hashOf(key: Uint8Array): number {
  let hash = 0x811c9dc5
  for (let index = 0; index < key.length; index += 1) hash = Math.imul(hash ^ key[index]!, 0x01000193)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) & 0xffff
}

/** The key of a row of an entity. */
export function keyOfRow(prefix: Uint8Array, row: Uint8Array): Uint8Array {
  return row.slice(prefix.byteLength + HASH_BYTES)
}

/** What the columns of a view begin with. Throws DEFINITION_INVALID. */
function columnsStart(view: string): string {
  if (Buffer.byteLength(view) > MAX_NAME_BYTES)
    throw nameInvalid('view', view, `Names are kept in columns, so they are at most ${MAX_NAME_BYTES} bytes.`)
  if (view.includes('/')) throw nameInvalid('view', view, "A '/' parts a view's name from what follows.")
  return `${view}/`
}

function nameInvalid(kind: string, name: string, why: string): FieldstoneError {
  const seen = `${kind} '${name.length > 40 ? `${name.slice(0, 40)}…` : name}' of ${Buffer.byteLength(name)} bytes`
  return new FieldstoneError('DEFINITION_INVALID', { seen, why, mend: 'Choose another name.' })
}

export function columnOf(view: string, part: number): Buffer {
  return Buffer.from(`${columnsStart(view)}${part}`)
}

export function digestColumn(view: string, part: number): Buffer {
  return Buffer.from(`${columnsStart(view)}${part}#`)
}

export function updateColumn(view: string): Buffer {
  return Buffer.from(`${columnsStart(view)}~`)
}

/** All columns of a view, and no others. */
export function columnsOf(view: string): { readonly start: Buffer; readonly end: Buffer } {
  const start = Buffer.from(columnsStart(view))
  const end = Buffer.from(start)
  end[end.length - 1]! += 1
  return { start, end }
}
