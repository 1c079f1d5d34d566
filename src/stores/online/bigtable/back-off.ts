import { setTimeout as pause } from 'node:timers/promises'
import { FieldstoneError } from '../../../errors.ts'
import type { Table } from './table.ts'

const MAX_MILLIS = 100

/**
 * Another has written the same keys meanwhile: waits longer each time, never as long as another who met them. Throws STORE_UNAVAILABLE
 * where that has gone on since `start` for as long as a write may take.
 */
export async function backOff({ settings, place }: Table, start: number, round: number): Promise<void> {
  const spentMillis = performance.now() - start
  if (spentMillis > settings.writeTimeoutMillis) {
    const why = `Others wrote the same keys again and again for ${Math.round(spentMillis)} ms.`
    throw new FieldstoneError('STORE_UNAVAILABLE', { seen: place, why })
  }
  await pause(Math.random() * Math.min(MAX_MILLIS, 2 ** round))
}
