import type { CellBatch, CellName, OnlineStore } from '../online-store.ts'

/** One cell of one key, asked of the store for everyone who wants it at the time. */
export interface Flight {
  readonly batch: FlightBatch
  readonly key: Uint8Array
  readonly keyPlace: number
  readonly cellPlace: number
  /** What the store said; an Error where it could not be read. Undefined too until `batch.done`. */
  outcome: CellBatch[number]
  /** Something was written meanwhile: what this finds is right for those who wait, and for nobody after them. */
  isOvertaken: boolean
}

/** Flights that are one read of the store. */
export interface FlightBatch {
  readonly entity: string
  readonly keys: Uint8Array[]
  readonly cells: CellName[]
  readonly flights: Flight[]
  /** Just before the store was asked; 0 until it is. */
  askedMicros: number
  answeredMicros: number
  /** Resolves when all outcomes are there. Never rejects. */
  readonly done: Promise<void>
}

export interface StoreReadsOptions {
  readonly store: OnlineStore
  readonly nowMicros: () => number
  /** Told of every batch that the store has answered, before `done`. */
  readonly onAnswer: (batch: FlightBatch) => void
}

interface FlightPlace {
  readonly entity: string
  readonly cell: CellName
}

/** Reads of the store that are shared. */
export interface StoreReads {
  /** The flight of a cell: the one that is under way, or a new one, which departs with all others of this turn of the event loop. */
  join(place: FlightPlace, key: Uint8Array): Flight
  /**
   * Waits for all flights. Rejects with the signal's reason once it is aborted; a read of the store goes on until nobody waits for
   * any of it.
   */
  wait(flights: Iterable<Flight>, signal: AbortSignal | undefined): Promise<void>
  /** Nobody joins what is under way for these keys from now on, or for any of the view. Gives the keys for which something was. */
  overtake(
    place: { readonly entity: string; readonly view: string },
    keys: readonly Uint8Array[] | undefined,
  ): ReadonlySet<Uint8Array>
  readonly batchCount: number
}

export function createStoreReads({ store, nowMicros, onAnswer }: StoreReadsOptions): StoreReads {
  /** By entity and view, then by key. */
  const underWay = new Map<string, Map<string, Flight>>()
  /** Not yet departed, by entity. */
  const gathering = new Map<string, Batch>()
  let batchCount = 0

  function flightsOf(entity: string, view: string): Map<string, Flight> {
    const name = `${entity} ${view}`
    const known = underWay.get(name)
    if (known !== undefined) return known
    const made = new Map<string, Flight>()
    underWay.set(name, made)
    return made
  }

  function gatheringBatch(entity: string): Batch {
    const known = gathering.get(entity)
    // Nothing is asked for one that all have given up.
    if (known !== undefined && !known.signal.aborted) return known
    const batch = new Batch(entity)
    gathering.set(entity, batch)
    // Requests of different sockets come in turns of their own: on microtasks nothing of them would ever meet.
    setImmediate(() => void depart(batch))
    return batch
  }

  async function depart(batch: Batch): Promise<void> {
    if (gathering.get(batch.entity) === batch) gathering.delete(batch.entity)
    batch.askedMicros = nowMicros()
    if (!batch.signal.aborted) {
      batchCount += 1
      await ask(batch)
    }
    for (const flight of batch.flights) forget(flight)
    batch.finish()
  }

  async function ask(batch: Batch): Promise<void> {
    const { entity, keys, cells, flights, signal } = batch
    try {
      const found = await store.read({ entity, keys, cells, signal })
      batch.answeredMicros = nowMicros()
      for (const flight of flights) flight.outcome = found[flight.keyPlace * cells.length + flight.cellPlace]
      // Those who gave it up may have asked again since.
      if (!signal.aborted) onAnswer(batch)
    } catch (error) {
      for (const flight of flights) flight.outcome = error as Error
    }
  }

  function forget(flight: Flight): void {
    const flights = flightsOf(flight.batch.entity, flight.batch.cells[flight.cellPlace]!.view)
    const name = textOf(flight.key)
    if (flights.get(name) === flight) flights.delete(name)
  }

  return {
    join: ({ entity, cell }, key) => {
      const flights = flightsOf(entity, cell.view)
      const name = textOf(key)
      const known = flights.get(name)
      if (known !== undefined && !(known.batch as Batch).signal.aborted) return known
      const flight = gatheringBatch(entity).add(key, cell, name)
      flights.set(name, flight)
      return flight
    },
    wait: (flights, signal) => waitFor(new Set([...flights].map(({ batch }) => batch as Batch)), signal),
    overtake: ({ entity, view }, keys) => {
      const flights = flightsOf(entity, view)
      const overtaken = new Set<Uint8Array>()
      for (const key of keys ?? [...flights.values()].map((flight) => flight.key)) {
        const flight = flights.get(textOf(key))
        // One that has not departed finds what was written.
        if (flight === undefined || flight.batch.askedMicros === 0) continue
        flight.isOvertaken = true
        flights.delete(textOf(key))
        overtaken.add(key)
      }
      return overtaken
    },
    get batchCount() {
      return batchCount
    },
  }
}

class Batch implements FlightBatch {
  readonly entity: string
  readonly keys: Uint8Array[] = []
  readonly cells: CellName[] = []
  readonly flights: Flight[] = []
  askedMicros = 0
  answeredMicros = 0
  readonly done: Promise<void>
  readonly finish: () => void
  readonly #keyPlaces = new Map<string, number>()
  readonly #controller = new AbortController()
  #waiting = 0

  constructor(entity: string) {
    this.entity = entity
    const { promise, resolve } = Promise.withResolvers<void>()
    this.done = promise
    this.finish = resolve
  }

  /** Aborted when everyone who waited has given up. */
  get signal(): AbortSignal {
    return this.#controller.signal
  }

  add(key: Uint8Array, cell: CellName, name: string): Flight {
    const keyPlace = this.#keyPlaces.get(name) ?? this.keys.push(key) - 1
    this.#keyPlaces.set(name, keyPlace)
    const known = this.cells.findIndex(({ view }) => view === cell.view)
    const cellPlace = known >= 0 ? known : this.cells.push(cell) - 1
    const flight: Flight = { batch: this, key, keyPlace, cellPlace, outcome: undefined, isOvertaken: false }
    this.flights.push(flight)
    return flight
  }

  enter(): void {
    this.#waiting += 1
  }

  leave(reason: unknown): void {
    this.#waiting -= 1
    if (this.#waiting === 0) this.#controller.abort(reason)
  }
}

async function waitFor(batches: ReadonlySet<Batch>, signal: AbortSignal | undefined): Promise<void> {
  for (const batch of batches) batch.enter()
  const done = Promise.all([...batches].map((batch) => batch.done))
  if (signal === undefined) {
    await done
    return
  }
  const { promise, reject } = Promise.withResolvers<never>()
  const giveUp = (): void => {
    reject(signal.reason)
    for (const batch of batches) batch.leave(signal.reason)
  }
  if (signal.aborted) giveUp()
  else signal.addEventListener('abort', giveUp, { once: true })
  try {
    await Promise.race([done, promise])
  } finally {
    signal.removeEventListener('abort', giveUp)
  }
}

function textOf(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
}
