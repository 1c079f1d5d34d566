/** Times in milliseconds, and what share of them is below which. */
export interface Latencies {
  readonly count: number
  add(milliseconds: number): void
  /** The time that this share of them, from 0 to 1, does not exceed; to the microsecond. 0 where there are none. */
  at(share: number): number
}

/** In memory that is laid out beforehand as far as it goes. */
export function createLatencies(): Latencies {
  let times = new Float64Array(2 ** 18)
  let count = 0
  let isSorted = true

  function sort(): void {
    if (!isSorted) times.subarray(0, count).sort()
    isSorted = true
  }

  return {
    get count() {
      return count
    },
    add: (milliseconds) => {
      if (count === times.length) {
        const longer = new Float64Array(2 * count)
        longer.set(times)
        times = longer
      }
      times[count] = milliseconds
      count += 1
      isSorted = false
    },
    at: (share) => {
      sort()
      const value = count === 0 ? 0 : times[Math.min(count - 1, Math.floor(share * count))]!
      return Math.round(value * 1000) / 1000
    },
  }
}
