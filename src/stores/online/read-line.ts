/** Bounds how many reads are in flight, with a bounded line of those that wait for their turn. */
export interface ReadLine {
  readonly inFlight: number
  readonly waiting: number
  /** Whether a read may begin now. */
  readonly hasRoom: boolean
  /** Counts a read in. It is to be counted out by `leave`. */
  enter(): void
  leave(): void
  /** Puts a read into the line. Gives how to take it out again, or undefined where the line is full. */
  join(waiter: Waiter): (() => void) | undefined
  /** Empties the line: each waiter is called off. */
  dismiss(): void
}

/** One that waits: begun in its turn, or called off. */
export interface Waiter {
  begin(): void
  callOff(): void
}

export function createReadLine(options: { readonly maxInFlight: number; readonly maxWaiting: number }): ReadLine {
  let inFlight = 0
  // Kept in the order of coming, and left from the middle.
  const line = new Set<Waiter>()

  function next(): void {
    for (const waiter of line) {
      if (inFlight >= options.maxInFlight) return
      line.delete(waiter)
      waiter.begin()
    }
  }

  return {
    get inFlight() {
      return inFlight
    },
    get waiting() {
      return line.size
    },
    get hasRoom() {
      return inFlight < options.maxInFlight
    },
    enter: () => {
      inFlight += 1
    },
    leave: () => {
      inFlight -= 1
      if (line.size > 0) next()
    },
    join: (waiter) => {
      if (line.size >= options.maxWaiting) return undefined
      line.add(waiter)
      return () => line.delete(waiter)
    },
    dismiss: () => {
      const waiters = [...line]
      line.clear()
      for (const waiter of waiters) waiter.callOff()
    },
  }
}
