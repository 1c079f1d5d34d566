import { FieldstoneError } from '../../../errors.ts'

/** The cell that was read last. It is looked at where it lies, for views of its bytes would cost more than all else that is done with it. */
export interface CellAtHand {
  readonly timestampMicros: number
  isOf(column: Uint8Array): boolean
  /** Bytes of its own. */
  qualifier(): Uint8Array
  /** A part of the message that it came in, or bytes of its own where it came in pieces. */
  value(): Uint8Array
}

/** Is told of each cell of a row, and of its end. */
export interface RowSink {
  cell(cell: CellAtHand): void
  /** The row is whole. Its key is latin1 text. */
  commit(row: string): void
  /** The row begins anew: what was told of it does not count. */
  reset(): void
  /** No row up to this one will come any more. */
  scanned(row: string): void
}

/** Bytes in a message. */
class Span {
  bytes: Buffer = NOTHING
  start = 0
  end = 0

  set(bytes: Buffer, start: number, end: number): void {
    this.bytes = bytes
    this.start = start
    this.end = end
  }

  text(): string {
    return this.bytes.toString('latin1', this.start, this.end)
  }
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
export class RowChunks implements CellAtHand {
  readonly #sink: RowSink
  #message: Buffer = NOTHING
  #at = 0
  readonly #row = new Span()
  readonly #qualifier = new Span()
  readonly #value = new Span()
  #timestamp = 0
  #pieces: Buffer[] = []

  constructor(sink: RowSink) {
    this.#sink = sink
  }

  get timestampMicros(): number {
    return this.#timestamp
  }

  isOf(column: Uint8Array): boolean {
    const { bytes, start, end } = this.#qualifier
    if (column.length !== end - start) return false
    // Columns of one list mostly differ in the end.
    for (let index = column.length - 1; index >= 0; index -= 1) if (column[index] !== bytes[start + index]) return false
    return true
  }

  qualifier(): Uint8Array {
    const { bytes, start, end } = this.#qualifier
    return Uint8Array.prototype.slice.call(bytes, start, end)
  }

  value(): Uint8Array {
    const { bytes, start, end } = this.#value
    if (this.#pieces.length > 0) return Buffer.concat([...this.#pieces, bytes.subarray(start, end)])
    return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start)
  }

  /** Throws STORE_UNAVAILABLE where the bytes are no such message. */
  read(message: Buffer): void {
    this.#message = message
    this.#at = 0
    while (this.#at < message.length) {
      const tag = this.#varint()
      if (tag === CHUNK) this.#chunk(this.#end())
      else if (tag === LAST_SCANNED) this.#scanned()
      else this.#skip(tag)
    }
    if (this.#at !== message.length) throw garbled()
  }

  #scanned(): void {
    const row = new Span()
    this.#span(row)
    this.#sink.scanned(row.text())
  }

  #chunk(end: number): void {
    let isPiece = false
    let commits = false
    let resets = false
    this.#value.set(NOTHING, 0, 0)
    // Of a cell that begins here: a time of zero is left out.
    if (this.#pieces.length === 0) this.#timestamp = 0
    while (this.#at < end) {
      const tag = this.#varint()
      if (tag === VALUE) this.#span(this.#value)
      else if (tag === TIMESTAMP) this.#timestamp = this.#varint()
      else if (tag === QUALIFIER) this.#bytesValue(this.#qualifier)
      else if (tag === ROW_KEY) this.#span(this.#row)
      else if (tag === COMMIT_ROW) commits = this.#varint() !== 0
      else if (tag === VALUE_SIZE) isPiece = this.#varint() > 0
      else if (tag === RESET_ROW) resets = this.#varint() !== 0
      else this.#skip(tag)
    }
    if (this.#at !== end) throw garbled()
    if (resets) this.#reset()
    else if (isPiece) this.#pieces.push(this.#value.bytes.subarray(this.#value.start, this.#value.end))
    else this.#cell(commits)
  }

  #reset(): void {
    this.#pieces = []
    this.#sink.reset()
  }

  #cell(commits: boolean): void {
    this.#sink.cell(this)
    if (this.#pieces.length > 0) this.#pieces = []
    if (commits) this.#sink.commit(this.#row.text())
  }

  /** Where the field that begins here ends. */
  #end(): number {
    const length = this.#varint()
    const end = this.#at + length
    if (end > this.#message.length) throw garbled()
    return end
  }

  #span(span: Span): void {
    const end = this.#end()
    span.set(this.#message, this.#at, end)
    this.#at = end
  }

  /** A message of one field of bytes, which is left out where they are none. */
  #bytesValue(span: Span): void {
    const end = this.#end()
    span.set(this.#message, end, end)
    while (this.#at < end) {
      const tag = this.#varint()
      if (tag === BYTES_VALUE) this.#span(span)
      else this.#skip(tag)
    }
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
