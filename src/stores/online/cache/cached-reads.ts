import { FieldstoneError } from '../../../errors.ts'
import { MAX_KEY_BYTES } from '../key-codec.ts'
import { type CellBatch, type CellName, type OnlineStore, type ReadRequest, StaleCell } from '../online-store.ts'
import { askedMicrosOf, cellOfEntry, entryState } from './entry.ts'
import type { Front } from './front.ts'
import type { Flight, StoreReads } from './store-reads.ts'
import type { RulesOf, ViewRules } from './view-rules.ts'

/** What cells came to, since the cache was opened. */
export interface ReadCounts {
  hits: number
  negativeHits: number
  misses: number
  stale: number
}

export interface CachedReadsOptions {
  readonly store: OnlineStore
  readonly front: Front
  readonly reads: StoreReads
  readonly rulesOf: RulesOf
  readonly nowMicros: () => number
  readonly counts: ReadCounts
}

/** The cells of a request by what is to be done with them; the requests of a plan share their list. */
interface CellRules {
  readonly entity: string
  readonly rules: readonly (ViewRules | undefined)[]
  readonly kept: 'all' | 'some' | 'none'
}

/** A read of cells that are all kept. */
interface Answering {
  readonly request: ReadRequest
  readonly rules: readonly ViewRules[]
  /** Entries of the front; undefined where it did not answer. */
  readonly found: CellBatch | undefined
  readonly places: CellBatch[number][]
  /** By place: what is asked of the store for it. */
  readonly flights: Map<number, Flight>
  readonly beganMicros: number
}

/** Reads of a store with copies in front of it. */
export function createCachedReads(options: CachedReadsOptions): OnlineStore['read'] {
  const { store, front, reads, rulesOf, nowMicros, counts } = options
  const known = new WeakMap<readonly CellName[], CellRules>()

  function cellRules({ entity, cells }: ReadRequest): CellRules {
    const before = known.get(cells)
    if (before?.entity === entity) return before
    // Parts of a view are read as of one instant: never one of them from a copy, and another from the store.
    const inParts = new Set(cells.filter(({ part }) => part !== 0).map(({ view }) => view))
    const rules = cells.map((cell) => (inParts.has(cell.view) ? undefined : rulesOf(entity, cell)))
    const keptCount = rules.filter((rule) => rule !== undefined).length
    const kept = keptCount === 0 ? 'none' : keptCount === rules.length ? 'all' : 'some'
    const made: CellRules = { entity, rules, kept }
    known.set(cells, made)
    return made
  }

  /** Cells that are kept and cells that are not, each read in its own way. */
  async function readBoth(request: ReadRequest, rules: CellRules['rules']): Promise<CellBatch> {
    const { cells, keys } = request
    const part = (isKept: boolean) => cells.filter((_, index) => (rules[index] !== undefined) === isKept)
    const ofKept = rules.filter((rule) => rule !== undefined)
    const kept = readKept(partOf(request, part(true)), ofKept)
    const halves = await Promise.allSettled([kept, store.read(partOf(request, part(false)))])
    const failed = halves.filter((half) => half.status === 'rejected')
    // There may be copies of one half where the store gives nothing of the other.
    if (failed.length === halves.length || (failed.length > 0 && request.signal?.aborted)) throw failed[0]!.reason
    const [nextCopy, nextOriginal] = halves.map(placesOf)
    return keys.flatMap(() => rules.map((rule) => (rule === undefined ? nextOriginal : nextCopy)!()))
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
    const places: CellBatch[number][] = []
    const flights = new Map<number, Flight>()
    const beganMicros = nowMicros()
    const count = request.keys.length * rules.length
    for (let index = 0; index < count; index += 1) {
      const entry = found?.[index]
      const rule = rules[index % rules.length]!
      const state = entry instanceof Uint8Array ? freshState(entry, rule, beganMicros) : undefined
      places.push(state === 'value' ? cellOfEntry(entry as Uint8Array) : undefined)
      if (state === 'value') counts.hits += 1
      else if (state === 'none') counts.negativeHits += 1
      else {
        counts.misses += 1
        flights.set(index, join(request, index))
      }
    }
    return flights.size === 0 ? places : settle({ request, rules, found, places, flights, beganMicros })
  }

  function join({ entity, keys, cells }: ReadRequest, index: number): Flight {
    const cell = cells[index % cells.length]!
    return reads.join({ entity, cell }, keys[Math.floor(index / cells.length)]!)
  }

  async function settle(answering: Answering): Promise<CellBatch> {
    const { request, places, flights } = answering
    await reads.wait(flights.values(), request.signal)
    await askAgain(answering)
    let failure: Error | undefined
    let failures = 0
    const now = nowMicros()
    for (const [index, { outcome }] of flights) {
      const place = outcome instanceof Error ? standIn(answering, index, { now, failure: outcome }) : ownCopy(outcome)
      places[index] = place
      if (place instanceof StaleCell) counts.stale += 1
      if (!(place instanceof Error)) continue
      failure ??= place
      failures += 1
    }
    if (failures === places.length) throw failure!
    return places
  }

  /** What had been asked too long before this read began is asked again: it may be older than a copy may be. */
  async function askAgain({ request, rules, flights, beganMicros }: Answering): Promise<void> {
    const late = [...flights].filter(
      ([index, { batch, outcome }]) =>
        beganMicros - batch.askedMicros > rules[index % rules.length]!.ttlMicros && !(outcome instanceof Error),
    )
    if (late.length === 0) return
    for (const [index] of late) flights.set(index, join(request, index))
    await reads.wait(
      late.map(([index]) => flights.get(index)!),
      request.signal,
    )
  }

  return (request) => {
    const { rules, kept } = cellRules(request)
    // A key that is none makes the store refuse all that is asked with it.
    if (kept === 'none' || !request.keys.every(isKey)) return store.read(request)
    return kept === 'some' ? readBoth(request, rules) : readKept(request, rules as readonly ViewRules[])
  }
}

function isKey({ byteLength }: Uint8Array): boolean {
  return byteLength >= 1 && byteLength <= MAX_KEY_BYTES
}

/** Gives one place after another: what a read has found, or for each what it failed with. */
function placesOf(half: PromiseSettledResult<CellBatch>): () => CellBatch[number] {
  if (half.status === 'rejected') return () => half.reason as Error
  const places = half.value.values()
  return () => places.next().value
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

interface Failed {
  readonly now: number
  readonly failure: Error
}

/** A copy in the place of a cell, where it is for want of the store that there is none and the view allows it; else the failure. */
function standIn({ found, rules }: Answering, index: number, { now, failure }: Failed): StaleCell | Error {
  const entry = found?.[index]
  const { staleMicros } = rules[index % rules.length]!
  const isForWantOfStore = !(failure instanceof FieldstoneError) || failure.retryable
  if (staleMicros === 0 || !isForWantOfStore || !(entry instanceof Uint8Array)) return failure
  const state = entryState(entry)
  if (state === undefined || state === 'fence' || !isYoung(entry, staleMicros, now)) return failure
  return new StaleCell(state === 'value' ? cellOfEntry(entry) : undefined, (now - askedMicrosOf(entry)) / 1_000)
}

/** Those who share a read do not share its bytes. */
function ownCopy(cell: Exclude<CellBatch[number], Error>): Uint8Array | StaleCell | undefined {
  return cell instanceof Uint8Array ? Uint8Array.from(cell) : cell
}
