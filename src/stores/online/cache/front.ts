import type { CellBatch, CellName, OnlineStore, ReadRequest } from '../online-store.ts'
import { decodeEntry, type Entry, encodeEntry } from './entry.ts'
import { type EntryOrigin, mayReplace, type Offer } from './entry-order.ts'
import type { ViewRules } from './view-rules.ts'

export interface FrontOptions {
  readonly store: OnlineStore
  readonly nowMicros: () => number
  readonly timeoutMillis: number
}

export interface KeyedEntry {
  readonly key: Uint8Array
  readonly entry: Entry
}

/** Entries of one view, with what is needed to know whether they may take the place of others. */
export interface EntriesToPut extends CellName {
  readonly entity: string
  readonly rules: ViewRules
  readonly origin: EntryOrigin
  /** Of a write. What it throws is taken to say that it cannot tell. */
  readonly compare?: (stored: Uint8Array, offered: Uint8Array) => number
  readonly rows: readonly KeyedEntry[]
}

/** The store in front: it may fail, forget or be slow, and nothing else fails or waits for it. */
export interface Front {
  /** Entries as `CellBatch` has them, at once where the front is memory. Undefined: it did not answer in time. Rejects with the signal's reason alone. */
  read(request: ReadRequest): CellBatch | Promise<CellBatch | undefined> | undefined
  /** False where the order of two rows could not be told: the one that was there is still. Never rejects. */
  put(entries: EntriesToPut): Promise<boolean>
  /** Takes out all of a view version. Never rejects. */
  clear(place: { readonly entity: string; readonly view: string }): Promise<void>
  readonly failureCount: number
}

/** What a write may bring in the time that a read may take. */
const ROWS_IN_TIME = 500
const CLEAR_MILLIS = 60_000

export function createFront({ store, nowMicros, timeoutMillis }: FrontOptions): Front {
  let failureCount = 0

  function failed(): undefined {
    failureCount += 1
    return undefined
  }

  function read(request: ReadRequest): CellBatch | Promise<CellBatch | undefined> {
    const asked = new FrontRead(request)
    const found = store.read(asked)
    return found instanceof Promise ? inTime(found, asked, request.signal) : found
  }

  function inTime(
    found: Promise<CellBatch>,
    asked: FrontRead,
    signal: AbortSignal | undefined,
  ): Promise<CellBatch | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<CellBatch | undefined>()
    const timer = setTimeout(() => {
      resolve(failed())
      asked.abort()
    }, timeoutMillis)
    const giveUp = (): void => {
      reject(signal?.reason)
      asked.abort()
    }
    if (signal?.aborted) giveUp()
    else signal?.addEventListener('abort', giveUp, { once: true })
    let isOver = false
    const settled = promise.finally(() => {
      isOver = true
      clearTimeout(timer)
      signal?.removeEventListener('abort', giveUp)
    })
    found.then(resolve, () => {
      if (!isOver) resolve(failed())
    })
    return settled
  }

  async function within(work: () => Promise<unknown>, allowedMillis: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(reject, allowedMillis)
    })
    try {
      await Promise.race([work(), late])
    } catch {
      failed()
    } finally {
      clearTimeout(timer)
    }
  }

  async function put({ entity, view, part, rows, ...offer }: EntriesToPut): Promise<boolean> {
    if (rows.length === 0) return true
    const { rules } = offer
    const writes = rows.map(({ key, entry }) => ({
      key,
      cell: encodeEntry(entry),
      removableAfterMicros: Math.ceil(entry.answeredMicros + rules.keepMicros),
    }))
    let isTold = true
    const compare = (stored: Uint8Array, bytes: Uint8Array): number => {
      const isLater = isLaterEntry(stored, decodeEntry(bytes)!, { ...offer, nowMicros: nowMicros() })
      if (isLater === undefined) isTold = false
      return isLater === true ? -1 : 1
    }
    const allowedMillis = timeoutMillis * Math.ceil(rows.length / ROWS_IN_TIME)
    await within(() => store.write({ entity, view, part, rows: writes, compare }), allowedMillis)
    return isTold
  }

  return {
    read,
    put,
    // All of the entity's may have to be walked for it, and nobody waits but who drops a view.
    clear: (place) => within(() => store.delete(place), CLEAR_MILLIS),
    get failureCount() {
      return failureCount
    },
  }
}

/** A read of the front, given up by itself or with the request that it is for. */
class FrontRead implements ReadRequest {
  readonly entity: string
  readonly keys: readonly Uint8Array[]
  readonly cells: readonly CellName[]
  #controller: AbortController | undefined
  #isAborted = false

  constructor({ entity, keys, cells }: ReadRequest) {
    this.entity = entity
    this.keys = keys
    this.cells = cells
  }

  /** Made only for a store that looks at it. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController()
      if (this.#isAborted) this.#controller.abort()
    }
    return this.#controller.signal
  }

  abort(): void {
    this.#isAborted = true
    this.#controller?.abort()
  }
}

/** `mayReplace`, where `compare` may throw: it cannot tell then. */
function isLaterEntry(stored: Uint8Array, offered: Entry, offer: Offer): boolean | undefined {
  try {
    return mayReplace(stored, offered, offer)
  } catch {
    return undefined
  }
}
