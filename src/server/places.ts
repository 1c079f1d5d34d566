import type { ServerResponse } from 'node:http'
import { FieldstoneError } from '../errors.ts'
import type { Limits } from '../registry/limits.ts'
import { tooManyRequests } from '../serving/limit-error.ts'

/** The places of requests that are answered at one time. One whose body is still on its way has none yet: its client may be slow, or mean to be. */
export interface Places {
  /**
   * Gives a request a place until its response is closed: at once, or in its turn where there is a promise. Throws TOO_MANY_REQUESTS
   * where the line is full; rejects with it where the turn does not come in time, and with REQUEST_ABORTED where the client goes away.
   */
  take(response: Pick<ServerResponse, 'on'>): undefined | Promise<void>
}

/** One that waits for its turn. */
interface Waiting {
  begin(): void
}

export function createPlaces(
  limits: Pick<Limits, 'maxConcurrentRequests' | 'maxQueuedRequests' | 'maxQueueMillis'>,
): Places {
  const { maxConcurrentRequests, maxQueuedRequests, maxQueueMillis } = limits
  let taken = 0
  // Kept in the order of coming, and left from the middle.
  const line = new Set<Waiting>()

  function begin(response: Pick<ServerResponse, 'on'>): void {
    taken += 1
    response.on('close', leave)
  }

  function leave(): void {
    taken -= 1
    const [next] = line
    if (next === undefined) return
    line.delete(next)
    next.begin()
  }

  function wait(response: Pick<ServerResponse, 'on'>): Promise<void> {
    return new Promise((resolve, reject) => {
      const giveUp = (reason: FieldstoneError): void => {
        clearTimeout(timer)
        if (line.delete(waiting)) reject(reason)
      }
      const waiting: Waiting = {
        begin: () => {
          clearTimeout(timer)
          begin(response)
          resolve()
        },
      }
      const timer = setTimeout(() => giveUp(tooManyRequests(maxConcurrentRequests, maxQueueMillis)), maxQueueMillis)
      response.on('close', () => giveUp(new FieldstoneError('REQUEST_ABORTED', { seen: 'a client that did not wait' })))
      line.add(waiting)
    })
  }

  return {
    take: (response) => {
      if (taken < maxConcurrentRequests) {
        begin(response)
        return undefined
      }
      if (line.size >= maxQueuedRequests) throw tooManyRequests(maxConcurrentRequests)
      return wait(response)
    },
  }
}
