import { systemClock } from '../../src/lib/clock.ts'
import type { OpenContext } from '../../src/stores/online/online-store.ts'

/** What a driver is opened for, in a test: a folder, and what else the test is about. */
export function openContext(baseDirectory: string, parts: Partial<OpenContext> = {}): OpenContext {
  const context: OpenContext = {
    role: 'own',
    baseDirectory,
    clock: systemClock(),
    machineClock: systemClock(),
    copyRulesOf: () => undefined,
    definesView: () => true,
    open: (driver, role) => {
      const clock = role === 'front' ? context.machineClock : context.clock
      return driver.open(driver.options, { ...context, role, clock })
    },
    ...parts,
  }
  return context
}
