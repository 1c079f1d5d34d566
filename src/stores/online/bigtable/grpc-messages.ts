const HEAD_BYTES = 5

/** A message as grpc sends it: a byte that says that it is not compressed, its length, and the message. */
export function framed(message: Buffer): Buffer {
  const frame = Buffer.allocUnsafe(HEAD_BYTES + message.length)
  frame[0] = 0
  frame.writeUInt32BE(message.length, 1)
  frame.set(message, HEAD_BYTES)
  return frame
}

/** Takes the messages out of the bytes of an answer, which come in pieces of any length. */
export class MessageSplitter {
  readonly #onMessage: (message: Buffer) => void
  #pieces: Buffer[] = []
  #bytes = 0
  /** Until so many are there, nothing can be done with them. */
  #needed = HEAD_BYTES

  constructor(onMessage: (message: Buffer) => void) {
    this.#onMessage = onMessage
  }

  /** Whether the answer may end here. */
  get isBetween(): boolean {
    return this.#bytes === 0
  }

  /** Throws where a message is compressed, which we ask nobody for. */
  push(piece: Buffer): void {
    this.#bytes += piece.length
    if (this.#bytes < this.#needed) {
      this.#pieces.push(piece)
      return
    }
    // A great message is put together once, not with each of its pieces.
    const bytes = this.#pieces.length === 0 ? piece : Buffer.concat([...this.#pieces, piece])
    const rest = this.#takeAll(bytes)
    this.#pieces = rest.length === 0 ? [] : [rest]
    this.#bytes = rest.length
  }

  #takeAll(bytes: Buffer): Buffer {
    let at = 0
    for (;;) {
      this.#needed = HEAD_BYTES
      if (bytes.length - at < this.#needed) return bytes.subarray(at)
      if (bytes[at] !== 0) throw new Error('an answer is compressed')
      this.#needed += bytes.readUInt32BE(at + 1)
      if (bytes.length - at < this.#needed) return bytes.subarray(at)
      this.#onMessage(bytes.subarray(at + HEAD_BYTES, at + this.#needed))
      at += this.#needed
    }
  }
}
