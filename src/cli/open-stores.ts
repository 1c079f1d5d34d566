import { FieldstoneError } from '../errors.ts'
import { resolveEnv } from '../registry/env.ts'
import type { OfflineStore } from '../stores/offline/offline-store.ts'
import { type ColumnLists, createColumnLists } from '../stores/online/column-lists.ts'
import type { OnlineDriver, OnlineStore, OpenContext } from '../stores/online/online-store.ts'
import { createRecords, type Records } from '../stores/online/records.ts'
import type { Deployment } from './load-config.ts'

/** An open online store with what stands on every one of them. */
export interface Online {
  readonly store: OnlineStore
  readonly records: Records
  readonly lists: ColumnLists
}

/** Opens the online store that the config names. Close its `store`. Throws ENVIRONMENT_MISSING, DRIVER_MISSING and STORE_UNAVAILABLE. */
export async function openOnline({ config, directory }: Deployment): Promise<Online> {
  const context: OpenContext = {
    baseDirectory: directory,
    clock: config.clock,
    copyRulesOf: () => undefined,
    open: openDriver,
  }
  function openDriver(driver: OnlineDriver): Promise<OnlineStore> {
    return driver.open(resolveEnv(driver.options, process.env), context)
  }
  const store = await openDriver(config.online)
  return { store, records: createRecords(store), lists: createColumnLists(store) }
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
