import { setTimeout as pause } from 'node:timers/promises'
import { systemClock } from '../../../lib/clock.ts'
import type { CallMetadata, Connection } from './connection.ts'
import { mayPass } from './failures.ts'

/** How long a call is worth, with all its attempts. */
export interface Patience {
  readonly timeoutMillis: number
  /** Aborted: the call is cancelled and rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
}

/** One attempt of a call. */
export interface Attempt {
  /** Milliseconds since 1970, by the machine's clock, as grpc takes it. */
  readonly deadline: number
  readonly signal: AbortSignal | undefined
}

const FIRST_PAUSE_MILLIS = 20
const MAX_PAUSE_MILLIS = 2_000
const clock = systemClock()

/**
 * Does a call that may be repeated, again after failures that may pass, with ever longer pauses of random length, as long as there is time;
 * what it got done in the end is the caller's to know. `progress` says whether the last attempt came further than the one before: then pauses begin anew.
 */
export async function withRetries<T>(
  { timeoutMillis, signal }: Patience,
  attempt: (once: Attempt) => Promise<T>,
  progress: () => boolean = () => false,
): Promise<T> {
  const start = performance.now()
  for (let failures = 0; ; failures += 1) {
    signal?.throwIfAborted()
    const leftMillis = timeoutMillis - (performance.now() - start)
    try {
      return await attempt({ deadline: clock.nowMicros() / 1_000 + leftMillis, signal })
    } catch (error) {
      if (signal?.aborted) throw signal.reason
      if (!mayPass(error)) throw error
      if (progress()) failures = 0
      const millis = Math.random() * Math.min(MAX_PAUSE_MILLIS, FIRST_PAUSE_MILLIS * 2 ** failures)
      if (performance.now() - start + millis >= timeoutMillis) throw error
      await pauseUntil(millis, signal)
    }
  }
}

async function pauseUntil(millis: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await pause(millis, undefined, signal === undefined ? {} : { signal })
  } catch {
    throw signal?.reason
  }
}

/** `enough`: the call is cancelled, and counts as done. */
export type Heard = 'enough' | undefined

/** The calls of one table by one app profile. */
export interface Caller {
  /** What every request of it begins with, and what it is routed by. */
  readonly address: { readonly tableName: string; readonly appProfileId?: string }
  /** The bytes of a request. */
  serialize(method: string, request: object): Buffer
  /** ReadRows: asks with bytes, and hands over the answers as bytes. Resolves when all have come. */
  read(request: Buffer, once: Attempt, onAnswer: (answer: Buffer) => Heard): Promise<void>
  /** Asks with an object, and hands over the answers as objects. */
  objects(method: string, request: object, once: Attempt, onAnswer: (answer: never) => Heard): Promise<void>
  unary(method: string, request: object, once: Attempt): Promise<object>
}

const asItIs = (bytes: Buffer): Buffer => bytes

/** Neither the request nor its answers are made into objects, or of them. */
const BYTES = { serialize: asItIs, deserialize: asItIs } as const

export function createCaller(connection: Connection, tableName: string, appProfileId: string | undefined): Caller {
  const address = { tableName, ...(appProfileId === undefined ? {} : { appProfileId }) }
  const routing = routingOf(tableName, appProfileId)
  const known = new WeakMap<CallMetadata, CallMetadata>()
  const knownHeaders = new WeakMap<CallMetadata, Readonly<Record<string, string>>>()

  function headersOf(base: CallMetadata): Readonly<Record<string, string>> {
    const found = knownHeaders.get(base)
    if (found !== undefined) return found
    const headers = textsOf(metadataOf(base))
    knownHeaders.set(base, headers)
    return headers
  }

  /** The library's own headers, and what the service routes the call by. */
  function metadataOf(base: CallMetadata): CallMetadata {
    const found = known.get(base)
    if (found !== undefined) return found
    const metadata = base.clone()
    metadata.set('x-goog-request-params', routing)
    known.set(base, metadata)
    return metadata
  }

  function stream(
    method: string,
    codec: { readonly request: object; readonly serialize: unknown; readonly deserialize: unknown },
    { deadline, signal }: Attempt,
    onAnswer: (answer: never) => Heard,
  ): Promise<void> {
    const { stub, methods, metadata } = connection.next()
    const { path } = methods[method]!
    return new Promise((resolve, reject) => {
      const { serialize, deserialize, request } = codec
      const answers = stub.makeServerStreamRequest(path, serialize, deserialize, request, metadataOf(metadata), {
        deadline,
      })
      const cancel = () => answers.cancel()
      signal?.addEventListener('abort', cancel, { once: true })
      const settle = () => signal?.removeEventListener('abort', cancel)
      answers.on('data', (answer) => {
        // What comes after the promise is settled is not looked at.
        try {
          if (onAnswer(answer) !== 'enough') return
          resolve()
        } catch (error) {
          reject(error)
        }
        settle()
        answers.cancel()
      })
      answers.on('error', (error) => {
        settle()
        reject(error)
      })
      answers.on('end', () => {
        settle()
        // Where the call failed, grpc has told the error first.
        resolve()
      })
    })
  }

  return {
    address,
    serialize: (method, request) => connection.next().methods[method]!.requestSerialize(request),
    read: (request, once, onAnswer) => {
      if (connection.reads === 'grpc') return stream('ReadRows', { request, ...BYTES }, once, onAnswer)
      const { direct, methods, metadata } = connection.next()
      const { path } = methods.ReadRows!
      return direct.stream({ path, headers: headersOf(metadata), request }, once, onAnswer)
    },
    objects: (method, request, once, onAnswer) => {
      const { requestSerialize, responseDeserialize } = connection.next().methods[method]!
      return stream(method, { request, serialize: requestSerialize, deserialize: responseDeserialize }, once, onAnswer)
    },
    unary: (method, request, { deadline, signal }) => {
      const { stub, methods, metadata } = connection.next()
      const { path, requestSerialize, responseDeserialize } = methods[method]!
      return new Promise((resolve, reject) => {
        const cancel = () => call.cancel()
        const done = (error: Error | null, answer?: object) => {
          signal?.removeEventListener('abort', cancel)
          if (error === null) resolve(answer!)
          else reject(error)
        }
        const call = stub.makeUnaryRequest(
          path,
          requestSerialize,
          responseDeserialize,
          request,
          metadataOf(metadata),
          { deadline },
          done,
        )
        signal?.addEventListener('abort', cancel, { once: true })
      })
    },
  }
}

function textsOf(metadata: CallMetadata): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(metadata.getMap()).map(([name, value]) => [name, String(value)]))
}

/** As the library writes it. */
function routingOf(tableName: string, appProfileId: string | undefined): string {
  const table = `table_name=${encodeURIComponent(tableName)}`
  return appProfileId === undefined ? table : `${table}&app_profile_id=${encodeURIComponent(appProfileId)}`
}
