import { performance } from 'node:perf_hooks'

/** Says when the process has more to do than it can do in time, and how much of it to take on then. */
export interface Overload {
  /** Whether a request that comes now is taken on. Asked once for each, before any work is done for it. */
  admits(): boolean
  readonly isShedding: boolean
}

/** Turns of the event loop in a row that must be too long: a single one may be a collection of garbage. */
const LONG_TURNS = 2

/** How long nothing need have been refused before all are taken on again. */
const CALM_MILLIS = 1_000

/** Of what a turn is measured to hold, what stays of older turns. */
const MEMORY = 0.8

/**
 * Looks at the turns of the event loop: what comes within one waits until it is over, so a turn that is longer than `maxTurnMillis`
 * makes all wait as long. While turns are, each takes on as many requests as half of that time is enough for, by what a request has
 * come to cost, and no fewer than one; the others are refused, which costs little. So what is taken on is answered in time, however
 * many come, and it ends by itself when fewer do.
 */
export function createOverload(maxTurnMillis: number): Overload {
  const turns = createTurns()
  let longTurns = 0
  let isShedding = false
  let allowed = 0
  let refusedAt = 0

  function beginTurn(): void {
    const { millis, costMillis } = turns.begin()
    longTurns = millis > maxTurnMillis ? longTurns + 1 : 0
    if (longTurns >= LONG_TURNS && !isShedding) {
      isShedding = true
      refusedAt = performance.now()
    }
    if (!isShedding) return
    allowed = Math.max(1, Math.floor(maxTurnMillis / 2 / costMillis))
    isShedding = performance.now() - refusedAt < CALM_MILLIS
  }

  return {
    admits: () => {
      if (!turns.hasBegun) beginTurn()
      if (isShedding && turns.admitted >= allowed) {
        refusedAt = performance.now()
        return false
      }
      turns.admitted += 1
      return true
    },
    get isShedding() {
      return isShedding
    },
  }
}

interface Turns {
  /** Whether the turn that is under way is measured already. */
  readonly hasBegun: boolean
  /** Requests of this turn. */
  admitted: number
  /** Gives how long the turn before took, without what it slept, and what one of its requests and those before it have cost. */
  begin(): { readonly millis: number; readonly costMillis: number }
}

/** Measures from the first request of a turn to the first of the next that has any. */
function createTurns(): Turns {
  let activeBefore = performance.eventLoopUtilization().active
  let activeMillis = 0
  let requests = 0
  const turns = {
    hasBegun: false,
    admitted: 0,
    begin: () => {
      const { active } = performance.eventLoopUtilization()
      const millis = active - activeBefore
      activeBefore = active
      activeMillis = activeMillis * MEMORY + millis
      requests = requests * MEMORY + turns.admitted
      turns.admitted = 0
      turns.hasBegun = true
      setImmediate(endTurn)
      return { millis, costMillis: activeMillis / Math.max(requests, 1) }
    },
  }
  const endTurn = (): void => {
    turns.hasBegun = false
  }
  return turns
}
