import { randomUUID } from 'node:crypto'
import { FieldstoneError } from '../../errors.ts'
import { type Clock, systemClock } from '../../lib/clock.ts'
import type { Records } from './records.ts'

const KIND = 'lease'

interface LeaseRecord {
  readonly holder: string
  readonly expiresMicros: number
}

/** The right to be the only one at some work, until it is released or runs out. */
export interface Lease {
  /** Extends it, also where it has run out and nobody took it. Throws LEASE_HELD where another had it since: the work was not ours alone. */
  renew(): Promise<void>
  /** Gives it back; does nothing where another has taken it since. */
  release(): Promise<void>
}

export interface LeaseOptions {
  /** How long a holder that says nothing keeps it. Default 30,000. */
  readonly lengthMillis?: number
  /** By which leases run out. Default the machine's, not the deployment's: a clock that stands still would never free the lease of a process that died. */
  readonly clock?: Clock
}

/** Takes the lease of a name; throws LEASE_HELD while another holds it. */
export async function acquireLease(records: Records, name: string, options: LeaseOptions = {}): Promise<Lease> {
  const { lengthMillis = 30_000, clock = systemClock() } = options
  const holder = randomUUID()

  async function hold(mayTake: (current: LeaseRecord | undefined, nowMicros: number) => boolean): Promise<void> {
    const nowMicros = clock.nowMicros()
    const stored = await records.update<LeaseRecord>(KIND, name, (current) =>
      mayTake(current, nowMicros) ? { holder, expiresMicros: nowMicros + lengthMillis * 1000 } : current,
    )
    if (stored?.holder !== holder) throw refused(name, stored, nowMicros)
  }

  await hold((current, nowMicros) => current === undefined || current.expiresMicros <= nowMicros)
  return {
    renew: () => hold((current) => current?.holder === holder),
    release: async () => {
      await records.update<LeaseRecord>(KIND, name, (current) => (current?.holder === holder ? undefined : current))
    },
  }
}

function refused(name: string, current: LeaseRecord | undefined, nowMicros: number): FieldstoneError {
  if (current === undefined) return new FieldstoneError('LEASE_HELD', { seen: `lease '${name}', lost: it had run out` })
  const seconds = Math.max(0, Math.ceil((current.expiresMicros - nowMicros) / 1e6))
  return new FieldstoneError('LEASE_HELD', { seen: `lease '${name}', held for ${seconds} s more unless it is renewed` })
}
