import { connect, type Socket } from 'node:net'

/** One keep-alive connection with at most one request on its way. */
export interface Connection {
  send(request: Buffer): void
  close(): void
}

interface ConnectionOptions {
  readonly port: number
  /** Called when the last byte of an answer has come. */
  readonly onAnswer: () => void
  readonly onFailure: (error: Error) => void
}

/** Each read of the socket takes at most so many bytes. */
const READ_BYTES = 256 * 2 ** 10

/**
 * As little of HTTP as will do, for the machine's other core is all that the generator has: an answer is its head, read for
 * status and content-length, and as many bytes. Failures are any other status than 200, a body without a length, and one that
 * begins as GraphQL answers with errors do.
 */
export async function openConnection({ port, onAnswer, onFailure }: ConnectionOptions): Promise<Connection> {
  const take = createReader(onAnswer)
  const onRead = (length: number, buffer: Uint8Array): boolean => {
    try {
      take(buffer as Buffer, length)
    } catch (error) {
      onFailure(error as Error)
    }
    return true
  }
  const socket = connect({
    ...{ host: '127.0.0.1', port, noDelay: true },
    onread: { buffer: Buffer.allocUnsafeSlow(READ_BYTES), callback: onRead },
  })
  await connected(socket)
  let isClosing = false
  socket.on('error', onFailure)
  socket.on('close', () => {
    if (!isClosing) onFailure(new Error('the server closed a connection'))
  })
  return {
    send: (request) => void socket.write(request),
    close: () => {
      isClosing = true
      socket.destroy()
    },
  }
}

function connected(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('connect', () => {
      socket.off('error', reject)
      resolve()
    })
  })
}

const HEAD_END = Buffer.from('\r\n\r\n')
const CONTENT_LENGTH = /\r\ncontent-length: *(\d+)/i

/** Counts answers through the bytes of reads, of which a head may take several. */
function createReader(onAnswer: () => void): (buffer: Buffer, length: number) => void {
  let head = ''
  let isInBody = false
  let bytesLeft = 0

  /** Gives where the body begins, or the end of what was read where the head goes on in the next read. */
  function readHead(buffer: Buffer, start: number, length: number): number {
    const before = head.length
    // Beyond what was read, the buffer holds earlier answers.
    const found = before === 0 ? buffer.indexOf(HEAD_END, start) : -1
    const isWhole = found !== -1 && found + HEAD_END.byteLength <= length
    head += buffer.toString('latin1', start, isWhole ? found + HEAD_END.byteLength : length)
    const end = head.indexOf('\r\n\r\n')
    if (end === -1) return length
    bytesLeft = bodyLength(head)
    isInBody = true
    head = ''
    return start + end + HEAD_END.byteLength - before
  }

  return (buffer, length) => {
    let at = 0
    while (at < length) {
      if (!isInBody) {
        at = readHead(buffer, at, length)
        if (!isInBody) return
        refuseErrors(buffer, at, length)
      }
      const taken = Math.min(bytesLeft, length - at)
      at += taken
      bytesLeft -= taken
      if (bytesLeft > 0) return
      isInBody = false
      onAnswer()
    }
  }
}

const ERRORS = Buffer.from('{"errors":')

/** What is seen where head and body come in one read, as small answers do. */
function refuseErrors(buffer: Buffer, at: number, length: number): void {
  const end = at + ERRORS.byteLength
  if (end > length || buffer.compare(ERRORS, 0, ERRORS.byteLength, at, end) !== 0) return
  throw new Error(`the server answered ${buffer.toString('utf8', at, Math.min(length, at + 1_000))}`)
}

function bodyLength(head: string): number {
  if (!head.startsWith('HTTP/1.1 200 ')) throw new Error(`the server answered ${head.slice(0, head.indexOf('\r\n'))}`)
  const digits = CONTENT_LENGTH.exec(head)?.[1]
  if (digits === undefined) throw new Error(`the server answered without a content-length: ${JSON.stringify(head)}`)
  return Number(digits)
}
