import type { Logger } from 'pino'
import type { StoreGuardSettings } from '../registry/store-guard-settings.ts'
import type { CircuitState } from '../stores/online/circuit-breaker.ts'
import { type GuardListener, guardStore } from '../stores/online/guarded-store.ts'
import type { AroundStore } from './open-stores.ts'

/**
 * Puts a guard around each store of a gateway. One that stands before others has theirs, and is given their time: it may have an
 * answer when they have none.
 * @param listenerOf who else is told of what a store's guard does
 */
export function guardStores(
  settings: StoreGuardSettings,
  logger: Logger,
  listenerOf: (name: string) => GuardListener = () => ({}),
): AroundStore {
  return (store, { name, standsBefore }) => {
    if (standsBefore) return store
    const told = listenerOf(name)
    const log = circuitLog(logger, name)
    const circuitIs: GuardListener['circuitIs'] = (state, cause) => {
      log(state, cause)
      told.circuitIs?.(state, cause)
    }
    return guardStore(store, { name, settings, listener: { ...told, circuitIs } })
  }
}

/** A line where a circuit opens, and one where it closes again; the probes between are for debugging. */
function circuitLog(logger: Logger, store: string): (state: CircuitState, cause: Error | undefined) => void {
  let isDown = false
  return (circuit, cause) => {
    if (circuit === 'open')
      logger[isDown ? 'debug' : 'error']({ store, circuit, err: cause }, 'a store does not answer')
    else if (circuit === 'closed' && isDown) logger.warn({ store, circuit }, 'a store answers again')
    if (circuit !== 'probing') isDown = circuit === 'open'
  }
}
