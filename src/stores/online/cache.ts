import { FieldstoneError } from '../../errors.ts'
import type { Duration } from '../../lib/duration.ts'
import { createCachedStore } from './cache/cached-store.ts'
import { type CopyTimes, cacheSettings } from './cache/settings.ts'
import { stampsOf } from './cache/stamps.ts'
import { rulesReader } from './cache/view-rules.ts'
import type { OnlineDriver, OnlineStore, OpenContext } from './online-store.ts'

/** What stands before what, and how long copies are used. */
export interface CacheOptions extends CopyTimes {
  /** The store that holds the rows. */
  readonly store: OnlineDriver
  /** What holds the copies: `memory({ maxBytes })` of each process, or `redis({ … })` for all of them. */
  readonly in: OnlineDriver
  /** How long rows are used without asking the store. Default `'10s'`. */
  readonly ttl?: Duration
  /** Other times for single views, by name. */
  readonly views?: Readonly<Record<string, CopyTimes>>
  /** How long a read waits for the front before it asks the store; a write waits so long for each 500 rows. At most a minute. Default `'50ms'`. */
  readonly frontTimeout?: Duration
  /** Larger cells are not kept. Default 262,144. */
  readonly maxCellBytes?: number
}

/**
 * A store with copies of its rows in front of it. Reads take a copy that is no older than the ttl, and ask the store for the rest, once for
 * all who want it; writes go to the store and then to the front. No copy is ever older than its view's `maxStaleness`.
 */
export function cache(options: CacheOptions): OnlineDriver {
  return Object.freeze({
    ...({ kind: 'onlineDriver', name: 'cache', options: Object.freeze({ ...options }), open: openCache } as const),
  })
}

async function openCache(
  options: Readonly<Record<string, unknown>>,
  { role, copyRulesOf, definesView, machineClock, open }: OpenContext,
): Promise<OnlineStore> {
  if (role !== 'own') {
    throw new FieldstoneError('CONFIG_INVALID', {
      seen: `a cache ${role === 'front' ? 'in front of a store' : 'behind another'}`,
      why: 'The ages of copies of copies would add up.',
      mend: 'Write one cache, with a front and a store that are none.',
    })
  }
  const [storeDriver, frontDriver] = [driverOf(options, 'store'), driverOf(options, 'in')]
  const settings = cacheSettings(options, definesView)
  const store = await open(storeDriver, 'behind')
  const front = await open(frontDriver, 'front').catch(async (error: unknown) => {
    await store.close()
    throw error
  })
  return createCachedStore({
    ...{ store, front, rulesOf: rulesReader(settings, copyRulesOf), nowMicros: stampsOf(machineClock) },
    frontTimeoutMillis: settings.frontTimeoutMillis,
    maxCellBytes: settings.maxCellBytes,
  })
}

function driverOf(options: Readonly<Record<string, unknown>>, name: 'store' | 'in'): OnlineDriver {
  const driver = options[name] as Partial<OnlineDriver> | undefined
  if (driver?.kind === 'onlineDriver' && typeof driver.open === 'function') return driver as OnlineDriver
  throw new FieldstoneError('CONFIG_INVALID', {
    // It may be an address with a password in it.
    seen: `cache({ ${name}: … }), of type ${typeof options[name]}`,
    why: name === 'store' ? 'It is the store that holds the rows.' : 'It is what holds the copies.',
    mend:
      name === 'store'
        ? "Write its factory, such as lmdb({ path: '.fieldstone/online' })."
        : 'Write memory({ maxBytes: 268_435_456 }), say.',
  })
}
