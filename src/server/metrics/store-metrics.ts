import { FieldstoneError } from '../../errors.ts'
import { BucketCounts } from '../../lib/bucket-counts.ts'
import type { CircuitState } from '../../stores/online/circuit-breaker.ts'
import type { GuardListener, GuardRefusal } from '../../stores/online/guarded-store.ts'
import type { StoreCall, StoreListener } from '../../stores/online/watched-store.ts'
import { family, histogramFamily, type MetricFamily } from './metric-family.ts'

/** Milliseconds: a look into memory takes microseconds, a read over the network milliseconds. */
const DURATION_BOUNDS = [0.01, 0.025, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000]

const KEY_BOUNDS = [1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000]

/** What a store counts of itself, as `OnlineStore.counts` gives it. */
type OwnCounts = () => Readonly<Record<string, number>>

/** Counts the calls of online stores, each store by its name. */
export interface StoreMetrics {
  /** The listener of a store. `own`: what it counts of itself, asked when metrics are collected. */
  storeListener(store: string, own?: OwnCounts): StoreListener
  /** The listener of what guards a store. */
  guardListener(store: string): GuardListener
  collect(): readonly MetricFamily[]
}

const CIRCUIT_STATES = ['closed', 'probing', 'open'] as const satisfies readonly CircuitState[]

class StoreCounts implements StoreListener {
  readonly durations = new Map<StoreCall, BucketCounts>()
  /** By `call code`. */
  readonly errors = new Map<string, number>()
  readonly readKeys = new BucketCounts(KEY_BOUNDS)
  readonly #reads = new BucketCounts(DURATION_BOUNDS)
  cells = 0
  failedCells = 0
  staleCells = 0
  /** Undefined: nothing guards the store. */
  circuit: CircuitState | undefined
  readonly refusals = new Map<GuardRefusal, number>()

  constructor() {
    this.durations.set('read', this.#reads)
  }

  onRead(keys: number, cells: number, millis: number): void {
    this.#reads.add(millis)
    this.readKeys.add(keys)
    this.cells += keys * cells
  }

  onCells(failed: number, stale: number): void {
    this.failedCells += failed
    this.staleCells += stale
  }

  onCall(call: StoreCall, millis: number): void {
    const known = this.durations.get(call)
    const durations = known ?? new BucketCounts(DURATION_BOUNDS)
    if (known === undefined) this.durations.set(call, durations)
    durations.add(millis)
  }

  onError(call: StoreCall, error: unknown): void {
    const name = `${call} ${error instanceof FieldstoneError ? error.code : 'INTERNAL_SERVER_ERROR'}`
    this.errors.set(name, (this.errors.get(name) ?? 0) + 1)
  }
}

export function createStoreMetrics(): StoreMetrics {
  const stores = new Map<string, StoreCounts>()
  const caches = new Map<string, OwnCounts>()
  const countsOf = (store: string): StoreCounts => {
    const counts = stores.get(store) ?? new StoreCounts()
    stores.set(store, counts)
    return counts
  }
  return {
    guardListener: (store) => {
      const counts = countsOf(store)
      return {
        circuitIs: (state) => {
          counts.circuit = state
        },
        refused: (why) => void counts.refusals.set(why, (counts.refusals.get(why) ?? 0) + 1),
      }
    },
    storeListener: (store, own) => {
      const counts = countsOf(store)
      if (own !== undefined && 'hits' in own()) caches.set(store, own)
      return counts
    },
    collect: () => [...collectStores([...stores]), ...collectGuards([...stores]), ...collectCaches([...caches])],
  }
}

function collectStores(stores: readonly (readonly [string, StoreCounts])[]): readonly MetricFamily[] {
  const each = (pick: (counts: StoreCounts) => number) =>
    stores.map(([store, counts]) => [{ store }, pick(counts)] as const)
  return [
    histogramFamily(
      'fieldstone_store_call_duration_seconds',
      stores.flatMap(([store, { durations }]) => [...durations].map(([call, of]) => [{ store, call }, of] as const)),
      1e-3,
    ),
    family('fieldstone_store_errors_total', stores.flatMap(errorsByLabels)),
    histogramFamily(
      'fieldstone_store_read_keys',
      stores.map(([store, { readKeys }]) => [{ store }, readKeys] as const),
    ),
    family(
      'fieldstone_store_cells_total',
      each(({ cells }) => cells),
    ),
    family(
      'fieldstone_store_failed_cells_total',
      each(({ failedCells }) => failedCells),
    ),
    family(
      'fieldstone_store_stale_cells_total',
      each(({ staleCells }) => staleCells),
    ),
  ]
}

function errorsByLabels([store, { errors }]: readonly [string, StoreCounts]) {
  return [...errors].map(([name, count]) => {
    const [call = '', code = ''] = name.split(' ')
    return [{ store, call, code }, count] as const
  })
}

function collectGuards(stores: readonly (readonly [string, StoreCounts])[]): readonly MetricFamily[] {
  return [
    family(
      'fieldstone_store_circuit_state',
      stores.flatMap(([store, { circuit }]) =>
        circuit === undefined ? [] : [[{ store }, CIRCUIT_STATES.indexOf(circuit)] as const],
      ),
    ),
    family(
      'fieldstone_store_refusals_total',
      stores.flatMap(([store, { refusals }]) => [...refusals].map(([why, count]) => [{ store, why }, count] as const)),
    ),
  ]
}

/** What a cache finds, as it counts it, by the label's value. */
const FOUND = { hits: 'value', negativeHits: 'nothing', misses: 'miss', stale: 'stale' } as const

function collectCaches(caches: readonly (readonly [string, OwnCounts])[]): readonly MetricFamily[] {
  const told = caches.map(([store, own]) => [store, own()] as const)
  const finds = Object.entries(FOUND).flatMap(([name, found]) =>
    told.map(([store, counts]) => [{ store, found }, counts[name] ?? 0] as const),
  )
  const each = (name: string) =>
    told.flatMap(([store, counts]) => (name in counts ? [[{ store }, counts[name]!] as const] : []))
  return [
    family('fieldstone_cache_finds_total', finds),
    family('fieldstone_cache_front_failures_total', each('frontFailures')),
    family('fieldstone_cache_store_reads_total', each('storeReads')),
    family('fieldstone_cache_bytes', each('bytes')),
    family('fieldstone_cache_evictions_total', each('evictions')),
  ]
}
