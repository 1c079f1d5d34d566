import type { Command } from 'ioredis'

/** A word of a command; texts are ASCII. */
export type Word = Uint8Array | string

/** A command as it goes over the wire, and the slot that its keys are in. */
export interface Outgoing {
  readonly name: string
  readonly frame: Buffer
  readonly slot: number
}

export function outgoing(slot: number, words: readonly [string, ...Word[]]): Outgoing {
  return { name: words[0], frame: frameOf(words), slot }
}

/** A command's bytes, in one buffer: the library would make several of each word. */
export function frameOf(words: readonly Word[]): Buffer {
  const frame = Buffer.allocUnsafe(frameBytes(words))
  let at = frame.write(`*${words.length}\r\n`, 0, 'latin1')
  for (const word of words) {
    at += frame.write(`$${word.length}\r\n`, at, 'latin1')
    if (typeof word === 'string') at += frame.write(word, at, 'latin1')
    else {
      frame.set(word, at)
      at += word.length
    }
    frame[at] = 13
    frame[at + 1] = 10
    at += 2
  }
  return frame.subarray(0, at)
}

/** At least as many as are needed: a word's length has ten digits at most. */
function frameBytes(words: readonly Word[]): number {
  let bytes = 16
  for (const word of words) bytes += word.length + 16
  return bytes
}

/** Makes the library's command of bytes that are framed already. */
export type CommandMaker = (outgoing: Outgoing) => Command

export function commandMaker(library: Pick<typeof import('ioredis'), 'Command'>): CommandMaker {
  class FramedCommand extends library.Command {
    readonly #frame: Buffer
    readonly #slot: number

    constructor({ name, frame, slot }: Outgoing) {
      // Replies stay bytes.
      super(name, [], { replyEncoding: null })
      this.#frame = frame
      this.#slot = slot
    }

    override toWritable(): Buffer {
      return this.#frame
    }

    override getSlot(): number {
      return this.#slot
    }

    override getKeys(): [] {
      return []
    }
  }
  return (command) => new FramedCommand(command)
}
