import {
  type ClientHttp2Session,
  type ClientHttp2Stream,
  connect,
  constants,
  type IncomingHttpHeaders,
} from 'node:http2'
import { connect as connectTcp, isIP, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { systemClock } from '../../../lib/clock.ts'
import type { Attempt, Heard } from './calls.ts'
import { STATUS, StatusError } from './failures.ts'
import { framed, MessageSplitter } from './grpc-messages.ts'

const CLOSE_PATIENCE_MILLIS = 500

/**
 * grpc's protocol over a connection of HTTP/2 of our own, for reads alone: grpc's client hands each message through half a dozen queues and
 * promises, and the service sends a message for every few rows.
 */
export interface DirectChannel {
  /** Asks with bytes, and hands over the answers as bytes. Resolves when all have come; rejects with a StatusError. */
  stream(call: DirectCall, attempt: Attempt, onAnswer: (answer: Buffer) => Heard): Promise<void>
  close(): Promise<void>
}

export interface DirectCall {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly request: Buffer
}

export interface DirectAddress {
  /** `https://host:port`, or `http:` for an emulator. */
  readonly origin: string
  /** Says who asks, for each call. Undefined: nobody wants to know. */
  readonly authorize: (() => Promise<Readonly<Record<string, string>>>) | undefined
}

const clock = systemClock()
/** So that a great answer does not wait for words that it may go on; Node's own 64 KB are a few rows. */
const STREAM_WINDOW_BYTES = 4 * 2 ** 20
const SESSION_WINDOW_BYTES = 32 * 2 ** 20
const SESSION_OPTIONS = {
  settings: { enablePush: false, initialWindowSize: STREAM_WINDOW_BYTES },
  // Megabytes; what is on its way is bounded by the calls.
  maxSessionMemory: 1_024,
} as const

/** When a connection is asked whether it is still there, and how long it has to say so. */
interface Liveness {
  readonly everyMillis: number
  readonly patienceMillis: number
}

/** As grpc's. A middlebox drops connections that are idle and tells nobody: the next reads would wait for nothing. */
const LIVENESS: Liveness = { everyMillis: 30_000, patienceMillis: 10_000 }

export function createDirectChannel(
  { origin, authorize }: DirectAddress,
  { everyMillis, patienceMillis }: Liveness = LIVENESS,
): DirectChannel {
  let session: ClientHttp2Session | undefined
  let socket: Socket | undefined

  /** The connection, made anew where it was lost or the service wants it to be left. */
  function connected(): ClientHttp2Session {
    if (session !== undefined && !session.closed && !session.destroyed) return session
    const own = connectSocket(new URL(origin))
    const made = connect(origin, { ...SESSION_OPTIONS, createConnection: () => own })
    socket = own
    // The calls on it are told as well.
    made.on('error', () => undefined)
    made.on('connect', () => made.setLocalWindowSize(SESSION_WINDOW_BYTES))
    const looking = setInterval(() => look(made, patienceMillis), everyMillis).unref()
    made.on('close', () => clearInterval(looking))
    session = made
    return made
  }

  async function stream(call: DirectCall, attempt: Attempt, onAnswer: (answer: Buffer) => Heard): Promise<void> {
    const authorization = authorize === undefined ? undefined : await inTime(authorize(), attempt)
    attempt.signal?.throwIfAborted()
    const opened = connected()
    const leftMillis = leftMillisOf(attempt)
    if (leftMillis <= 0) throw new StatusError(STATUS.DEADLINE_EXCEEDED, 'no time was left')
    const request = requested(opened, {
      ...call.headers,
      ...authorization,
      ...{ ':method': 'POST', ':path': call.path, te: 'trailers', 'content-type': 'application/grpc' },
      'grpc-timeout': `${leftMillis}m`,
    })
    request.end(framed(call.request))
    await answered(
      request,
      { leftMillis, signal: attempt.signal, onLate: () => look(opened, PING_PATIENCE_MILLIS) },
      onAnswer,
    )
  }

  return {
    stream,
    close: async () => {
      const [closing, own] = [session, socket]
      if (closing === undefined || closing.destroyed) return
      // Whatever it ends with: `once` of 'node:events' would reject where it fails meanwhile.
      const gone = new Promise((resolve) => closing.once('close', resolve))
      closing.close()
      // A service that does not answer would keep it open for ever; a session that is closing waits for its socket even when destroyed.
      const patience = setTimeout(() => own?.destroy(), CLOSE_PATIENCE_MILLIS)
      await gone
      clearTimeout(patience)
    },
  }
}

function leftMillisOf({ deadline }: Attempt): number {
  return Math.ceil(deadline - clock.nowMicros() / 1_000)
}

/** Who knows who asks may be as far away as the service, and as silent. */
function inTime<T>(credentials: Promise<T>, attempt: Attempt): Promise<T> {
  const { signal } = attempt
  return new Promise((resolve, reject) => {
    const settle = (tell: () => void) => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      tell()
    }
    const abort = () => settle(() => reject(signal!.reason))
    const late = () => settle(() => reject(new StatusError(STATUS.DEADLINE_EXCEEDED, 'no credentials came in time')))
    const timer = setTimeout(late, leftMillisOf(attempt))
    signal?.addEventListener('abort', abort, { once: true })
    credentials.then(
      (found) => settle(() => resolve(found)),
      (error: unknown) => settle(() => reject(error)),
    )
  })
}

