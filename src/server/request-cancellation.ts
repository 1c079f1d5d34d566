import { FieldstoneError } from '../errors.ts'
import type { Cancellation } from '../serving/cancellation.ts'
import { deadlineExceeded } from '../serving/limit-error.ts'

/**
 * The cancellation of one HTTP request: its client goes away, or its deadline passes. Most requests are over before anything
 * asks for a signal, so neither it nor a timer is made for them.
 */
export class RequestCancellation implements Cancellation {
  readonly #deadlineMillis: number
  readonly #startedAt: number
  #reason: FieldstoneError | undefined
  #controller: AbortController | undefined
  #timer: NodeJS.Timeout | undefined
  #isOver = false

  /** @param startedAt what the deadline counts from, by `performance.now()` */
  constructor(deadlineMillis: number, startedAt = performance.now()) {
    this.#deadlineMillis = deadlineMillis
    this.#startedAt = startedAt
  }

  get reason(): FieldstoneError | undefined {
    if (!this.#isOver && this.#leftMillis() <= 0) this.#expire()
    return this.#reason
  }

  get signal(): AbortSignal {
    this.#controller ??= this.#startController()
    return this.#controller.signal
  }

  /** The client has gone before its answer. */
  abandon(): void {
    this.#cancel(new FieldstoneError('REQUEST_ABORTED', { seen: 'a request whose client went away' }))
  }

  /** The request is over: there is no deadline any more. */
  end(): void {
    this.#isOver = true
    clearTimeout(this.#timer)
  }

  #leftMillis(): number {
    return this.#deadlineMillis - (performance.now() - this.#startedAt)
  }

  #startController(): AbortController {
    const controller = new AbortController()
    if (this.reason !== undefined) controller.abort(this.#reason)
    else if (!this.#isOver) this.#timer = setTimeout(() => this.#expire(), this.#leftMillis())
    return controller
  }

  #expire(): void {
    this.#cancel(deadlineExceeded(this.#deadlineMillis))
  }

  #cancel(reason: FieldstoneError): void {
    if (this.#reason !== undefined) return
    this.#reason = reason
    this.end()
    this.#controller?.abort(reason)
  }
}
