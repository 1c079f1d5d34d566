import { FieldstoneError } from '../../../errors.ts'
import { utf8 } from '../../../lib/bytes.ts'
import { encodeText, MAX_KEY_BYTES } from '../key-codec.ts'
import type { CellName } from '../online-store.ts'
import { slotOf } from './slot.ts'

/**
 * Each cell is a string of its own, named
 *
 *   prefix ':1c:{' entity 00 | encoded key '}' | view | u8 length of the view | u16 part
 *
 * and what parts a key has besides the first is a set named likewise, with ':1p:{' and without the part. The braces are a hash tag: all of a
 * key's names are in one slot of a cluster. The tag is never empty, for it begins with the entity; a brace within the key only
 * makes it shorter. View and part are found from the end and the encoded key is what is left, so no two cells share a name.
 */
export const LAYOUT_VERSION = '1'

/** Of a view's name: its length is a byte. */
const MAX_VIEW_BYTES = 255

/** The names of one entity's keys. */
export interface EntityNames {
  /** What all names of its cells begin with. */
  readonly head: Uint8Array
  /** What all names of its sets of parts begin with. */
  readonly indexHead: Uint8Array
  /** Where the hash tag begins in either. */
  readonly tagAt: number
}

export interface Layout {
  /** Where the version of the layout is recorded. */
  readonly versionName: Buffer
  namesOf(entity: string): EntityNames
}

export function createLayout(keyPrefix: string): Layout {
  const known = new Map<string, EntityNames>()
  return {
    versionName: Buffer.from(`${keyPrefix}:layout`),
    namesOf: (entity) => {
      const found = known.get(entity)
      if (found !== undefined) return found
      const names = entityNames(keyPrefix, entity)
      known.set(entity, names)
      return names
    },
  }
}

function entityNames(keyPrefix: string, entity: string): EntityNames {
  const start = `${keyPrefix}:${LAYOUT_VERSION}`
  const [head, indexHead] = [`${start}c:{`, `${start}p:{`].map((begin) =>
    Buffer.concat([utf8(begin), encodeText(entity)]),
  )
  return { head: head!, indexHead: indexHead!, tagAt: start.length + 3 }
}

/** What ends the name of a cell. Throws DEFINITION_INVALID where the view's name is too long. */
export function cellTail({ view, part }: CellName): Buffer {
  return Buffer.concat([viewTail(view), Uint8Array.of(part >> 8, part & 0xff)])
}

/** What ends the name of a view's set of parts, and comes before the part in that of a cell. */
export function viewTail(view: string): Buffer {
  const name = utf8(view)
  if (name.byteLength <= MAX_VIEW_BYTES) return Buffer.concat([utf8('}'), name, Uint8Array.of(name.byteLength)])
  throw new FieldstoneError('DEFINITION_INVALID', {
    seen: `view '${view.slice(0, 40)}…' of ${name.byteLength} bytes`,
    why: `The Redis store keeps a view's name in that of its cells, so it is at most ${MAX_VIEW_BYTES} bytes.`,
    mend: 'Choose a shorter name.',
  })
}

/** The whole name of a cell or set. Throws KEY_INVALID where the encoded key is none. */
export function nameOf(head: Uint8Array, key: Uint8Array, tail: Uint8Array): Buffer {
  checkKey(key)
  return Buffer.concat([head, key, tail])
}

export function checkKey(key: Uint8Array): void {
  if (key.byteLength >= 1 && key.byteLength <= MAX_KEY_BYTES) return
  throw new FieldstoneError('KEY_INVALID', { seen: `an encoded key of ${key.byteLength} bytes` })
}

/** The slot of a key's names. */
export function slotOfKey({ head, tagAt }: EntityNames, key: Uint8Array): number {
  return slotOf(nameOf(head, key, CLOSING), tagAt)
}

const CLOSING = utf8('}')

/** The encoded key in a name, or undefined where the name does not begin and end so. */
export function keyIn(name: Buffer, head: Uint8Array, tail: Uint8Array): Buffer | undefined {
  const end = name.byteLength - tail.byteLength
  const isNamedSo =
    end > head.byteLength && name.subarray(0, head.byteLength).equals(head) && name.subarray(end).equals(tail)
  return isNamedSo ? name.subarray(head.byteLength, end) : undefined
}

/** What SCAN is asked to match: anything between two texts. */
export function patternOf(head: Uint8Array, tail: Uint8Array): Buffer {
  return Buffer.concat([escaped(head), utf8('*'), escaped(tail)])
}

function escaped(bytes: Uint8Array): Buffer {
  return Buffer.from(
    Buffer.from(bytes)
      .toString('latin1')
      .replace(/[*?[\]\\^]/g, '\\$&'),
    'latin1',
  )
}
