import { section, wholeNumber } from './setting-shapes.ts'

/** What reads of each online store are held to, set under `server.storeGuard`: each a whole number. */
export interface StoreGuardSettings {
  /**
   * Milliseconds that a read may take, and before it may wait for its turn; then it fails with STORE_UNAVAILABLE, or STORE_BUSY
   * where it never began. Default 1,000, or half of `server.limits.deadlineMillis` where that is less.
   */
  readonly readTimeoutMillis: number
  /** Reads that a store is asked for at one time. Reads of several requests may be one, where the store merges. Default 256. */
  readonly maxReadsInFlight: number
  /** Reads that wait behind those; those above are refused with STORE_BUSY. Default 1,024. */
  readonly maxReadsWaiting: number
  /** Reads that have to fail, with none answered between, before the circuit opens. Default 5. */
  readonly openAfterFailures: number
  /** Milliseconds in which none may have been answered before it does. Default 500. */
  readonly openAfterMillis: number
  /** Milliseconds that the circuit stays open before a read is let through as a probe; doubled at each that fails. Default 500. */
  readonly probeAfterMillis: number
  /** The most milliseconds between probes. Default 10,000. */
  readonly maxProbeAfterMillis: number
}

const MAX_MILLIS = 3_600_000

/** Each setting's default, least and greatest value. */
export const STORE_GUARD_RANGES = Object.freeze({
  readTimeoutMillis: [1_000, 1, MAX_MILLIS],
  maxReadsInFlight: [256, 1, 1_000_000],
  maxReadsWaiting: [1_024, 0, 1_000_000],
  openAfterFailures: [5, 1, 1_000_000],
  openAfterMillis: [500, 0, MAX_MILLIS],
  probeAfterMillis: [500, 1, MAX_MILLIS],
  maxProbeAfterMillis: [10_000, 1, MAX_MILLIS],
} as const satisfies Readonly<Record<keyof StoreGuardSettings, readonly [number, number, number]>>)

/** Checks `server.storeGuard`; the messages are mends. */
export function storeGuardShape() {
  const setting = (name: keyof StoreGuardSettings) => {
    const [, least, most] = STORE_GUARD_RANGES[name]
    return wholeNumber(least, most).optional()
  }
  return section({
    ...{ readTimeoutMillis: setting('readTimeoutMillis'), maxReadsInFlight: setting('maxReadsInFlight') },
    ...{ maxReadsWaiting: setting('maxReadsWaiting'), openAfterFailures: setting('openAfterFailures') },
    ...{ openAfterMillis: setting('openAfterMillis'), probeAfterMillis: setting('probeAfterMillis') },
    maxProbeAfterMillis: setting('maxProbeAfterMillis'),
  })
}

/** What of the settings a config has: a setting that is undefined is as one that is not there. */
type Given = { readonly [Name in keyof StoreGuardSettings]?: number | undefined }

/** Fills in defaults. */
export function storeGuardSettings(given: Given = {}, deadlineMillis: number): StoreGuardSettings {
  const settingOf = (name: keyof StoreGuardSettings): number => given[name] ?? STORE_GUARD_RANGES[name][0]
  return {
    // A read that outlives its request would end with it, and say nothing of the store.
    readTimeoutMillis:
      given.readTimeoutMillis ?? Math.min(settingOf('readTimeoutMillis'), Math.ceil(deadlineMillis / 2)),
    maxReadsInFlight: settingOf('maxReadsInFlight'),
    maxReadsWaiting: settingOf('maxReadsWaiting'),
    openAfterFailures: settingOf('openAfterFailures'),
    openAfterMillis: settingOf('openAfterMillis'),
    probeAfterMillis: settingOf('probeAfterMillis'),
    maxProbeAfterMillis: settingOf('maxProbeAfterMillis'),
  }
}
