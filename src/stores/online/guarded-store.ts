import { FieldstoneError } from '../../errors.ts'
import {
  type CircuitBreaker,
  type CircuitSettings,
  type CircuitState,
  createCircuitBreaker,
  type Pass,
  type PassOutcome,
} from './circuit-breaker.ts'
import type { CellBatch, CellName, OnlineStore, ReadRequest } from './online-store.ts'
import { createReadLine } from './read-line.ts'

/** What a store's reads are held to. */
export interface GuardSettings extends CircuitSettings {
  /** How long a read may take, and before it how long it may wait for its turn. */
  readonly readTimeoutMillis: number
  /** Reads that may be in flight at one time. Reads of several requests may be one, where the store merges. */
  readonly maxReadsInFlight: number
  /** Reads that may wait for their turn behind those. */
  readonly maxReadsWaiting: number
}

/** Why the guard itself refused a read or gave it up. */
export type GuardRefusal = 'circuit open' | 'line full' | 'waited too long' | 'timed out'

/** Told what the guard of a store does; each may be left out. Must not throw. */
export interface GuardListener {
  /** `cause`: the failure that it came to, where it opened. Told of `closed` also when the guard is made. */
  circuitIs?(state: CircuitState, cause?: Error): void
  refused?(why: GuardRefusal): void
}

export interface GuardOptions {
  /** What the store is called in errors, e.g. `redis`. */
  readonly name: string
  readonly settings: GuardSettings
  readonly listener?: GuardListener
}

/**
 * Stands around a store that waits: bounds how long each read takes and how many there are, and stops asking a store that answers
 * nothing. Reads reject then with STORE_UNAVAILABLE or STORE_BUSY. An answer that the store gives at once is passed through, and so is
 * all that is not a read: `health` says how the store is whatever the circuit is.
 */
export function guardStore(store: OnlineStore, options: GuardOptions): OnlineStore {
  const read = guardedRead(store, options)
  return {
    mergesReads: store.mergesReads,
    ...(store.counts === undefined ? {} : { counts: store.counts }),
    read,
    write: (request) => store.write(request),
    updateMany: (request) => store.updateMany(request),
    delete: (request) => store.delete(request),
    iterate: (request) => store.iterate(request),
    prepare: (plan, how) => store.prepare(plan, how),
    health: () => store.health(),
    close: () => store.close(),
  }
}

function guardedRead(store: OnlineStore, { name, settings, listener }: GuardOptions): OnlineStore['read'] {
  const { maxReadsInFlight, maxReadsWaiting, readTimeoutMillis } = settings
  const line = createReadLine({ maxInFlight: maxReadsInFlight, maxWaiting: maxReadsWaiting })
  let lastFailure: Error | undefined
  let answersAtOnce = false
  const breaker = createCircuitBreaker(settings, (state) => {
    listener?.circuitIs?.(state, state === 'open' ? lastFailure : undefined)
    if (state === 'open') line.dismiss()
  })
  listener?.circuitIs?.('closed')

  function refuse(why: GuardRefusal): FieldstoneError {
    listener?.refused?.(why)
    if (why === 'circuit open') return circuitOpen(name, breaker, lastFailure)
    if (why === 'timed out') return timedOut(name, readTimeoutMillis)
    return storeBusy(name, settings)
  }

  function begin(request: ReadRequest): CellBatch | Promise<CellBatch> {
    const pass = breaker.enter()
    if (pass === undefined) return Promise.reject(refuse('circuit open'))
    // A store that never waits is asked as if nobody stood around it.
    const asked = answersAtOnce ? request : new GuardedRead(request)
    const answer = store.read(asked)
    answersAtOnce = !(answer instanceof Promise)
    if (answer instanceof Promise)
      return watch(answer, asked instanceof GuardedRead ? asked : new GuardedRead(request), pass)
    breaker.report(pass, 'answered')
    return answer
  }

  function watch(answer: Promise<CellBatch>, asked: GuardedRead, pass: Pass): Promise<CellBatch> {
    line.enter()
    const { promise, resolve, reject } = Promise.withResolvers<CellBatch>()
    const leave = (outcome: PassOutcome): boolean => {
      if (asked.isOver) return false
      asked.end()
      // Those that wait are called off, if it opens the circuit, before one of them could begin.
      breaker.report(pass, outcome)
      line.leave()
      return true
    }
    const fail = (error: unknown): void => {
      if (asked.isOver) return
      const outcome = outcomeOf(error)
      if (outcome === 'failed') lastFailure = error as Error
      leave(outcome)
      reject(error)
    }
    asked.start(readTimeoutMillis, {
      onTimeout: () => fail(refuse('timed out')),
      onAbort: (reason) => leave('unsaid') && reject(reason),
    })
    answer.then((batch) => {
      lastFailure = failureOf(batch) ?? lastFailure
      if (leave(failureOf(batch) === undefined ? 'answered' : 'failed')) resolve(batch)
    }, fail)
    return promise
  }

  function wait(request: ReadRequest): Promise<CellBatch> {
    const { promise, resolve, reject } = Promise.withResolvers<CellBatch>()
    const turn = new GuardedRead(request)
    const depart = line.join({
      begin: () => {
        turn.end()
        resolve(begin(request))
      },
      callOff: () => {
        turn.end()
        reject(refuse('circuit open'))
      },
    })
    if (depart === undefined) return Promise.reject(refuse('line full'))
    const giveUp = (reason: unknown): void => {
      turn.end()
      depart()
      reject(reason)
    }
    turn.start(readTimeoutMillis, { onTimeout: () => giveUp(refuse('waited too long')), onAbort: giveUp })
    return promise
  }

  return (request) => {
    if (line.hasRoom || breaker.state !== 'closed') return begin(request)
    return wait(request)
  }
}

