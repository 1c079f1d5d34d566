/** Closed: reads go on. Open: they are refused. Probing: one goes on, to see whether the store answers again. */
export type CircuitState = 'closed' | 'open' | 'probing'

/** When a circuit opens, and how it closes again. */
export interface CircuitSettings {
  /** Reads that have to fail, with none answered between, before the circuit opens. */
  readonly openAfterFailures: number
  /** How long none may have been answered before it does: a store whose other half answers never opens it. */
  readonly openAfterMillis: number
  /** How long it stays open before a read is let through as a probe. Doubled at each probe that fails. */
  readonly probeAfterMillis: number
  /** The longest that doubling comes to. */
  readonly maxProbeAfterMillis: number
}

/** How a read came to be let through, to be handed back with its outcome. */
export type Pass = 'read' | 'probe'

/** `unsaid`: what became of the read says nothing of the store, as where its caller gave it up. */
export type PassOutcome = 'answered' | 'failed' | 'unsaid'

export interface CircuitBreaker {
  readonly state: CircuitState
  /** How long until a probe is let through; 0 where one may be, or is under way. */
  readonly leftMillis: number
  /** Undefined: the read is refused. A pass is to be reported once. */
  enter(): Pass | undefined
  report(pass: Pass, outcome: PassOutcome): void
}

/**
 * Told nothing but outcomes. Reads of several keys or nodes fail apart, so neither a count in a row nor a share alone will do: the
 * circuit opens only when nothing at all was answered for a while.
 * @param onChange told of each new state
 */
export function createCircuitBreaker(
  settings: CircuitSettings,
  onChange: (state: CircuitState) => void = () => {},
): CircuitBreaker {
  let state: CircuitState = 'closed'
  let failures = 0
  let failingSince = 0
  let waitMillis = settings.probeAfterMillis
  let openUntil = 0

  function become(next: CircuitState): void {
    state = next
    onChange(next)
  }

  function open(): void {
    openUntil = performance.now() + jittered(waitMillis)
    waitMillis = Math.min(waitMillis * 2, settings.maxProbeAfterMillis)
    become('open')
  }

  function close(): void {
    failures = 0
    waitMillis = settings.probeAfterMillis
    become('closed')
  }

  function fail(): void {
    if (failures === 0) failingSince = performance.now()
    failures += 1
    const isDown = failures >= settings.openAfterFailures
    if (isDown && performance.now() - failingSince >= settings.openAfterMillis) open()
  }

  function endProbe(outcome: PassOutcome): void {
    if (outcome === 'answered') close()
    else if (outcome === 'failed') open()
    else {
      // The next read is a probe again.
      openUntil = 0
      become('open')
    }
  }

  return {
    get state() {
      return state
    },
    get leftMillis() {
      return state === 'open' ? Math.max(0, openUntil - performance.now()) : 0
    },
    enter: () => {
      if (state === 'closed') return 'read'
      if (state === 'probing' || performance.now() < openUntil) return undefined
      become('probing')
      return 'probe'
    },
    report: (pass, outcome) => {
      if (pass === 'probe') return endProbe(outcome)
      // Of a read that began before the circuit opened, the probe tells more.
      if (state !== 'closed') return
      if (outcome === 'answered') failures = 0
      else if (outcome === 'failed') fail()
    },
  }
}

/** Up to a tenth more or less, lest many processes probe at the same instants. */
function jittered(millis: number): number {
  return millis * (0.9 + Math.random() * 0.2)
}
