import { randomUUID } from 'node:crypto'
import { onTestFinished } from 'vitest'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { sharedBigtable } from './services/bigtable.ts'
import { openStore, type StoreAddress } from './store-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Where a table of the test's own will be. */
export async function bigtableAddress(options: Readonly<Record<string, unknown>> = {}): Promise<StoreAddress> {
  const { host } = await sharedBigtable()
  // Emulators are slow, above all at filters of many columns.
  const given = { readTimeoutMillis: 20_000, ...options }
  const names = { project: 'test', instance: 'test', table: `t-${randomUUID()}`, emulatorHost: host }
  return { driver: 'bigtable', options: { ...names, ...given }, folder: await temporaryFolder() }
}

/** A table of the test's own, made as `fieldstone apply` makes it. */
export async function freshBigtable(options: Readonly<Record<string, unknown>> = {}): Promise<StoreAddress> {
  const address = await bigtableAddress(options)
  const store = await openStore(address)
  await store.prepare({ views: [] }, { dryRun: false })
  await store.close()
  return address
}

/** A store of a table of the test's own, closed when it is over. */
export async function openBigtable(address?: StoreAddress): Promise<OnlineStore> {
  const store = await openStore(address ?? (await freshBigtable()))
  onTestFinished(() => store.close())
  return store
}
