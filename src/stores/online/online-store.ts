/**
 * The port of online stores. A store knows entities, keys and cells as bytes; what the bytes mean is the codecs'.
 *
 * An entity's row is a set of cells under one prefix, one for each (key, view version, part). Each is
 * written for itself: writers of two cells never meet, and neither takes back what the other stored. Batch rows are part 0.
 */

import type { Clock } from '../../lib/clock.ts'

/** Names one cell of every row of an entity. */
export interface CellName {
  /** `name@version` of the view. */
  readonly view: string
  /** 0 to 65,535. */
  readonly part: number
}

export interface ReadRequest {
  readonly entity: string
  /** Encoded keys, in any order; duplicates are read as they stand. */
  readonly keys: readonly Uint8Array[]
  readonly cells: readonly CellName[]
  /**
   * Aborted: nothing more is asked for this read, which rejects with the signal's reason. Made when it is first looked at, so a
   * store that answers at once leaves it alone.
   */
  readonly signal?: AbortSignal | undefined
}

/**
 * What a read found, in the order asked: the cell of key `k` and name `c` is at `k * cells.length + c`. Undefined where
 * there is none; an Error in the place of a cell that could not be read by itself; a StaleCell where a cache answers for a
 * store that does not.
 */
export type CellBatch = readonly (Uint8Array | undefined | Error | StaleCell)[]

/** A copy that a cache gave because the store behind it could not be read: what was there when it was last asked. */
export class StaleCell {
  /** Undefined: there was none. */
  readonly cell: Uint8Array | undefined
  /** How long ago the store was asked, on the machine's clock. */
  readonly ageMillis: number

  constructor(cell: Uint8Array | undefined, ageMillis: number) {
    this.cell = cell
    this.ageMillis = ageMillis
  }
}

/** The cell of one place, or undefined; throws the Error in it. Of a stale copy what it holds. */
export function cellIn(place: CellBatch[number]): Uint8Array | undefined {
  if (place instanceof Error) throw place
  return place instanceof StaleCell ? place.cell : place
}

export interface WriteRequest extends CellName {
  readonly entity: string
  readonly rows: readonly CellWrite[]
  /**
   * The order of V1 between two cells of this view: negative where the stored one is earlier. May throw, and then nothing
   * of this call's failed row is written and the throw is passed on; rows before it may stand (writes are idempotent).
   */
  readonly compare: (stored: Uint8Array, offered: Uint8Array) => number
  /**
   * Cells are packed by the row codec, whose order bytes say what `compare` would as far as they differ: a store that can look
   * at them where the cells lie need call `compare` only where they are equal. Default: `compare` alone knows the order.
   */
  readonly packed?: true
  /**
   * The caller holds the right to be the view's only writer until the call returns (its lease): a store may read first and then
   * write many at once. Default: others may write the same cells meanwhile.
   */
  readonly exclusive?: true
}

export interface CellWrite {
  readonly key: Uint8Array
  readonly cell: Uint8Array
  /** The instant after which the store may physically remove the cell (ttl + retention, SPEC V2). Undefined: never. */
  readonly removableAfterMicros: number | undefined
}

export interface WriteSummary {
  /** Cells that were stored. */
  readonly written: number
  /** Cells that were not, for a later one was there (SPEC V4) or came in the same call. */
  readonly superseded: number
  /** Cells that were not, for the same was there. */
  readonly unchanged: number
}

/** A change of a key's parts: bytes to store, null to delete; a part that is not named is left alone. */
export type PartChanges = ReadonlyMap<number, Uint8Array | null>

export interface UpdateRequest {
  readonly entity: string
  readonly view: string
  readonly keys: readonly Uint8Array[]
  /** The parts handed to `update`. */
  readonly parts: readonly number[]
  /**
   * Called once or more for each key with its current cells in the order of `parts`, until its changes are stored with
   * nothing written between. Pure.
   */
  readonly update: (current: readonly (Uint8Array | undefined)[], keyIndex: number) => PartChanges
}

export interface DeleteRequest {
  readonly entity: string
  readonly view: string
  /** Undefined: every key of the view version. */
  readonly keys?: readonly Uint8Array[]
}

export interface IterateRequest extends CellName {
  readonly entity: string
  /** Goes on after this key. Default: from the first. */
  readonly after?: Uint8Array
}

