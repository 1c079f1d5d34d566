/** Bounds how many lines of a kind are logged: what fails for one request mostly fails for all of them. */
export interface LineBound {
  /** Whether one more may be logged now. */
  admits(): boolean
}

const WINDOW_MILLIS = 1_000

/**
 * @param maxLines in a second
 * @param onLeftOut told how many were left out, when the second is over
 */
export function createLineBound(maxLines: number, onLeftOut: (count: number) => void): LineBound {
  let lines = 0
  let leftOut = 0

  function endWindow(): void {
    if (leftOut > 0) onLeftOut(leftOut)
    lines = 0
    leftOut = 0
  }

  return {
    admits: () => {
      if (lines === 0) setTimeout(endWindow, WINDOW_MILLIS).unref()
      lines += 1
      if (lines <= maxLines) return true
      leftOut += 1
      return false
    },
  }
}
