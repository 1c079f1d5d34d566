import type { RegistryBatchView } from '../registry/registry.ts'
import type { Records } from '../stores/online/records.ts'

/** How far runs have come: every row of theirs up to both is written. */
export interface Reached {
  /** In the order of the scan: ingest time, or event time where the source has none. Never after `nowMicros`. */
  readonly micros: number
  /** The run's now: rows dated after it were not read. */
  readonly nowMicros: number
}

/** How far an unfinished run has come: where the same run goes on after it was stopped. */
export interface Checkpoint extends Reached {
  /** Names the run: the view's fingerprint and reach, and what was asked. */
  readonly run: string
}

/** How far the finished runs of a view have come, where `incremental` goes on, with what that holds for. */
interface WatermarkRecord extends Reached {
  /** Of the view: rows up to the watermark are written with these columns of this source. */
  readonly fingerprint: string
  /** The view's ttl + retention: older rows were not read. Null: all were. */
  readonly reachMicros: number | null
}

/** What materialization remembers of one view, in the online store. */
export interface ProgressRecords {
  /**
   * Undefined where there is none, and where it says nothing of the view as it is now: a feature was added since, which the
   * rows before it lack, or the ttl was raised, within which there are rows that were not read.
   */
  watermark(): Promise<Reached | undefined>
  /** Never moves back. */
  advance(next: Reached): Promise<void>
  checkpoint(run: string, nowMicros: number): Promise<Checkpoint | undefined>
  keep(checkpoint: Checkpoint): Promise<void>
  clear(): Promise<void>
  /** A static run's order: this now, or just above that of the last run where the clock has not moved (SPEC V4). */
  staticOrder(nowMicros: number): Promise<number>
}

/** A stopped run is taken up within a day of its now, for later its source may be another; before it other rows are in reach. */
const RESUMABLE_MICROS = 86_400_000_000

export function progressRecords(records: Records, view: RegistryBatchView): ProgressRecords {
  const { fingerprint } = view
  const reachMicros = reachOf(view)

  function isOfNow(record: WatermarkRecord | undefined): record is WatermarkRecord {
    if (record?.fingerprint !== fingerprint) return false
    return record.reachMicros === null || (reachMicros !== null && reachMicros <= record.reachMicros)
  }

  return {
    watermark: async () => {
      const record = await records.get<WatermarkRecord>('watermark', view.id)
      return isOfNow(record) ? record : undefined
    },
    advance: async ({ micros, nowMicros }) => {
      await records.update<WatermarkRecord>('watermark', view.id, (record) => {
        const current = isOfNow(record) ? record : { micros, nowMicros }
        return {
          micros: Math.max(current.micros, micros),
          nowMicros: Math.max(current.nowMicros, nowMicros),
          ...{ fingerprint, reachMicros },
        }
      })
    },
    checkpoint: async (run, nowMicros) => {
      const found = await records.get<Checkpoint>('checkpoint', view.id)
      if (found?.run !== run) return undefined
      const agoMicros = nowMicros - found.nowMicros
      return agoMicros >= 0 && agoMicros <= RESUMABLE_MICROS ? found : undefined
    },
    keep: async (checkpoint) => {
      await records.update<Checkpoint>('checkpoint', view.id, () => checkpoint)
    },
    clear: async () => {
      await records.update('checkpoint', view.id, () => undefined)
    },
    staticOrder: async (nowMicros) => {
      const order = await records.update<number>('staticOrder', view.id, (last) =>
        last === undefined ? nowMicros : Math.max(nowMicros, last + 1),
      )
      return order!
    },
  }
}

/** How far back from its now a run reads; null is without bound. */
export function reachOf({ ttlMicros, retentionMicros }: RegistryBatchView): number | null {
  return ttlMicros === undefined ? null : ttlMicros + (retentionMicros ?? 0)
}
