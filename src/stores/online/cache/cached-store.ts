import { FieldstoneError } from '../../../errors.ts'
import { MAX_KEY_BYTES } from '../key-codec.ts'
import type {
  CellBatch,
  CellName,
  DeleteRequest,
  OnlineStore,
  ReadRequest,
  StoreHealth,
  UpdateRequest,
  WriteRequest,
  WriteSummary,
} from '../online-store.ts'
import { StaleCell } from '../online-store.ts'
import { askedMicrosOf, cellOfEntry, type Entry, entryState } from './entry.ts'
import { createFront, type KeyedEntry } from './front.ts'
import { createStoreReads, type Flight, type FlightBatch } from './store-reads.ts'
import type { RulesOf, ViewRules } from './view-rules.ts'

export interface CachedStoreOptions {
  readonly store: OnlineStore
  readonly front: OnlineStore
  readonly rulesOf: RulesOf
  /** The machine's. */
  readonly nowMicros: () => number
  readonly frontTimeoutMillis: number
  readonly maxCellBytes: number
}

/** The cells of a request by what is to be done with them; the requests of a plan share their list. */
interface CellRules {
  readonly entity: string
  readonly rules: readonly (ViewRules | undefined)[]
  readonly kept: 'all' | 'some' | 'none'
}

/** What a read has found so far. */
interface Answering {
  readonly request: ReadRequest
  readonly rules: readonly ViewRules[]
  /** Entries of the front; undefined where it did not answer. */
  readonly found: CellBatch | undefined
  readonly places: CellBatch[number][]
  /** By place: what is asked of the store for it. */
  readonly flights: Map<number, Flight>
}

