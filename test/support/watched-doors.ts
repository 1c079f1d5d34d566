import type { Serving } from '../../src/serving/serving.ts'

/** The long way through Apollo Server, or the short one from the body straight to the plan. */
export type Door = 'long' | 'warm'

export interface DoorsTaken {
  /** The doors of the requests since the last call, in the order of their execution. A request that was refused before has none. */
  take(): readonly Door[]
}

/** Apollo's executor calls `execute`, the warm door what `find` gave it: so the calls tell the doors. */
export function watchDoors(): { readonly watch: (serving: Serving) => Serving; readonly taken: DoorsTaken } {
  const doors: Door[] = []
  const watch = (serving: Serving): Serving => ({
    fingerprint: serving.fingerprint,
    explain: serving.explain,
    plans: serving.plans,
    counts: serving.counts,
    execute: (request) => {
      doors.push('long')
      return serving.execute(request)
    },
    find: (text, operationName) => {
      const ready = serving.find(text, operationName)
      if (ready === undefined) return undefined
      return {
        execute: (request) => {
          doors.push('warm')
          return ready.execute(request)
        },
      }
    },
  })
  return { watch, taken: { take: () => doors.splice(0) } }
}
