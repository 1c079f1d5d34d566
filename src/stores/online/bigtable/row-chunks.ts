import { FieldstoneError } from '../../../errors.ts'

/** Is told of each cell of a row, and of its end. Bytes are parts of the message that they came in, or of a copy where a cell came in pieces. */
export interface RowSink {
  cell(qualifier: Uint8Array, timestampMicros: number, value: Uint8Array): void
  /** The row is whole. */
  commit(rowKey: Buffer): void
  /** The row begins anew: what was told of it does not count. */
  reset(): void
  /** No row up to this one will come any more. */
  scanned(rowKey: Buffer): void
}

const NOTHING = Buffer.alloc(0)

// `google.bigtable.v2.ReadRowsResponse`: tags are the field's number and, in the low three bits, its form.
const CHUNK = 0x0a
const LAST_SCANNED = 0x12
const ROW_KEY = 0x0a
const QUALIFIER = 0x1a
const TIMESTAMP = 0x20
const VALUE = 0x32
const VALUE_SIZE = 0x38
const RESET_ROW = 0x40
const COMMIT_ROW = 0x48
const BYTES_VALUE = 0x0a

/**
 * Reads the answers of ReadRows as they come from the wire. A field that a chunk leaves out is as in the chunk before; a great cell comes in
 * pieces, in chunks and messages one after another, all but the last of which tell its whole size.
 */
export class RowChunks {
  readonly #sink: RowSink
  #message: Buffer = NOTHING
  #at = 0
  #rowKey: Buffer = NOTHING
  #qualifier: Uint8Array = NOTHING
  #timestamp = 0
  #pieces: Uint8Array[] = []

  constructor(sink: RowSink) {
    this.#sink = sink
  }

  /** Throws STORE_UNAVAILABLE where the bytes are no such message. */
  read(message: Buffer): void {
    this.#message = message
    this.#at = 0
    while (this.#at < message.length) {
      const tag = this.#varint()
      if (tag === CHUNK) this.#chunk(this.#end())
      else if (tag === LAST_SCANNED) this.#sink.scanned(this.#bytes())
      else this.#skip(tag)
    }
    if (this.#at !== message.length) throw garbled()
  }

  #chunk(end: number): void {
    let value: Uint8Array = NOTHING
    let isPiece = false
    let commits = false
    let resets = false
    // Of a cell that begins here: a time of zero is left out.
    if (this.#pieces.length === 0) this.#timestamp = 0
    while (this.#at < end) {
      const tag = this.#varint()
      if (tag === VALUE) value = this.#bytes()
      else if (tag === TIMESTAMP) this.#timestamp = this.#varint()
      else if (tag === QUALIFIER) this.#qualifier = this.#bytesValue(this.#end())
      else if (tag === ROW_KEY) this.#rowKey = this.#bytes()
      else if (tag === COMMIT_ROW) commits = this.#varint() !== 0
      else if (tag === VALUE_SIZE) isPiece = this.#varint() > 0
      else if (tag === RESET_ROW) resets = this.#varint() !== 0
      else this.#skip(tag)
    }
    if (this.#at !== end) throw garbled()
    if (resets) this.#reset()
    else if (isPiece) this.#pieces.push(value)
    else this.#cell(value, commits)
  }

  #reset(): void {
    this.#pieces = []
    this.#rowKey = NOTHING
    this.#sink.reset()
  }

  #cell(value: Uint8Array, commits: boolean): void {
    let whole = value
    if (this.#pieces.length > 0) {
      whole = Buffer.concat([...this.#pieces, value])
      this.#pieces = []
    }
    this.#sink.cell(this.#qualifier, this.#timestamp, whole)
    if (commits) this.#sink.commit(this.#rowKey)
  }

  /** Where the field that begins here ends. */
  #end(): number {
    const length = this.#varint()
    const end = this.#at + length
    if (end > this.#message.length) throw garbled()
    return end
  }

  #bytes(): Buffer {
    const end = this.#end()
    const bytes = this.#message.subarray(this.#at, end)
    this.#at = end
    return bytes
  }

  /** A message of one field of bytes, which is left out where they are none. */
  #bytesValue(end: number): Uint8Array {
    let bytes: Uint8Array = NOTHING
    while (this.#at < end) {
      const tag = this.#varint()
      if (tag === BYTES_VALUE) bytes = this.#bytes()
      else this.#skip(tag)
    }
    return bytes
  }

  /** Whole to 2^53: no size, and no time before 2255, is more. */
  #varint(): number {
    const message = this.#message
    let result = message[this.#at]!
    this.#at += 1
    if (result < 0x80) return result
    result -= 0x80
    for (let scale = 0x80; ; scale *= 0x80) {
      if (this.#at >= message.length) throw garbled()
      const byte = message[this.#at]!
      this.#at += 1
      result += (byte & 0x7f) * scale
      if (byte < 0x80) return result
    }
  }

  #skip(tag: number): void {
    const form = tag & 7
    if (form === 0) this.#varint()
    else if (form === 1) this.#at += 8
    else if (form === 2) this.#at = this.#end()
    else if (form === 5) this.#at += 4
    else throw garbled()
  }
}

function garbled(): FieldstoneError {
  return new FieldstoneError('STORE_UNAVAILABLE', { seen: 'bigtable', why: 'An answer to ReadRows cannot be read.' })
}
