import { createBoundedCache } from '../lib/bounded-cache.ts'
import { createSeen } from '../lib/seen.ts'

/** Keeps the plans of operations up to a number of bytes. */
export interface PlanCache<Plan> {
  get(name: string): Plan | undefined
  /** Puts a plan in; also tells that one has grown. */
  set(name: string, plan: Plan, sizeBytes: number): void
  readonly sizeBytes: number
  readonly count: number
}

/** Of the whole: what operations may take that came once. */
const NEWCOMERS_SHARE = 1 / 16

/**
 * Most memory is for operations that have come twice. One that is new is kept in a small part until others push it out; when it comes
 * again, however late, it is known to have come before. So ad hoc texts neither drive out what is asked again and again, nor live so long
 * that the garbage collector has to carry them: kept among the others, they cost a server that sees little else a tenth of its time.
 */
export function createPlanCache<Plan>(maxBytes: number): PlanCache<Plan> {
  const newcomers = createBoundedCache<{ readonly plan: Plan; readonly sizeBytes: number }>(maxBytes * NEWCOMERS_SHARE)
  const proven = createBoundedCache<Plan>(maxBytes * (1 - NEWCOMERS_SHARE))
  const seen = createSeen()

  function prove(name: string): Plan | undefined {
    const newcomer = newcomers.take(name)
    if (newcomer !== undefined) proven.set(name, newcomer.plan, newcomer.sizeBytes)
    return newcomer?.plan
  }

  return {
    get: (name) => proven.get(name) ?? prove(name),
    set: (name, plan, sizeBytes) => {
      if (proven.get(name) !== undefined || seen.again(name)) proven.set(name, plan, sizeBytes)
      else newcomers.set(name, { plan, sizeBytes }, sizeBytes)
    },
    get sizeBytes() {
      return newcomers.sizeBytes + proven.sizeBytes
    },
    get count() {
      return newcomers.count + proven.count
    },
  }
}
