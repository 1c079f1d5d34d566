import { formatTimestamp } from '../lib/micros.ts'
import type { Extensions } from './answer.ts'
import type { Cost } from './cost.ts'

/** What an answer's `extensions` are made of; undefined where the request asked for none. */
export function extensionsOf(
  request: { readonly nowMicros: number; readonly info?: boolean },
  { cost, plan }: { readonly cost: Cost | undefined; readonly plan: string | undefined },
): Extensions | undefined {
  const fieldstone = request.info === true ? { now: formatTimestamp(request.nowMicros), cost } : undefined
  if (fieldstone === undefined && plan === undefined) return undefined
  return { ...(fieldstone === undefined ? {} : { fieldstone }), ...(plan === undefined ? {} : { explain: plan }) }
}
