import { FieldstoneError } from '../errors.ts'
import type { Cancellation } from '../serving/cancellation.ts'
import { deadlineExceeded } from '../serving/limit-error.ts'

/** The cancellation of one HTTP request: its client goes away, or its deadline passes. */
export interface RequestCancellation extends Cancellation {
  /** The client has gone before its answer. */
  abandon(): void
  /** The request is over: there is no deadline any more. */
  end(): void
}

/** Most requests are over before anything asks for a signal, so neither it nor a timer is made for them. */
export function createCancellation(deadlineMillis: number): RequestCancellation {
  const startedAt = performance.now()
  let reason: FieldstoneError | undefined
  let controller: AbortController | undefined
  let timer: NodeJS.Timeout | undefined

  function cancel(because: FieldstoneError): FieldstoneError {
    reason = because
    clearTimeout(timer)
    controller?.abort(because)
    return because
  }

  function makeController(): AbortController {
    const made = new AbortController()
    if (reason !== undefined) made.abort(reason)
    else {
      const leftMillis = deadlineMillis - (performance.now() - startedAt)
      timer = setTimeout(() => cancel(deadlineExceeded(deadlineMillis)), Math.max(0, leftMillis))
    }
    return made
  }

  return {
    get reason() {
      if (reason !== undefined) return reason
      return performance.now() - startedAt < deadlineMillis ? undefined : cancel(deadlineExceeded(deadlineMillis))
    },
    get signal() {
      controller ??= makeController()
      return controller.signal
    },
    abandon: () => {
      if (reason === undefined)
        cancel(new FieldstoneError('REQUEST_ABORTED', { seen: 'a request whose client went away' }))
    },
    end: () => clearTimeout(timer),
  }
}