/** A read as the store is asked for it: ended by its own time, or with the request that it is for. */
class GuardedRead implements ReadRequest {
  readonly entity: string
  readonly keys: readonly Uint8Array[]
  readonly cells: readonly CellName[]
  isOver = false
  readonly #request: ReadRequest
  #controller: AbortController | undefined
  #timer: NodeJS.Timeout | undefined
  #onAbort: (() => void) | undefined

  constructor(request: ReadRequest) {
    this.entity = request.entity
    this.keys = request.keys
    this.cells = request.cells
    this.#request = request
  }

  /** Made only for a store that looks at it, which one that never waits does not. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      const { signal } = this.#request
      if (signal?.aborted) this.#controller.abort(signal.reason)
    }
    return this.#controller.signal
  }

  start(timeoutMillis: number, on: { onTimeout(): void; onAbort(reason: unknown): void }): void {
    const { signal } = this.#request
    this.#timer = setTimeout(() => {
      on.onTimeout()
      this.#controller?.abort(readGivenUp())
    }, timeoutMillis)
    this.#onAbort = () => {
      on.onAbort(signal?.reason)
      this.#controller?.abort(signal?.reason)
    }
    if (signal?.aborted) queueMicrotask(this.#onAbort)
    else signal?.addEventListener('abort', this.#onAbort, { once: true })
  }

  end(): void {
    this.isOver = true
    clearTimeout(this.#timer)
    if (this.#onAbort !== undefined) this.#request.signal?.removeEventListener('abort', this.#onAbort)
  }
}

/** Only what the store could not do speaks against it: not a key, a cell or a caller that went away. */
function outcomeOf(error: unknown): PassOutcome {
  return error instanceof FieldstoneError && error.code === 'STORE_UNAVAILABLE' ? 'failed' : 'unsaid'
}

/** The first failure of a batch of which nothing could be read; a cell beside it that could be says that the store answers. */
function failureOf(batch: CellBatch): Error | undefined {
  const [first] = batch
  return first instanceof Error && batch.every((place) => place instanceof Error) ? first : undefined
}

function circuitOpen(name: string, { leftMillis }: CircuitBreaker, cause: Error | undefined): FieldstoneError {
  const retryAfterMillis = Math.ceil(leftMillis)
  const until = leftMillis > 0 ? `It is asked again in ${retryAfterMillis} ms.` : 'A read is under way that tries it.'
  return new FieldstoneError('STORE_UNAVAILABLE', {
    seen: `the circuit to ${name} is open`,
    why: `Its last reads have all failed, so it is not asked for now. ${until}`,
    facts: { circuit: 'open', retryAfterMillis },
    cause,
  })
}

function timedOut(name: string, allowedMillis: number): FieldstoneError {
  return new FieldstoneError('STORE_UNAVAILABLE', {
    seen: `${name} has not answered a read`,
    why: `server.storeGuard.readTimeoutMillis allows ${allowedMillis}.`,
    facts: { allowedMillis },
  })
}

function readGivenUp(): FieldstoneError {
  return new FieldstoneError('REQUEST_ABORTED', { seen: 'a read that took too long' })
}

function storeBusy(name: string, { maxReadsInFlight, maxReadsWaiting }: GuardSettings): FieldstoneError {
  return new FieldstoneError('STORE_BUSY', {
    seen: `${name} has ${maxReadsInFlight} reads in flight`,
    why: `server.storeGuard allows no more, and ${maxReadsWaiting} that wait for their turn no longer than a read.`,
    facts: { maxReadsInFlight, maxReadsWaiting },
  })
}
