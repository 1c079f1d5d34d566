import type { PacedResult, ServerMemory } from '../serving/messages.ts'
import { type HalfLoadOptions, withHalfLoad } from './half-load.ts'

export interface SoakOptions extends HalfLoadOptions {
  readonly steps: number
  readonly stepSeconds: number
  readonly onStart: (capacityRps: number) => void
  readonly onStep: (step: SoakStep) => void
}

/** A minute of the load, and the gateway's memory at its end. */
export interface SoakStep extends PacedResult, ServerMemory {
  /** From 1. */
  readonly step: number
  readonly cpuMsPerRequest: number
}

export interface SoakResult {
  readonly capacityRps: number
  readonly steps: readonly SoakStep[]
  /** What was alive in the gateway's heap: before the first step, and after the last. */
  readonly liveHeapBytes: readonly [number, number]
}

/** Whether the gateway stays as it is, under half of the load that it can bear. Between two steps is a pause of some milliseconds. */
export function runSoak(options: SoakOptions): Promise<SoakResult> {
  return withHalfLoad(options, async ({ server, capacityRps, load }) => {
    options.onStart(capacityRps)
    await load(options.warmUpSeconds)
    const before = await server.memory(true)
    const steps: SoakStep[] = []
    for (let step = 1; step <= options.steps; step += 1) {
      const cpuBefore = await server.cpuMicros()
      const measured = await load(options.stepSeconds)
      const cpuMicros = (await server.cpuMicros()) - cpuBefore
      const cpuMsPerRequest = cpuMicros / 1000 / (measured.requests + measured.failures)
      steps.push({ ...measured, ...(await server.memory(false)), step, cpuMsPerRequest })
      options.onStep(steps.at(-1)!)
    }
    const after = await server.memory(true)
    return { capacityRps, steps, liveHeapBytes: [before.heapBytes, after.heapBytes] }
  })
}
