import type { RegistryBatchView } from '../registry/registry.ts'
import type { TimeBound } from '../stores/offline/offline-store.ts'
import { type Reached, reachOf } from './progress-records.ts'

/** Which rows a run brings: all that can be served, those of some event times (both ends inclusive), or those since the last run. */
export type MaterializeRange =
  | { readonly kind: 'full' }
  | { readonly kind: 'range'; readonly fromMicros: number | undefined; readonly toMicros: number | undefined }
  | { readonly kind: 'incremental' }

/** One pass over the source: rows within all of its bounds, in the order of its first column. */
export interface ScanPass {
  readonly bounds: readonly TimeBound[]
  /** The first is the pass's time; rows that tie are neighbours. Of a static table only the keys. */
  readonly orderBy: readonly string[]
}

export interface ScanPlan {
  /** The last can go on after a stop, by its time. */
  readonly passes: readonly ScanPass[]
  /** Event times that are read; undefined is unbounded. */
  readonly fromMicros: number | undefined
  readonly toMicros: number
}

/** What a run reads: of the rows that its range asks for those that were not brought by what it goes on from. */
export function scanPlan(
  view: RegistryBatchView,
  range: MaterializeRange,
  options: { readonly nowMicros: number; readonly goesOnFrom: Reached | undefined },
): ScanPlan {
  const { source } = view
  const { eventTime, ingestTime, keyColumns, tieBreaker, deletedColumn } = source
  if (eventTime === undefined) {
    return { passes: [{ bounds: [], orderBy: keyColumns }], fromMicros: undefined, toMicros: options.nowMicros }
  }
  const { fromMicros, toMicros } = eventTimes(view, range, options.nowMicros)
  const events: TimeBound = { column: eventTime, toMicros, ...(fromMicros === undefined ? {} : { fromMicros }) }
  const orderBy = [ingestTime, eventTime, ...keyColumns, tieBreaker, deletedColumn].filter((name) => name !== undefined)
  return { passes: passesFrom(options.goesOnFrom, events, { orderBy, ingestTime }), fromMicros, toMicros }
}

/** Never after the run's now (SPEC V1). Rows older than ttl + retention are NOT_FOUND to everyone (V2), so they need not be brought. */
function eventTimes(
  view: RegistryBatchView,
  range: MaterializeRange,
  nowMicros: number,
): { readonly fromMicros: number | undefined; readonly toMicros: number } {
  const reachMicros = reachOf(view)
  const horizon = reachMicros === null ? undefined : nowMicros - reachMicros
  if (range.kind !== 'range') return { fromMicros: horizon, toMicros: nowMicros }
  const starts = [horizon, range.fromMicros].filter((micros) => micros !== undefined)
  return {
    fromMicros: starts.length === 0 ? undefined : Math.max(...starts),
    toMicros: Math.min(nowMicros, range.toMicros ?? nowMicros),
  }
}

/**
 * What came since, inclusive, for rows may share an instant. With ingest times before that also the rows that had come already
 * but were dated after the now of then.
 */
function passesFrom(
  reached: Reached | undefined,
  events: TimeBound,
  { orderBy, ingestTime }: { readonly orderBy: readonly string[]; readonly ingestTime: string | undefined },
): readonly ScanPass[] {
  if (reached === undefined) return [{ bounds: [events], orderBy }]
  if (ingestTime === undefined) return [{ bounds: [since(events, reached.micros)], orderBy }]
  return [
    { bounds: [since(events, reached.nowMicros), { column: ingestTime, toMicros: reached.micros }], orderBy },
    { bounds: [events, { column: ingestTime, fromMicros: reached.micros }], orderBy },
  ]
}

function since(bound: TimeBound, micros: number): TimeBound {
  return { ...bound, fromMicros: Math.max(micros, bound.fromMicros ?? micros) }
}
