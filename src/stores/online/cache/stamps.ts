import type { Clock } from '../../../lib/clock.ts'

/** A clock that was set back by more than this is believed. */
const JUMP_MICROS = 1_000_000

/**
 * Instants of a clock, no two of them alike: clocks tell milliseconds, and of two things that happened within one the later must be
 * known. A clock that is set back is followed; what was stamped before is from the future then, and so not used.
 */
export function stampsOf(clock: Clock): () => number {
  let last = 0
  return () => {
    const now = clock.nowMicros()
    last = now > last || last - now > JUMP_MICROS ? now : last + 1
    return last
  }
}
