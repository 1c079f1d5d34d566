import { parseTimestamp } from './micros.ts'

/** Where "now" comes from (SPEC T2). Asked once per request or run, so that one request sees one now. */
export interface Clock {
  readonly kind: 'clock'
  /** Printed by `doctor` and `/readyz`: `system` or `fixed at 2001-07-01T00:00:00Z`. */
  readonly description: string
  /** Whether its seconds are the machine's: timers and expiry by another machine's clock mean the same then. Default false: it stands still, or replays. */
  readonly runsWithMachine?: boolean
  /** Microseconds since 1970, UTC. */
  nowMicros(): number
}

/** The machine's clock. Milliseconds are all that `Date` promises; the last three digits are 000. */
export function systemClock(): Clock {
  return { kind: 'clock', description: 'system', runsWithMachine: true, nowMicros: () => Date.now() * 1000 }
}

/** A clock that stands still at an RFC 3339 instant, for demos and tests on old data. Throws a RangeError where the text is no instant. */
export function fixedClock(instant: string): Clock {
  const micros = parseTimestamp(instant)
  if (micros === undefined) {
    throw new RangeError(
      `fixedClock: saw ${JSON.stringify(instant)}; write an RFC 3339 instant such as '2001-07-01T00:00:00Z'`,
    )
  }
  return { kind: 'clock', description: `fixed at ${instant}`, nowMicros: () => micros }
}