/** A request is two small writes: the second must not wait until the first is acknowledged. */
function connectSocket({ protocol, hostname, port }: URL): Socket {
  if (protocol === 'http:') return connectTcp({ host: hostname, port: Number(port), noDelay: true })
  // An address has no name to be told.
  const name = isIP(hostname) === 0 ? { servername: hostname } : {}
  const address = { host: hostname, port: Number(port || 443), ALPNProtocols: ['h2'], ...name }
  return connectTls(address).setNoDelay(true)
}

function requested(session: ClientHttp2Session, headers: Readonly<Record<string, string>>): ClientHttp2Stream {
  try {
    return session.request(headers)
  } catch (error) {
    // It was closed at this very moment.
    throw lost(error)
  }
}

function lost(error: unknown): StatusError {
  return new StatusError(STATUS.UNAVAILABLE, error instanceof Error ? error.message : String(error))
}

/** Of a connection on which a call was late. */
const PING_PATIENCE_MILLIS = 2_000

/** Where the connection is dead, the next calls get another. */
function look(session: ClientHttp2Session, patienceMillis: number): void {
  if (session.closed || session.destroyed) return
  const dead = setTimeout(() => session.destroy(), patienceMillis)
  dead.unref()
  try {
    session.ping(() => clearTimeout(dead))
  } catch {
    // It has just been closed.
    clearTimeout(dead)
  }
}

interface Waiting {
  readonly leftMillis: number
  readonly signal: AbortSignal | undefined
  readonly onLate: () => void
}

/** Waits for all answers of a call, and for how it ended. */
function answered(
  request: ClientHttp2Stream,
  { leftMillis, signal, onLate }: Waiting,
  onAnswer: (answer: Buffer) => Heard,
): Promise<void> {
  return new Promise((resolve, reject) => {
    let isSettled = false
    let ending: IncomingHttpHeaders = {}
    const settle = (error?: unknown) => {
      if (isSettled) return
      isSettled = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', abort)
      if (error === undefined) resolve()
      else reject(error)
    }
    const give = (error?: unknown) => {
      settle(error)
      request.close(constants.NGHTTP2_CANCEL)
    }
    const abort = () => give(signal!.reason)
    const timer = setTimeout(() => {
      give(new StatusError(STATUS.DEADLINE_EXCEEDED, `no answer within ${leftMillis} ms`))
      onLate()
    }, leftMillis)
    signal?.addEventListener('abort', abort, { once: true })
    const splitter = new MessageSplitter((message) => {
      if (!isSettled && onAnswer(message) === 'enough') give()
    })
    request.on('response', (headers) => {
      ending = headers
    })
    request.on('trailers', (trailers) => {
      ending = { ...ending, ...trailers }
    })
    request.on('data', (piece: Buffer) => {
      // What a load balancer adds is for people.
      if (isSettled || Number(ending[':status']) !== 200) return
      try {
        splitter.push(piece)
      } catch (error) {
        give(error)
      }
    })
    request.on('error', (error) => settle(lost(error)))
    request.on('close', () =>
      settle(failureOf(ending) ?? (splitter.isBetween ? undefined : lost('an answer is cut off'))),
    )
  })
}

/** Of answers that are not of grpc, such as a load balancer's. */
const STATUS_OF_HTTP: Readonly<Record<number, number>> = {
  400: STATUS.INTERNAL,
  401: STATUS.UNAUTHENTICATED,
  403: STATUS.PERMISSION_DENIED,
  404: STATUS.UNIMPLEMENTED,
  429: STATUS.UNAVAILABLE,
  502: STATUS.UNAVAILABLE,
  503: STATUS.UNAVAILABLE,
  504: STATUS.UNAVAILABLE,
}

/** Undefined: the call was done. */
function failureOf(ending: IncomingHttpHeaders): StatusError | undefined {
  const told = ending['grpc-status']
  if (told === '0') return undefined
  if (typeof told === 'string') return new StatusError(Number(told), messageOf(ending['grpc-message']))
  const http = Number(ending[':status'] ?? 200)
  if (http === 200) return lost('the connection was cut')
  return new StatusError(STATUS_OF_HTTP[http] ?? STATUS.INTERNAL, `an answer of HTTP status ${http}`)
}

/** Its bytes beyond ASCII are written as in URLs. */
function messageOf(told: string | string[] | undefined): string {
  const text = String(told ?? '')
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
