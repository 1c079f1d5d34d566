import { randomUUID } from 'node:crypto'
import { FieldstoneError } from '../../errors.ts'
import type { Records } from './records.ts'

const KIND = 'lease'

interface LeaseRecord {
  readonly holder: string
  readonly expiresMillis: number
}

/** The right to be the only one at some work, until it is released or runs out. */
export interface Lease {
  /** Extends it. Throws LEASE_HELD where it had run out and another took it. */
  renew(): Promise<void>
  release(): Promise<void>
}

export interface LeaseOptions {
  /** How long a holder that says nothing keeps it. Default 30,000. */
  readonly lengthMillis?: number
  /** Milliseconds since 1970 by which leases run out: the machine's clock, not the deployment's, which may stand still. Default `Date.now`. */
  readonly nowMillis?: () => number
}

/** Takes the lease of a name; throws LEASE_HELD while another holds it. */
export async function acquireLease(records: Records, name: string, options: LeaseOptions = {}): Promise<Lease> {
  const { lengthMillis = 30_000, nowMillis = Date.now } = options
  const holder = randomUUID()
  const claim = async (): Promise<void> => {
    const stored = await records.update<LeaseRecord>(KIND, name, (current) =>
      current === undefined || current.holder === holder || current.expiresMillis <= nowMillis()
        ? { holder, expiresMillis: nowMillis() + lengthMillis }
        : current,
    )
    if (stored?.holder !== holder) throw held(name, stored!, nowMillis())
  }
  await claim()
  return {
    renew: claim,
    release: async () => {
      await records.update<LeaseRecord>(KIND, name, (current) => (current?.holder === holder ? undefined : current))
    },
  }
}

function held(name: string, { expiresMillis }: LeaseRecord, nowMillis: number): FieldstoneError {
  const seconds = Math.ceil((expiresMillis - nowMillis) / 1000)
  return new FieldstoneError('LEASE_HELD', {
    seen: `lease '${name}', held for another ${seconds} s unless it is renewed`,
  })
}
