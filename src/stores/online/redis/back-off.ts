import { setTimeout as pause } from 'node:timers/promises'

const MAX_MILLIS = 50

/** Waits longer each time, never as long as another who met the same cell. */
export async function backOff(round: number): Promise<void> {
  await pause(Math.random() * Math.min(MAX_MILLIS, 2 ** round))
}
