import { systemClock } from '../../src/lib/clock.ts'
import type { OpenContext } from '../../src/stores/online/online-store.ts'

/** What a driver is opened for, in a test: a folder, and what else the test is about. */
export function openContext(baseDirectory: string, parts: Partial<OpenContext> = {}): OpenContext {
  const context: OpenContext = {
    baseDirectory,
    clock: systemClock(),
    copyRulesOf: () => undefined,
    open: (driver) => driver.open(driver.options, context),
    ...parts,
  }
  return context
}
