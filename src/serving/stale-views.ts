import type { RequestState } from './request.ts'
import type { ViewRow } from './row-set.ts'
import { neededViews } from './scans.ts'

/** What of one view was served from copies, as an answer tells of it. */
export interface StaleView {
  readonly view: string
  readonly version: number
  /** Keys whose row of the view is a copy, each once however often the answer holds it. */
  readonly rows: number
  /** How long ago the store was asked for the oldest of them. */
  readonly maxAgeSeconds: number
}

/**
 * What of an answer was served from a cache's copies, for the store could not be read, in the order of names; undefined where
 * nothing was. Reads may have brought more than the answer needs, so it is gathered from what each object is made of.
 */
export function staleViews(state: RequestState): readonly StaleView[] | undefined {
  if (!state.hasStale) return undefined
  const seen = new Set<ViewRow>()
  const views = new Map<string, StaleView>()
  for (const selection of state.plan.selections) {
    const needed = neededViews(state, selection)
    for (const { row, failure } of state.objects.of(selection)) {
      if (failure !== undefined) continue
      for (const index of needed) {
        const cell = row.cells[index] as ViewRow
        if (cell.staleMillis === undefined || seen.has(cell)) continue
        seen.add(cell)
        const { name, version } = row.entity.batchViews[index]!
        const { rows = 0, maxAgeSeconds = 0 } = views.get(name) ?? {}
        const ageSeconds = cell.staleMillis / 1_000
        views.set(name, { view: name, version, rows: rows + 1, maxAgeSeconds: Math.max(maxAgeSeconds, ageSeconds) })
      }
    }
  }
  if (views.size === 0) return undefined
  return [...views.values()].toSorted((a, b) => (a.view < b.view ? -1 : 1))
}
