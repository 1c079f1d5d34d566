import { availableParallelism } from 'node:os'
import { bigtable } from '../../src/stores/online/bigtable.ts'
import { lmdb } from '../../src/stores/online/lmdb.ts'
import type { OnlineDriver, OnlineStore } from '../../src/stores/online/online-store.ts'
import { redis } from '../../src/stores/online/redis.ts'
import { openContext } from '../../test/support/open-context.ts'
import { CLOCK } from './data.ts'

/** The stores that benches run on. */
export const STORES = ['lmdb', 'redis', 'bigtable'] as const

export type StoreName = (typeof STORES)[number]

/**
 * Whether the machine has a core for each process that works: the server, the load generator and the store's server, where
 * there is one.
 */
export function hasCoreForEach(store: StoreName): boolean {
  return availableParallelism() >= (store === 'lmdb' ? 2 : 3)
}

/** Where the rows of a bench are, as each of its processes is told. */
export type StorePlace = LmdbPlace | RedisPlace | BigtablePlace

export interface LmdbPlace {
  readonly store: 'lmdb'
  readonly folder: string
}

export interface RedisPlace {
  readonly store: 'redis'
  readonly url: string
  /** What all names of keys begin with. */
  readonly keyPrefix: string
}

export interface BigtablePlace {
  readonly store: 'bigtable'
  /** `host:port` */
  readonly emulatorHost: string
  readonly project: string
  readonly instance: string
  /** Fieldstone's; the names of those that the peers read begin so, too. */
  readonly table: string
}

/** The store as a config names it. */
export function driverOf(place: StorePlace): OnlineDriver {
  switch (place.store) {
    case 'lmdb':
      return lmdb({ path: place.folder })
    case 'redis':
      return redis({ url: place.url, keyPrefix: place.keyPrefix })
    case 'bigtable':
      return bigtable({
        ...{ project: place.project, instance: place.instance, table: place.table },
        emulatorHost: place.emulatorHost,
      })
    default:
      return place satisfies never
  }
}

/** The store as every server opens it. */
export function openStore(place: StorePlace): Promise<OnlineStore> {
  const driver = driverOf(place)
  return driver.open(driver.options, openContext('/', { clock: CLOCK }))
}
