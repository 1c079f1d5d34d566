import { createRecords } from '../stores/online/records.ts'
import { type MaterializeOptions, type MaterializeSummary, materializeView } from './materialize.ts'
import { isDue, scheduledInstant } from './schedule.ts'

/**
 * Runs a view incrementally if its schedule says so, for cron; gives undefined where it is not due. The lease of the run keeps two
 * crons apart, and the instant is recorded only when the run is done, so a killed one is due again.
 */
export async function materializeDue(
  options: Omit<MaterializeOptions, 'range'>,
): Promise<MaterializeSummary | undefined> {
  const { view, online, clock } = options
  const records = createRecords(online)
  const nowMicros = clock.nowMicros()
  const last = await records.get<number>('scheduledInstant', view.id)
  if (!isDue(view.schedule, last, nowMicros)) return undefined
  const fixed = { ...clock, nowMicros: () => nowMicros }
  const summary = await materializeView({ ...options, clock: fixed, range: { kind: 'incremental' } })
  if (view.schedule !== undefined) {
    const instant = scheduledInstant(view.schedule, nowMicros)
    await records.update<number>('scheduledInstant', view.id, (current) => Math.max(current ?? instant, instant))
  }
  return summary
}
