import { BucketCounts } from '../lib/bucket-counts.ts'
import type { RegistryBatchView } from '../registry/registry.ts'
import type { ViewRow } from './row-set.ts'

/** What a serving has done since it was made, in plain numbers: they are added to on the hot path, and read now and then. */
export interface ServingCounts {
  readonly finds: PlanFinds
  /** Cells that were read as NOT_FOUND because their column list is nowhere. */
  readonly unknownColumnLists: number
  /** Of an entity, made at its first read. */
  ofEntity(entity: string): EntityReads
  /** Of a view, made at its first read. */
  ofView(view: RegistryBatchView): ViewCounts
  readonly entities: Iterable<EntityReads>
  readonly views: Iterable<ViewCounts>
}

/** How a request came to its plan: `warm` from its text alone, `kept` after it was parsed and validated once more, `made` where it had to be planned. */
export type PlanFind = 'warm' | 'kept' | 'made'

export type PlanFinds = Record<PlanFind, number>

/** What was read of one entity. Scans that meet become one read; keys that they share are read once. */
export interface EntityReads {
  readonly entity: string
  scans: number
  reads: number
  keysAsked: number
  keysRead: number
}

/** Seconds: a minute, an hour, a day, a week, and what lies about them. */
const AGE_BOUNDS = [1, 10, 60, 300, 900, 3_600, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800, 2_592_000]

/** One row in so many has its age looked at. A prime, so that no usual number of keys always meets the same one. */
export const AGE_SAMPLE = 7

/** What the rows of one view came to that requests were answered from. */
export class ViewCounts {
  /** `name@version`. */
  readonly view: string
  present = 0
  outsideMaxAge = 0
  notFound = 0
  failed = 0
  /** Of all those, copies that a cache gave for want of the store's. */
  stale = 0
  /** Seconds from the event time to the request's now, of one in `AGE_SAMPLE` rows that are there. Undefined: rows have no time. */
  readonly ages: BucketCounts | undefined
  #untilSampled = 1

  constructor({ id, source }: RegistryBatchView) {
    this.view = id
    this.ages = source.eventTime === undefined ? undefined : new BucketCounts(AGE_BOUNDS)
  }

  count(row: ViewRow | Error, nowMicros: number): void {
    if (row instanceof Error) {
      this.failed += 1
      return
    }
    const { status, header, staleMillis } = row
    if (staleMillis !== undefined) this.stale += 1
    if (status === 'NOT_FOUND') {
      this.notFound += 1
      return
    }
    if (status === 'PRESENT') this.present += 1
    else this.outsideMaxAge += 1
    this.#untilSampled -= 1
    if (this.#untilSampled > 0) return
    this.#untilSampled = AGE_SAMPLE
    this.ages?.add((nowMicros - header!.eventMicros) / 1e6)
  }
}

export function createServingCounts(lists: { readonly nowhereCount: number }): ServingCounts {
  const entities = new Map<string, EntityReads>()
  const views = new Map<RegistryBatchView, ViewCounts>()
  return {
    finds: { warm: 0, kept: 0, made: 0 },
    get unknownColumnLists() {
      return lists.nowhereCount
    },
    ofEntity: (entity) => {
      const known = entities.get(entity)
      if (known !== undefined) return known
      const counts = { entity, scans: 0, reads: 0, keysAsked: 0, keysRead: 0 }
      entities.set(entity, counts)
      return counts
    },
    ofView: (view) => {
      const known = views.get(view)
      if (known !== undefined) return known
      const counts = new ViewCounts(view)
      views.set(view, counts)
      return counts
    },
    get entities() {
      return entities.values()
    },
    get views() {
      return views.values()
    },
  }
}
