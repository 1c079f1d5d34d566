import { FieldstoneError } from '../errors.ts'
import { systemClock } from '../lib/clock.ts'
import { resolveEnv } from '../registry/env.ts'
import type { Registry } from '../registry/registry.ts'
import type { OfflineStore } from '../stores/offline/offline-store.ts'
import { type ColumnLists, createColumnLists } from '../stores/online/column-lists.ts'
import type { OnlineDriver, OnlineStore, OpenContext, StoreRole } from '../stores/online/online-store.ts'
import { createRecords, type Records } from '../stores/online/records.ts'
import type { Deployment } from './load-config.ts'

/** An open online store with what stands on every one of them. */
export interface Online {
  readonly store: OnlineStore
  readonly records: Records
  readonly lists: ColumnLists
}

/** One of the stores that a deployment opens. */
export interface OpenedStore {
  /** Its driver, and which of that driver's it is where there are several: `redis`, `redis 2`. */
  readonly name: string
  readonly role: StoreRole
  /** Whether it stands before others that it had opened for it, as a cache does. */
  readonly standsBefore: boolean
}

/** Puts around each store what its use asks for. */
export type AroundStore = (store: OnlineStore, opened: OpenedStore) => OnlineStore

/**
 * Opens the online store that the config names. Close its `store`. Throws ENVIRONMENT_MISSING, DRIVER_MISSING and STORE_UNAVAILABLE.
 * @param around default: each store is used as its driver gives it
 */
export async function openOnline(
  { config, directory, registry }: Deployment,
  around: AroundStore = (store) => store,
): Promise<Online> {
  const machineClock = systemClock()
  const copyRulesOf = copyRulesIn(registry)
  const viewNames = new Set(registry.entities.flatMap(({ batchViews }) => batchViews.map(({ name }) => name)))
  const nameOf = countingNames()
  async function openDriver(driver: OnlineDriver, role: StoreRole): Promise<OnlineStore> {
    const clock = role === 'front' ? machineClock : config.clock
    const name = nameOf(driver)
    let standsBefore = false
    const open: OpenContext['open'] = (inner, innerRole) => {
      standsBefore = true
      return openDriver(inner, innerRole)
    }
    const context: OpenContext = {
      ...{ role, baseDirectory: directory, clock, machineClock, copyRulesOf, open },
      definesView: (view) => viewNames.has(view),
    }
    const store = await driver.open(resolveEnv(driver.options, process.env), context)
    return around(store, { name, role, standsBefore })
  }
  const store = await openDriver(config.online, 'own')
  return { store, records: createRecords(store), lists: createColumnLists(store) }
}

/** Tells stores of one driver apart. */
function countingNames(): (driver: OnlineDriver) => string {
  const counts = new Map<string, number>()
  return ({ name }) => {
    const count = (counts.get(name) ?? 0) + 1
    counts.set(name, count)
    return count === 1 ? name : `${name} ${count}`
  }
}

/** How long rows of the views that are defined may be kept as copies. */
function copyRulesIn({ entities }: Registry): OpenContext['copyRulesOf'] {
  const views = entities.flatMap(({ batchViews }) => batchViews)
  const rules = new Map(
    views.map(({ id, maxStalenessMicros: micros, staleIfError }) => [
      id,
      { maxStalenessMillis: micros === undefined ? undefined : micros / 1_000, staleIfError },
    ]),
  )
  return (view) => rules.get(view)
}

/** Opens the offline store that the config names. Throws CONFIG_INVALID where it names none. */
export async function openOffline({ config, configFile, directory }: Deployment): Promise<OfflineStore> {
  if (config.offline === undefined) {
    throw new FieldstoneError('CONFIG_INVALID', {
      seen: `${configFile}: offline is not set`,
      why: 'Rows are read from the offline store.',
      mend: "Write offline: duckdb() or another driver's factory.",
    })
  }
  return config.offline.open(resolveEnv(config.offline.options, process.env), directory)
}

/** Runs a piece of work with the online store open, and closes it whatever happens. */
export async function withOnline<T>(deployment: Deployment, work: (online: Online) => Promise<T>): Promise<T> {
  const online = await openOnline(deployment)
  try {
    return await work(online)
  } finally {
    await online.store.close()
  }
}
