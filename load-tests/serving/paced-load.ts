import { openLanes } from './lanes.ts'
import { createLatencies } from './latencies.ts'
import type { PacedResult } from './messages.ts'

export interface PacedLoadOptions {
  readonly port: number
  /** Requests wait for one of them that is free; their waiting counts. */
  readonly connections: number
  readonly seconds: number
  /** Requests a second, at even distances. */
  readonly rps: number
  readonly nextRequest: () => Buffer
}

/** How long the last answers may take when all has been sent. */
const MAX_DRAIN_MILLIS = 30_000

/**
 * Sends requests when their time has come, whatever became of those before (an open loop), and measures each from the time when it was
 * to be sent: what a slow answer holds up is counted, too. Never sleeps, for a timer comes a millisecond late. What fails is counted,
 * and its connection made anew. Rejects where that cannot be done, or where answers stay out.
 */
export async function pacedLoad(options: PacedLoadOptions): Promise<PacedResult> {
  const { rps, nextRequest } = options
  const total = Math.max(1, Math.round(options.seconds * rps))
  const [latencies, lateness] = [createLatencies(), createLatencies()]
  let firstFailure: string | undefined
  let failures = 0
  const lanes = await openLanes(options)
  lanes.onAnswer = (dueAt) => latencies.add(performance.now() - dueAt)
  lanes.onFailure = (error) => {
    failures += 1
    firstFailure ??= error.message
  }
  let lost: Error | undefined
  lanes.onLost = (error) => {
    lost = error
  }
  const cpuBefore = process.cpuUsage()
  const begin = performance.now()
  const dueAt = (request: number): number => begin + (1000 * request) / rps
  let sent = 0
  await untilTrue(() => {
    const now = performance.now()
    for (; sent < total && lanes.hasFree && dueAt(sent) <= now; sent += 1) {
      lateness.add(now - dueAt(sent))
      lanes.send(nextRequest(), dueAt(sent))
    }
    if (lost !== undefined) throw lost
    if (now > dueAt(total) + MAX_DRAIN_MILLIS) throw new Error('answers have not come for half a minute')
    return latencies.count + failures >= total
  })
  const tookMs = performance.now() - begin
  const { user, system } = process.cpuUsage(cpuBefore)
  lanes.close()
  return {
    ...{ requests: latencies.count, failures, firstFailure, seconds: tookMs / 1000 },
    ...{ p50Ms: latencies.at(0.5), p90Ms: latencies.at(0.9), p99Ms: latencies.at(0.99), p999Ms: latencies.at(0.999) },
    ...{ maxMs: latencies.at(1), lateP99Ms: lateness.at(0.99), generatorBusy: (user + system) / 1000 / tookMs },
  }
}

/** Asks again and again, with whatever else happens in between. */
function untilTrue(isDone: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const turn = (): void => {
      try {
        if (isDone()) resolve()
        else setImmediate(turn)
      } catch (error) {
        reject(error)
      }
    }
    turn()
  })
}
