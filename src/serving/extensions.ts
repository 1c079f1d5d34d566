import { formatTimestamp } from '../lib/micros.ts'
import type { Extensions } from './answer.ts'
import type { Cost } from './cost.ts'
import type { StaleView } from './stale-views.ts'

interface Told {
  readonly cost: Cost | undefined
  readonly plan: string | undefined
  readonly stale: readonly StaleView[] | undefined
}

/** What an answer's `extensions` are made of: what the request asked for, and, whatever it asked for, what of the answer is stale. */
export function extensionsOf(
  request: { readonly nowMicros: number; readonly info?: boolean },
  { cost, plan, stale }: Told,
): Extensions | undefined {
  const isInfo = request.info === true
  if (!isInfo && plan === undefined && stale === undefined) return undefined
  const info = isInfo ? { now: formatTimestamp(request.nowMicros), cost } : {}
  const fieldstone = isInfo || stale !== undefined ? { ...info, stale } : undefined
  return { ...(fieldstone === undefined ? {} : { fieldstone }), ...(plan === undefined ? {} : { explain: plan }) }
}
