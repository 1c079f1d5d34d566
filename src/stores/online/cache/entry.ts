import { uint32At } from '../../../lib/bytes.ts'

/**
 * What stands in the front for one cell, and what is known of it:
 *
 *   0   4   begins every entry of this form, and nothing else that is likely
 *   4   u8  what is known: 0 a value, 1 that there is none, 2 nothing (a fence)
 *   5   8   when the store was asked, microseconds of the machine, big-endian: the value was there at that instant or later
 *   13  8   when it had answered: what was asked before that may be older than this
 *   21  u32 length of the cell
 *   25  …   the cell
 *
 * A fence reads as a miss. It stands where a write, a change or a deletion has left it open what is there, so that an older answer
 * that is still on its way is not put in its place.
 */
export type EntryState = 'value' | 'none' | 'fence'

export interface Entry {
  readonly state: EntryState
  readonly askedMicros: number
  readonly answeredMicros: number
  /** Of a value. */
  readonly cell: Uint8Array | undefined
}

const MAGIC = Uint8Array.of(0xf5, 0x1d, 0xca, 0x01)
const STATE_AT = 4
const ASKED_AT = 5
const ANSWERED_AT = 13
const LENGTH_AT = 21
const CELL_AT = 25

const STATES: readonly EntryState[] = ['value', 'none', 'fence']

export function encodeEntry({ state, askedMicros, answeredMicros, cell }: Entry): Uint8Array {
  const length = cell?.byteLength ?? 0
  const bytes = new Uint8Array(CELL_AT + length)
  const view = new DataView(bytes.buffer)
  bytes.set(MAGIC)
  bytes[STATE_AT] = STATES.indexOf(state)
  writeMicros(view, ASKED_AT, askedMicros)
  writeMicros(view, ANSWERED_AT, answeredMicros)
  view.setUint32(LENGTH_AT, length)
  if (cell !== undefined) bytes.set(cell, CELL_AT)
  return bytes
}

/** Undefined where the bytes are not an entry: they are another program's, or cut short. */
export function decodeEntry(bytes: Uint8Array): Entry | undefined {
  const state = entryState(bytes)
  if (state === undefined) return undefined
  return {
    ...{ state, askedMicros: askedMicrosOf(bytes), answeredMicros: readMicros(bytes, ANSWERED_AT) },
    cell: state === 'value' ? cellOfEntry(bytes) : undefined,
  }
}

/** As `decodeEntry`, for those who look at many and make nothing of most. */
export function entryState(bytes: Uint8Array): EntryState | undefined {
  if (bytes.byteLength < CELL_AT || uint32At(bytes, 0) !== MAGIC_NUMBER) return undefined
  return uint32At(bytes, LENGTH_AT) === bytes.byteLength - CELL_AT ? STATES[bytes[STATE_AT]!] : undefined
}

const MAGIC_NUMBER = uint32At(MAGIC, 0)

export function askedMicrosOf(entry: Uint8Array): number {
  return readMicros(entry, ASKED_AT)
}

/** Shares the entry's memory. */
export function cellOfEntry(entry: Uint8Array): Uint8Array {
  return entry.subarray(CELL_AT)
}

function writeMicros(view: DataView, at: number, micros: number): void {
  const high = Math.floor(micros / 2 ** 32)
  view.setUint32(at, high)
  view.setUint32(at + 4, micros - high * 2 ** 32)
}

function readMicros(bytes: Uint8Array, at: number): number {
  return uint32At(bytes, at) * 2 ** 32 + uint32At(bytes, at + 4)
}
