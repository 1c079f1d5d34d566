import type { FieldstoneError } from '../errors.ts'
import { tooManyRequests } from '../serving/limit-error.ts'

/** The places of requests that are answered at one time. One whose body is still on its way has none yet: its client may be slow, or mean to be. */
export interface Places {
  /** Gives what frees the place again, which may be called twice; or TOO_MANY_REQUESTS where none is left. */
  take(): (() => void) | FieldstoneError
}

export function createPlaces(count: number): Places {
  let taken = 0
  return {
    take: () => {
      if (taken >= count) return tooManyRequests(count)
      taken += 1
      let isTaken = true
      return () => {
        if (isTaken) taken -= 1
        isTaken = false
      }
    },
  }
}
