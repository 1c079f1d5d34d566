import { FieldstoneError } from '../errors.ts'
import type { Lease } from '../stores/online/leases.ts'

/** Holds a lease for as long as a piece of work takes, however long the store is silent in between. */
export interface LeaseKeeper {
  /** Throws LEASE_HELD where another process has taken the lease. */
  assertHeld(): void
  /** Renews it now. Throws LEASE_HELD. */
  renew(): Promise<void>
  /** Gives the lease back. */
  release(): Promise<void>
}

/** A third of a lease's length, so that one renewal may fail. */
const RENEW_MILLIS = 10_000

export function keepLease(lease: Lease, renewMillis = RENEW_MILLIS): LeaseKeeper {
  let lost: FieldstoneError | undefined
  let renewing: Promise<void> = Promise.resolve()

  async function renewQuietly(): Promise<void> {
    try {
      await lease.renew()
    } catch (error) {
      // A store that does not answer just now is asked again; whoever writes to it meets that by itself.
      if (error instanceof FieldstoneError && error.code === 'LEASE_HELD') lost = error
    }
  }

  // By a timer, for a source may sort for minutes before it gives its first row.
  const timer = setInterval(() => {
    renewing = renewing.then(renewQuietly)
  }, renewMillis)
  timer.unref()

  return {
    assertHeld: () => {
      if (lost !== undefined) throw lost
    },
    renew: async () => {
      await renewing
      if (lost !== undefined) throw lost
      await lease.renew()
    },
    release: async () => {
      clearInterval(timer)
      await renewing
      await lease.release()
    },
  }
}
