import { performance } from 'node:perf_hooks'

/** Says when the process has more to do than it can do in time, and how much of it to take on then. */
export interface Overload {
  /** Whether a request that comes now is taken on. Asked once for each, before any work is done for it. */
  admits(): boolean
  readonly isShedding: boolean
}

/** How long nothing need have been refused before all are taken on again. */
const CALM_MILLIS = 1_000

/** Work that a turn takes on while there is too much of it: a new connection is let in once in a turn, so turns must be short. */
const SHEDDING_TURN_MILLIS = 20

/** A loop that has slept for so much of the time that it worked has caught up with what there was to do. */
const RESTED_SHARE = 0.25

/** Of what a turn is measured to hold, what stays of older turns. */
const MEMORY = 0.8

/**
 * Looks at the turns of the event loop: what comes within one waits until it is over, so a turn that is longer than `maxTurnMillis`
 * makes all wait as long. One that is too long may be a collection of garbage; from the second in a row on, each takes on no more requests
 * than a short one is enough for, by what a request has come to cost, and no fewer than one. The others are refused, which costs little. So what is taken on is answered in time, however many come, and it ends by itself when fewer do.
 * @param onChange told when requests begin to be refused, and when no more are
 */
export function createOverload(maxTurnMillis: number, onChange: (isShedding: boolean) => void = () => {}): Overload {
  const turns = createTurns()
  const turnMillis = Math.min(SHEDDING_TURN_MILLIS, maxTurnMillis / 2)
  let wasLong = false
  let isShedding = false
  let allowed = 0
  let refusedAt = 0

  function beginTurn(): void {
    const millis = turns.begin()
    if (wasLong && millis > maxTurnMillis) beginShedding()
    wasLong = millis > maxTurnMillis
    if (!isShedding) return
    allowed = Math.max(1, Math.floor(turnMillis / turns.costMillis))
    if (performance.now() - refusedAt < CALM_MILLIS) return
    isShedding = false
    onChange(false)
  }

  function beginShedding(): void {
    if (isShedding) return
    isShedding = true
    refusedAt = performance.now()
    allowed = turns.admitted
    onChange(true)
  }

  return {
    admits: () => {
      if (!turns.hasBegun) beginTurn()
      // What has come within one long turn makes the next one longer yet: that is not waited for.
      else if (wasLong && !isShedding && turns.elapsedMillis > maxTurnMillis) beginShedding()
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
  /** Of the turn that is under way. */
  readonly elapsedMillis: number
  /** Requests of the turn that is under way. */
  admitted: number
  /** What one of the requests of the last turns has cost. */
  readonly costMillis: number
  /** Gives how long the turn before took; 0 where the loop had little to do. */
  begin(): number
}

/**
 * Measures from the first request of a turn to the first of the next that has any. Between those the loop may have slept, and turned many
 * times: what it did then made nobody wait for long.
 */
function createTurns(): Turns {
  let beganAt = performance.eventLoopUtilization()
  let activeMillis = 0
  let requests = 0
  const turns = {
    hasBegun: false,
    admitted: 0,
    get elapsedMillis() {
      return performance.eventLoopUtilization().active - beganAt.active
    },
    get costMillis() {
      return activeMillis / Math.max(requests, 1)
    },
    begin: () => {
      const now = performance.eventLoopUtilization()
      const millis = now.active - beganAt.active
      const isRested = now.idle - beganAt.idle > millis * RESTED_SHARE
      beganAt = now
      activeMillis = activeMillis * MEMORY + millis
      requests = requests * MEMORY + turns.admitted
      turns.admitted = 0
      turns.hasBegun = true
      setImmediate(endTurn)
      return isRested ? 0 : millis
    },
  }
  const endTurn = (): void => {
    turns.hasBegun = false
  }
  return turns
}
