import type { RegistrySchedule } from '../registry/registry.ts'

/** The greatest instant of a schedule whose rows are complete at `nowMicros`: `offset + n x every`, `availableAfter` before now. */
export function scheduledInstant(schedule: RegistrySchedule, nowMicros: number): number {
  const { everyMicros, offsetMicros, availableAfterMicros } = schedule
  return Math.floor((nowMicros - availableAfterMicros - offsetMicros) / everyMicros) * everyMicros + offsetMicros
}

/** Whether a view is to be run: it has no schedule, never ran, or an instant has come since the one it last ran for. */
export function isDue(
  schedule: RegistrySchedule | undefined,
  lastInstantMicros: number | undefined,
  nowMicros: number,
): boolean {
  if (schedule === undefined || lastInstantMicros === undefined) return true
  return scheduledInstant(schedule, nowMicros) > lastInstantMicros
}
