/** Counts the requests in flight, so that a gateway can end without dropping one. */
export interface Drain {
  /** True from `begin` on: new requests are refused. */
  readonly isDraining: boolean
  readonly inFlight: number
  begin(): void
  /** Counts a request in. The function that it gives counts it out; calling that twice does nothing more. */
  enter(): () => void
  /** Waits until nothing is in flight, at most this long. Gives whether it came to that. */
  idle(deadlineMillis: number): Promise<boolean>
}

export function createDrain(): Drain {
  let isDraining = false
  let inFlight = 0
  let onIdle: (() => void) | undefined

  return {
    get isDraining() {
      return isDraining
    },
    get inFlight() {
      return inFlight
    },
    begin: () => {
      isDraining = true
    },
    enter: () => {
      let isIn = true
      inFlight++
      return () => {
        if (!isIn) return
        isIn = false
        inFlight--
        if (inFlight === 0) onIdle?.()
      }
    },
    idle: (deadlineMillis) =>
      new Promise((resolve) => {
        if (inFlight === 0) return resolve(true)
        const timer = setTimeout(() => resolve(false), deadlineMillis)
        onIdle = () => {
          clearTimeout(timer)
          resolve(true)
        }
      }),
  }
}
