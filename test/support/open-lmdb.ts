import { onTestFinished } from 'vitest'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { openStore, type StoreAddress } from './store-process.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** Where an LMDB of the test's own will be. */
export async function lmdbAddress(): Promise<StoreAddress> {
  return { driver: 'lmdb', options: { path: 'online' }, folder: await temporaryFolder() }
}

/** A real LMDB of the test's own, closed when it is over. */
export async function openLmdb(address?: StoreAddress): Promise<OnlineStore> {
  const store = await openStore(address ?? (await lmdbAddress()))
  onTestFinished(() => store.close())
  return store
}
