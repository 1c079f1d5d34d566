import type { PacedResult } from '../serving/messages.ts'
import { type HalfLoadOptions, withHalfLoad } from './half-load.ts'

export interface LatencyOptions extends HalfLoadOptions {
  /** Of half load, in each round. */
  readonly seconds: number
  readonly rounds: number
}

export interface LatencyResult {
  readonly capacityRps: number
  /** Of each round. */
  readonly rounds: readonly PacedResult[]
}

/** What latencies the gateway has at half of its capacity. */
export function runLatency(options: LatencyOptions): Promise<LatencyResult> {
  return withHalfLoad(options, async ({ capacityRps, load }) => {
    const rounds: PacedResult[] = []
    await load(options.warmUpSeconds)
    for (let round = 0; round < options.rounds; round += 1) rounds.push(await load(options.seconds))
    return { capacityRps, rounds }
  })
}
