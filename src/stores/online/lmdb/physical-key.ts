import { FieldstoneError } from '../../../errors.ts'
import { utf8 } from '../../../lib/bytes.ts'
import { encodeText, MAX_KEY_BYTES } from '../key-codec.ts'

/**
 * A cell's key in the tree is `entity 00 | encoded key | view | u8 length of the view | u16 part`, so that all of an entity's
 * key are one run of it. The view is found from the end and the encoded key is what is left, so no two cells share a key; encoded keys
 * are prefix-free, so cells stand in the order of their keys. First cells lie together (see `packed-row.ts`) under the view of no name.
 */

/** Of an entity's name and of a view's, so that the longest key fits LMDB's 1,978 bytes. */
const MAX_NAME_BYTES = 255

export function entityPrefix(entity: string): Uint8Array {
  if (Buffer.byteLength(entity) > MAX_NAME_BYTES) throw tooLong('entity', entity)
  return encodeText(entity)
}

/** What ends the key of a cell that lies by itself. */
export function partSuffix(view: Uint8Array, part: number): Uint8Array {
  const suffix = new Uint8Array(view.byteLength + 3)
  suffix.set(view)
  suffix.set([view.byteLength, part >> 8, part & 0xff], view.byteLength)
  return suffix
}

/** What ends the key of a row: its view has no name, and no view is called so. */
export const ROW_SUFFIX = Uint8Array.of(0, 0, 0)

export function viewName(view: string): Uint8Array {
  if (Buffer.byteLength(view) > MAX_NAME_BYTES) throw tooLong('view', view)
  return utf8(view)
}

function tooLong(kind: string, name: string): FieldstoneError {
  return new FieldstoneError('DEFINITION_INVALID', {
    seen: `${kind} '${name.slice(0, 40)}…' of ${Buffer.byteLength(name)} bytes`,
    why: `LMDB keeps names in its keys, so they are at most ${MAX_NAME_BYTES} bytes.`,
    mend: 'Choose a shorter name.',
  })
}

/** The physical key of a cell, or the beginning of one. Throws KEY_INVALID where the encoded key is none. */
export function physicalKey(prefix: Uint8Array, key: Uint8Array, suffix: Uint8Array): Buffer {
  checkKey(key)
  return Buffer.concat([prefix, key, suffix])
}

function checkKey(key: Uint8Array): void {
  if (key.byteLength >= 1 && key.byteLength <= MAX_KEY_BYTES) return
  throw new FieldstoneError('KEY_INVALID', { seen: `an encoded key of ${key.byteLength} bytes` })
}

/** Makes the physical keys of many cells in one buffer: each is valid until the next is made. Throws KEY_INVALID. */
export function keyMaker(prefix: Uint8Array): (key: Uint8Array, suffix: Uint8Array) => Uint8Array {
  const scratch = new Uint8Array(prefix.byteLength + MAX_KEY_BYTES + MAX_NAME_BYTES + 3)
  scratch.set(prefix)
  return (key, suffix) => {
    checkKey(key)
    const suffixAt = prefix.byteLength + key.byteLength
    scratch.set(key, prefix.byteLength)
    scratch.set(suffix, suffixAt)
    return scratch.subarray(0, suffixAt + suffix.byteLength)
  }
}

/** Whether a physical key is of a view, whatever its part. */
export function isOfView(id: Uint8Array, view: Uint8Array): boolean {
  const lengthAt = id.byteLength - 3
  return id[lengthAt] === view.byteLength && endsWith(id.subarray(0, lengthAt), view)
}

export function endsWith(bytes: Uint8Array, end: Uint8Array): boolean {
  return bytes.byteLength >= end.byteLength && Buffer.compare(bytes.subarray(-end.byteLength), end) === 0
}

/** The first bytes above all that begin with these. Ours begin with an entity's name, so there are such. */
export function aboveAll(prefix: Uint8Array): Buffer {
  const last = prefix.findLastIndex((byte) => byte !== 0xff)
  const end = Buffer.from(prefix.subarray(0, last + 1))
  end[last]! += 1
  return end
}
