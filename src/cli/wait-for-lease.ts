import { setTimeout as wait } from 'node:timers/promises'
import { FieldstoneError } from '../errors.ts'
import type { Terminal } from './terminal.ts'

const RETRY_MILLIS = 1_000
/** A killed process keeps its lease for 30 seconds. */
const MAX_WAIT_MILLIS = 45_000

/** Does a piece of work, again and again while another process, or one that was killed, holds its lease. */
export async function waitForLease<T>(
  work: () => Promise<T>,
  { terminal, signal }: { readonly terminal: Terminal; readonly signal: AbortSignal },
): Promise<T> {
  const deadline = performance.now() + MAX_WAIT_MILLIS
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await work()
    } catch (error) {
      if (!(error instanceof FieldstoneError && error.code === 'LEASE_HELD')) throw error
      if (performance.now() > deadline) throw error
      if (attempt === 0) terminal.note(`waiting: ${error.details.seen}`)
      await wait(RETRY_MILLIS, undefined, { signal })
    }
  }
}