/** What a deployment needs of a store before it can be written. */
export interface StoragePlan {
  readonly views: readonly { readonly entity: string; readonly view: string }[]
}

/** One thing that `prepare` did or would do, in words. */
export interface StorageChange {
  readonly description: string
  readonly destructive: boolean
}

export interface StoreHealth {
  readonly ok: boolean
  /** For a person: what was tried, and what came of it. */
  readonly detail: string
  /** What to do where it is not ok. Default: what helps where a store does not answer. */
  readonly mend?: string
}

/** Every method rejects with STORE_CLOSED after `close`, and with STORE_UNAVAILABLE where the store does not answer. */
export interface OnlineStore {
  /**
   * Whether reads of requests that meet are to be merged into one: worth its wait where a read is a round trip, a loss where
   * it is a look into memory.
   */
  readonly mergesReads: boolean
  /**
   * What it has counted since it was opened, and what it holds, by name (`hits`, `bytes`), for whoever measures it. Cheap. Default: it
   * counts nothing.
   */
  readonly counts?: () => Readonly<Record<string, number>>
  /**
   * Many keys and views in one round trip. Any number of keys; a driver splits by its own limits. The bytes are the caller's.
   * A store that reads memory gives the batch itself, for promises would cost as much as the read; never throws.
   */
  read(request: ReadRequest): CellBatch | Promise<CellBatch>
  /** Stores each row unless the stored one is later or equal by `compare`. One key may occur many times: the greatest stands. Durable on return. */
  write(request: WriteRequest): Promise<WriteSummary>
  /** Reads, changes and stores each key atomically: all of its parts or none. Keys are distinct. What `update` throws is passed on. Durable on return. */
  updateMany(request: UpdateRequest): Promise<void>
  /** Deletes all parts of keys, or of a view version whole. */
  delete(request: DeleteRequest): Promise<void>
  /** The keys of a view version that have this part, with the cells. Key order where the store has one. */
  iterate(request: IterateRequest): AsyncIterable<{ readonly key: Uint8Array; readonly cell: Uint8Array }>
  /** Creates what the plan needs; with `dryRun` only tells. Calling it twice changes nothing. */
  prepare(plan: StoragePlan, options: { readonly dryRun: boolean }): Promise<readonly StorageChange[]>
  /** Never rejects while the store is open. */
  health(): Promise<StoreHealth>
  /** Waits for calls in flight, then frees all. A second call does nothing. */
  close(): Promise<void>
}

/** How long copies of a view's rows may be used, as its definition says. */
export interface CopyRules {
  /** Undefined: the definition sets no bound. */
  readonly maxStalenessMillis: number | undefined
  /** Whether a copy within `maxStalenessMillis` may stand in, marked, where the store cannot be read. */
  readonly staleIfError: boolean
}

/**
 * What a store is opened as: the deployment's own; the one behind a cache, which is all that a deployment's own is; or the one in front,
 * which holds copies and may lose them.
 */
export type StoreRole = 'own' | 'behind' | 'front'

/** What a driver is told of the deployment that it is opened for. */
export interface OpenContext {
  readonly role: StoreRole
  /** The config's folder: relative paths in options begin here. */
  readonly baseDirectory: string
  /**
   * By which cells are removable (SPEC T2): the deployment's; for copies the machine's. A store removes what is past its retention by
   * this one, or not at all (V2).
   */
  readonly clock: Clock
  /** The machine's: by it copies grow old. */
  readonly machineClock: Clock
  /** Those of a view version, by `name@version`; undefined where nothing is defined by that name. */
  readonly copyRulesOf: (view: string) => CopyRules | undefined
  /** Whether a view of rows is defined by a name, in whatever version: options may speak of views. */
  readonly definesView: (name: string) => boolean
  /** Opens a store that this one is made of, guarded and measured as any of the deployment's. */
  readonly open: (driver: OnlineDriver, role: StoreRole) => Promise<OnlineStore>
}

/** A store as a config names it: options, and how to open it. Its npm library is loaded by `open`. */
export interface OnlineDriver {
  readonly kind: 'onlineDriver'
  readonly name: string
  readonly options: Readonly<Record<string, unknown>>
  /** `options` with every `env()` resolved. */
  open(options: Readonly<Record<string, unknown>>, context: OpenContext): Promise<OnlineStore>
}
