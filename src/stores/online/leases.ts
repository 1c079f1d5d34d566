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
  /** Extends it. Throws LEASE_HELD where it had run out and another took it. */
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
  const claim = async (): Promise<void> => {
    const nowMicros = clock.nowMicros()
    const stored = await records.update<LeaseRecord>(KIND, name, (current) =>
      current === undefined || current.holder === holder || current.expiresMicros <= nowMicros
        ? { holder, expiresMicros: nowMicros + lengthMillis * 1000 }
        : current,
    )
    if (stored?.holder !== holder) throw held(name, stored!.expiresMicros - nowMicros)
  }
  await claim()
  return {
    renew: claim,
    release: async () => {
      await records.update<LeaseRecord>(KIND, name, (current) => (current?.holder === holder ? undefined : current))
    },
  }
}

function held(name: string, leftMicros: number): FieldstoneError {
  const seconds = Math.ceil(leftMicros / 1e6)
  return new FieldstoneError('LEASE_HELD', {
    seen: `lease '${name}', held for another ${seconds} s unless it is renewed`,
  })
}
