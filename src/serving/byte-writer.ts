/** Copies below this many bytes share Node's own pool. */
const POOLED_BYTES = 4 * 1024

const QUOTE = 0x22
const BACKSLASH = 0x5c

const INITIAL_BYTES = 64 * 1024

/** Below this many bytes a loop is faster than a call of `set`. */
const LOOP_BYTES = 48

/**
 * One growing buffer that an answer is written into.
 */
export class ByteWriter {
  bytes: Buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES)
  /** Of all of `bytes`, for those who write several at once. */
  view: DataView = new DataView(this.bytes.buffer)
  at = 0
  #source: ArrayBufferLike = this.bytes.buffer
  #sourceView: DataView = this.view

  /** Makes room for `count` more bytes. `bytes` and `view` may be others afterwards. */
  reserve(count: number): void {
    if (this.at + count > this.bytes.length) this.#grow(this.at + count)
  }

  #grow(needed: number): void {
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.bytes.length * 2))
    this.bytes.copy(grown, 0, 0, this.at)
    this.#write(grown)
  }

  #write(bytes: Buffer): void {
    this.bytes = bytes
    this.view = new DataView(bytes.buffer)
  }

  /** A view of the whole buffer that bytes lie in. Cells of one read share few buffers, so the last one is kept. */
  viewOf(source: Uint8Array): DataView {
    const { buffer } = source
    if (buffer !== this.#source) {
      this.#source = buffer
      this.#sourceView = new DataView(buffer)
    }
    return this.#sourceView
  }

  /** Writes one byte. */
  byte(byte: number): void {
    this.reserve(1)
    this.bytes[this.at] = byte
    this.at += 1
  }

  raw(source: Uint8Array): void {
    this.slice(source, 0, source.length)
  }

  /** Copies `source` from `start` to before `end`. */
  slice(source: Uint8Array, start: number, end: number): void {
    this.reserve(end - start)
    if (end - start > LOOP_BYTES) {
      this.bytes.set(source.subarray(start, end), this.at)
      this.at += end - start
      return
    }
    const { bytes } = this
    let { at } = this
    for (let from = start; from < end; from += 1) {
      bytes[at] = source[from]!
      at += 1
    }
    this.at = at
  }

  /** Writes a text as UTF-8. */
  text(text: string): void {
    this.reserve(text.length * 3)
    const { length } = text
    if (length > LOOP_BYTES || !this.#ascii(text, length)) this.at += this.bytes.write(text, this.at)
  }

  /** Writes a text as JSON writes it. Keys nearly always stand in their quotes as they are. */
  quoted(text: string): void {
    const { length } = text
    this.reserve(length + 2)
    const { bytes, at } = this
    bytes[at] = QUOTE
    for (let index = 0; index < length; index += 1) {
      const unit = text.charCodeAt(index)
      if (unit < 0x20 || unit > 0x7e || unit === QUOTE || unit === BACKSLASH) {
        this.text(JSON.stringify(text))
        return
      }
      bytes[at + 1 + index] = unit
    }
    bytes[at + 1 + length] = QUOTE
    this.at = at + length + 2
  }

  /** Short texts are nearly always ASCII, and a call out of JavaScript costs more than they do. */
  #ascii(text: string, length: number): boolean {
    const { bytes, at } = this
    for (let index = 0; index < length; index += 1) {
      const unit = text.charCodeAt(index)
      if (unit > 0x7f) return false
      bytes[at + index] = unit
    }
    this.at = at + length
    return true
  }

  /** Forgets what was written from `at` on. */
  truncate(at: number): void {
    this.at = at
  }

  /** A copy of what was written from `start` on. */
  copy(start = 0): Buffer {
    // Written over at once, so it need not be zeroed; a great one must not hold on to Node's pool.
    const length = this.at - start
    const copy = length < POOLED_BYTES ? Buffer.allocUnsafe(length) : Buffer.allocUnsafeSlow(length)
    this.bytes.copy(copy, 0, start, this.at)
    return copy
  }

  /** Begins anew. A buffer that one great answer has swollen is let go, and so is what was read from. */
  reset(maxKeptBytes: number): void {
    this.at = 0
    if (this.bytes.length > maxKeptBytes) this.#write(Buffer.allocUnsafeSlow(INITIAL_BYTES))
    this.#source = this.bytes.buffer
    this.#sourceView = this.view
  }
}
