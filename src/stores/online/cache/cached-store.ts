import { FieldstoneError } from '../../../errors.ts'
import type {
  CellBatch,
  DeleteRequest,
  OnlineStore,
  ReadRequest,
  StoreHealth,
  UpdateRequest,
  WriteRequest,
  WriteSummary,
} from '../online-store.ts'
import { StaleCell } from '../online-store.ts'
import { createCachedReads, type ReadCounts } from './cached-reads.ts'
import type { Entry } from './entry.ts'
import { createFront, type KeyedEntry } from './front.ts'
import { createStoreReads, type FlightBatch } from './store-reads.ts'
import type { RulesOf, ViewRules } from './view-rules.ts'

export interface CachedStoreOptions {
  readonly store: OnlineStore
  readonly front: OnlineStore
  readonly rulesOf: RulesOf
  /** The machine's, each later than the one before. */
  readonly nowMicros: () => number
  readonly frontTimeoutMillis: number
  readonly maxCellBytes: number
}

/** A store with another in front of it that holds copies. */
export function createCachedStore(options: CachedStoreOptions): OnlineStore {
  const { store, rulesOf, nowMicros, maxCellBytes } = options
  const front = createFront({ store: options.front, nowMicros, timeoutMillis: options.frontTimeoutMillis })
  const reads = createStoreReads({ store, nowMicros, onAnswer: (batch) => keepAnswers(batch) })
  const counts: ReadCounts = { hits: 0, negativeHits: 0, misses: 0, stale: 0 }
  const readCached = createCachedReads({ store, front, reads, rulesOf, nowMicros, counts })
  const inFlight = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined

  /** Runs a call unless the store is closed, and lets `close` wait for it. */
  async function call<T>(run: () => Promise<T>): Promise<T> {
    if (closing !== undefined) throw new FieldstoneError('STORE_CLOSED', { seen: 'a cache' })
    const running = run()
    inFlight.add(running)
    try {
      return await running
    } finally {
      inFlight.delete(running)
    }
  }

  function read(request: ReadRequest): CellBatch | Promise<CellBatch> {
    if (closing !== undefined) return call(async () => [])
    const found = readCached(request)
    return found instanceof Promise ? call(() => found) : found
  }

  /** Keeps what a read of the store has found, unless something was written since. */
  function keepAnswers({ entity, cells, flights, askedMicros, answeredMicros }: FlightBatch): void {
    for (const [place, { view, part }] of cells.entries()) {
      const rules = rulesOf(entity, { view, part })!
      const rows: KeyedEntry[] = []
      const overtaken: Uint8Array[] = []
      for (const { key, cellPlace, outcome, isOvertaken } of flights) {
        if (cellPlace !== place) continue
        if (isOvertaken) overtaken.push(key)
        else if (!(outcome instanceof Error || outcome instanceof StaleCell)) {
          rows.push({ key, entry: entryOf(outcome, { askedMicros, answeredMicros }, rules) })
        }
      }
      inBackground(() => front.put({ entity, view, part, rules, origin: 'read', rows }))
      // Those who waited for these may know more than those who have asked since.
      if (overtaken.length > 0) inBackground(() => fence({ entity, view }, rules, overtaken))
    }
  }

  /** `close` waits for it. */
  function inBackground(work: () => Promise<unknown>): void {
    call(work).catch(() => {})
  }

  /** What there is no room for, or what is not to be kept, is not known: what stood there before is not true any more. */
  function entryOf(
    cell: Uint8Array | undefined,
    times: Pick<Entry, 'askedMicros' | 'answeredMicros'>,
    { negativeTtlMicros, staleMicros }: ViewRules,
  ): Entry {
    if (cell === undefined && negativeTtlMicros + staleMicros > 0) return { state: 'none', cell, ...times }
    if (cell !== undefined && cell.byteLength <= maxCellBytes) return { state: 'value', cell, ...times }
    return fenceOf(times)
  }

  async function write(request: WriteRequest): Promise<WriteSummary> {
    const { entity, view, part, rows, compare } = request
    const rules = rulesOf(entity, request)
    if (rules === undefined) return store.write(request)
    const askedMicros = nowMicros()
    const keys = rows.map(({ key }) => key)
    let isTold = false
    try {
      const summary = await store.write(request)
      // Which rows are superseded is not told.
      if (summary.superseded > 0) return summary
      const times = { askedMicros, answeredMicros: nowMicros() }
      // A read that is still under way may tell of what others wrote after this.
      const overtaken = reads.overtake(request, keys)
      const kept = rows.map(({ key, cell }) => ({
        key,
        entry: overtaken.has(key) ? fenceOf(times) : entryOf(cell, times, rules),
      }))
      isTold = await front.put({ entity, view, part, rules, origin: 'write', compare, rows: kept })
      return summary
    } finally {
      if (!isTold) await fence(request, rules, keys)
    }
  }

  async function fence(
    { entity, view }: { readonly entity: string; readonly view: string },
    rules: ViewRules | undefined,
    keys: readonly Uint8Array[],
  ): Promise<void> {
    reads.overtake({ entity, view }, keys)
    if (rules === undefined || keys.length === 0) return
    const now = nowMicros()
    const entry = fenceOf({ askedMicros: now, answeredMicros: now })
    const rows = keys.map((key) => ({ key, entry }))
    await front.put({ entity, view, part: 0, rules, origin: 'fence', rows })
  }

  /** Which of two changes of a key was stored last is not told, so what stands is left open. */
  async function updateMany(request: UpdateRequest): Promise<void> {
    const { entity, view, keys } = request
    const rules = rulesOf(entity, { view, part: 0 })
    if (rules === undefined) return store.updateMany(request)
    const changed = new Set<Uint8Array>()
    const update: UpdateRequest['update'] = (current, index) => {
      const changes = request.update(current, index)
      if (changes.has(0)) changed.add(keys[index]!)
      return changes
    }
    try {
      await store.updateMany({ ...request, update })
    } finally {
      await fence(request, rules, [...changed])
    }
  }

  async function remove(request: DeleteRequest): Promise<void> {
    const { entity, view, keys } = request
    const rules = rulesOf(entity, { view, part: 0 })
    try {
      await store.delete(request)
    } finally {
      if (keys !== undefined) await fence(request, rules, keys)
      else {
        reads.overtake(request, undefined)
        if (rules !== undefined) await front.clear({ entity, view })
      }
    }
  }

  async function health(): Promise<StoreHealth> {
    const [own, copies] = await Promise.all([store.health(), options.front.health()])
    const state = copies.ok ? '' : 'not well, and done without: '
    return { ok: own.ok, detail: `${own.detail}; in front ${state}${copies.detail}` }
  }

  async function close(): Promise<void> {
    // What is under way may begin to keep what it finds.
    while (inFlight.size > 0) await Promise.allSettled(inFlight)
    await options.front.close()
    await store.close()
  }

  return {
    mergesReads: options.front.mergesReads,
    counts: () => ({
      ...options.front.counts?.(),
      ...counts,
      frontFailures: front.failureCount,
      storeReads: reads.batchCount,
    }),
    read,
    write: (request) => call(() => write(request)),
    updateMany: (request) => call(() => updateMany(request)),
    delete: (request) => call(() => remove(request)),
    iterate: (request) => store.iterate(request),
    prepare: (plan, how) =>
      call(async () => [...(await store.prepare(plan, how)), ...(await options.front.prepare(plan, how))]),
    health: () => call(health),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}

function fenceOf(times: Pick<Entry, 'askedMicros' | 'answeredMicros'>): Entry {
  return { state: 'fence', cell: undefined, ...times }
}