/** A store with another in front of it that holds copies. */
export function createCachedStore(options: CachedStoreOptions): OnlineStore {
  const { store, rulesOf, nowMicros, maxCellBytes } = options
  const front = createFront({ store: options.front, nowMicros, timeoutMillis: options.frontTimeoutMillis })
  const reads = createStoreReads({ store, nowMicros, onAnswer: (batch) => keepAnswers(batch) })
  const counted = { hits: 0, negativeHits: 0, misses: 0, stale: 0 }
  const inFlight = new Set<Promise<unknown>>()
  const known = new WeakMap<readonly CellName[], CellRules>()
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

  function cellRules({ entity, cells }: ReadRequest): CellRules {
    const before = known.get(cells)
    if (before?.entity === entity) return before
    const rules = cells.map((cell) => rulesOf(entity, cell))
    const keptCount = rules.filter((rule) => rule !== undefined).length
    const kept = keptCount === 0 ? 'none' : keptCount === rules.length ? 'all' : 'some'
    const made: CellRules = { entity, rules, kept }
    known.set(cells, made)
    return made
  }

  function read(request: ReadRequest): CellBatch | Promise<CellBatch> {
    if (closing !== undefined) return call(async () => [])
    const { rules, kept } = cellRules(request)
    // A key that is none makes the store refuse all that is asked with it.
    if (kept === 'none' || !request.keys.every(isKey)) return store.read(request)
    if (kept === 'some') return call(() => readBoth(request, rules))
    return tracked(readKept(request, rules as readonly ViewRules[]))
  }

  function tracked(batch: CellBatch | Promise<CellBatch>): CellBatch | Promise<CellBatch> {
    return batch instanceof Promise ? call(() => batch) : batch
  }

  /** Cells that are kept and cells that are not, each read in its own way. */
  async function readBoth(request: ReadRequest, rules: CellRules['rules']): Promise<CellBatch> {
    const { cells, keys } = request
    const part = (isKept: boolean) => cells.filter((_, index) => (rules[index] !== undefined) === isKept)
    const ofKept = rules.filter((rule) => rule !== undefined)
    const kept = readKept(partOf(request, part(true)), ofKept)
    const [copies, originals] = await Promise.all([kept, store.read(partOf(request, part(false)))])
    const [fromCopies, fromOriginals] = [copies.values(), originals.values()]
    return keys.flatMap(() => rules.map((rule) => (rule === undefined ? fromOriginals : fromCopies).next().value))
  }

  function readKept(request: ReadRequest, rules: readonly ViewRules[]): CellBatch | Promise<CellBatch> {
    const found = front.read(request)
    return found instanceof Promise
      ? found.then((entries) => answer(request, rules, entries))
      : answer(request, rules, found)
  }

  function answer(
    request: ReadRequest,
    rules: readonly ViewRules[],
    found: CellBatch | undefined,
  ): CellBatch | Promise<CellBatch> {
    const { keys, entity, cells } = request
    const places: CellBatch[number][] = []
    const flights = new Map<number, Flight>()
    const now = nowMicros()
    for (let index = 0; index < keys.length * cells.length; index += 1) {
      const entry = found?.[index]
      const rule = rules[index % cells.length]!
      const state = entry instanceof Uint8Array ? freshState(entry, rule, now) : undefined
      places.push(state === 'value' ? cellOfEntry(entry as Uint8Array) : undefined)
      if (state === 'value') counted.hits += 1
      else if (state === 'none') counted.negativeHits += 1
      else {
        counted.misses += 1
        const cell = cells[index % cells.length]!
        flights.set(index, reads.join({ entity, cell }, keys[Math.floor(index / cells.length)]!))
      }
    }
    return flights.size === 0 ? places : settle({ request, rules, found, places, flights })
  }

  async function settle(answering: Answering): Promise<CellBatch> {
    const { request, rules, found, places, flights } = answering
    await reads.wait(flights.values(), request.signal)
    const now = nowMicros()
    let failure: Error | undefined
    let failures = 0
    for (const [index, { outcome }] of flights) {
      const entry = found?.[index]
      const isAnswered = !(outcome instanceof Error)
      const copy =
        isAnswered || !(entry instanceof Uint8Array)
          ? undefined
          : standIn(entry, rules[index % rules.length]!, { now, failure: outcome })
      places[index] = copy ?? (isAnswered ? ownCopy(outcome) : outcome)
      if (copy !== undefined) counted.stale += 1
      else if (!isAnswered) {
        failure ??= outcome
        failures += 1
      }
    }
    if (failures === places.length) throw failure!
    return places
  }

  /** Keeps what a read of the store has found, unless something was written since. */
  function keepAnswers({ entity, cells, flights, askedMicros, answeredMicros }: FlightBatch): void {
    for (const [place, { view, part }] of cells.entries()) {
      const rules = rulesOf(entity, { view, part })!
      const rows: KeyedEntry[] = []
      for (const { key, cellPlace, outcome, isOvertaken } of flights) {
        if (cellPlace !== place || isOvertaken || outcome instanceof Error || outcome instanceof StaleCell) continue
        const entry = entryOf(outcome, { askedMicros, answeredMicros }, rules)
        rows.push({ key, entry })
      }
      if (rows.length > 0)
        void call(() => front.put({ entity, view, part, rules, origin: 'read', rows })).catch(() => {})
    }
  }

  /** What there is no room for, or what is not to be kept, is not known: what stood there before is not true any more. */
  function entryOf(
    cell: Uint8Array | undefined,
    times: Pick<Entry, 'askedMicros' | 'answeredMicros'>,
    { negativeTtlMicros, staleMicros }: ViewRules,
  ): Entry {
    if (cell === undefined && negativeTtlMicros + staleMicros > 0) return { state: 'none', cell, ...times }
    if (cell !== undefined && cell.byteLength <= maxCellBytes) return { state: 'value', cell, ...times }
    return { state: 'fence', cell: undefined, ...times }
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
      reads.overtake(request, keys)
      const kept = rows.map(({ key, cell }) => ({ key, entry: entryOf(cell, times, rules) }))
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
    const entry: Entry = { state: 'fence', cell: undefined, askedMicros: now, answeredMicros: now }
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
      ...counted,
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

function isKey({ byteLength }: Uint8Array): boolean {
  return byteLength >= 1 && byteLength <= MAX_KEY_BYTES
}

/** The signal is made when it is looked at, so it is not looked at here. */
function partOf(request: ReadRequest, cells: readonly CellName[]): ReadRequest {
  return {
    ...{ entity: request.entity, keys: request.keys, cells },
    get signal() {
      return request.signal
    },
  }
}

/** What an entry says that may be given without asking the store. */
function freshState(entry: Uint8Array, rules: ViewRules, now: number): 'value' | 'none' | undefined {
  const state = entryState(entry)
  if (state === undefined || state === 'fence') return undefined
  const limit = state === 'value' ? rules.ttlMicros : rules.negativeTtlMicros
  return limit > 0 && isYoung(entry, limit, now) ? state : undefined
}

function isYoung(entry: Uint8Array, limitMicros: number, now: number): boolean {
  const age = now - askedMicrosOf(entry)
  return age >= 0 && age <= limitMicros
}

/** A copy in the place of a cell that the store could not give, where that is for want of the store and the view allows it. */
function standIn(
  entry: Uint8Array,
  { staleMicros }: ViewRules,
  { now, failure }: { readonly now: number; readonly failure: Error },
): StaleCell | undefined {
  if (failure instanceof FieldstoneError && !failure.retryable) return undefined
  const state = entryState(entry)
  if (state === undefined || state === 'fence' || staleMicros === 0 || !isYoung(entry, staleMicros, now))
    return undefined
  const ageMillis = (now - askedMicrosOf(entry)) / 1_000
  return new StaleCell(state === 'value' ? cellOfEntry(entry) : undefined, ageMillis)
}

/** Those who share a read do not share its bytes. */
function ownCopy(cell: Exclude<CellBatch[number], Error>): CellBatch[number] {
  return cell instanceof Uint8Array ? Uint8Array.from(cell) : cell
}
