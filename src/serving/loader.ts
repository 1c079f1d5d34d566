import DataLoader from 'dataloader'
import type { ColumnLists } from '../stores/online/column-lists.ts'
import type { CellName, OnlineStore, ReadRequest } from '../stores/online/online-store.ts'
import { type RowOutcome, readRows } from '../stores/online/row-reader.ts'
import { type Cancellation, untilCancelled } from './cancellation.ts'
import { mergeScans } from './merge-scans.ts'
import type { ServingCounts } from './serving-counts.ts'

/** A read of one entity: every key by every cell. Keys are distinct. */
export interface Scan {
  readonly keys: readonly Uint8Array[]
  readonly cells: readonly CellName[]
  readonly cancellation: Cancellation | undefined
}

/** What a scan found: key `k` and cell `c` are at `k * cells.length + c`. */
export type ScanOutcome = readonly RowOutcome[]

/** Reads for all requests of a server. */
export interface ScanLoader {
  /**
   * Rejects with STORE_UNAVAILABLE or STORE_CLOSED where nothing of it could be read, and with the cancellation's reason.
   * What a store in memory has answered at once is given at once.
   */
  load(entity: string, scan: Scan): ScanOutcome | Promise<ScanOutcome>
}

/** Merges the scans of requests that meet where the store wants it (`mergesReads`). */
export function createScanLoader(store: OnlineStore, lists: ColumnLists, counts: ServingCounts): ScanLoader {
  return store.mergesReads ? mergingLoader({ store, lists, counts }) : directLoader({ store, lists, counts })
}

interface Loading {
  readonly store: OnlineStore
  readonly lists: ColumnLists
  readonly counts: ServingCounts
}

/** Each scan is a read of its own: within a request, scans of an entity are one already. */
function directLoader({ store, lists, counts }: Loading): ScanLoader {
  return {
    load: (entity, scan) => {
      const reads = counts.ofEntity(entity)
      reads.scans += 1
      reads.reads += 1
      reads.keysAsked += scan.keys.length
      reads.keysRead += scan.keys.length
      const found = readRows(store, lists, new ScanRead(entity, scan))
      return found instanceof Promise ? untilCancelled(found, scan.cancellation) : found
    },
  }
}

class ScanRead implements ReadRequest {
  readonly entity: string
  readonly keys: readonly Uint8Array[]
  readonly cells: readonly CellName[]
  readonly #cancellation: Cancellation | undefined

  constructor(entity: string, { keys, cells, cancellation }: Scan) {
    this.entity = entity
    this.keys = keys
    this.cells = cells
    this.#cancellation = cancellation
  }

  /** Made only for a store that looks at it, which one that never waits does not. */
  get signal(): AbortSignal | undefined {
    return this.#cancellation?.signal
  }
}

/**
 * Reads through one DataLoader an entity for the whole process, whose unit is a scan, not a cell: scans of all requests that
 * are waiting when the event loop has come round become one read of the store. It keeps nothing (`cache: false`): within a
 * request the row set remembers.
 */
function mergingLoader(loading: Loading): ScanLoader {
  const loaders = new Map<string, DataLoader<Scan, ScanOutcome>>()
  const loaderOf = (entity: string): DataLoader<Scan, ScanOutcome> => {
    const known = loaders.get(entity)
    if (known !== undefined) return known
    const loader = new DataLoader<Scan, ScanOutcome>((scans) => readTogether(loading, { entity, scans }), {
      cache: false,
      // Requests of different sockets come in turns of their own: on microtasks nothing of them would ever meet.
      batchScheduleFn: (dispatch) => setImmediate(dispatch),
    })
    loaders.set(entity, loader)
    return loader
  }
  return { load: (entity, scan) => untilCancelled(loaderOf(entity).load(scan), scan.cancellation) }
}

async function readTogether(
  { store, lists, counts }: Loading,
  { entity, scans }: { readonly entity: string; readonly scans: readonly Scan[] },
): Promise<readonly ScanOutcome[]> {
  const merged = scans.length === 1 ? undefined : mergeScans(scans)
  const { keys, cells } = merged?.union ?? scans[0]!
  const reads = counts.ofEntity(entity)
  reads.scans += scans.length
  reads.reads += 1
  reads.keysAsked += scans.reduce((total, scan) => total + scan.keys.length, 0)
  reads.keysRead += keys.length
  const waiters = whileAnyoneWaits(scans)
  try {
    const found = await readRows(store, lists, { ...{ entity, keys, cells }, signal: waiters.signal })
    return merged === undefined ? [found] : merged.split(found)
  } finally {
    waiters.stop()
  }
}

/** A signal that is aborted only when everyone who waits for a read has given up. */
function whileAnyoneWaits(scans: readonly Scan[]): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  let waiting = scans.length
  const leave = (reason: unknown): void => {
    waiting -= 1
    if (waiting === 0) controller.abort(reason)
  }
  // Taken off one by one: an abort to take them all off makes an error each time, with its stack.
  const listeners: (readonly [AbortSignal, () => void])[] = []
  for (const { cancellation } of scans) {
    if (cancellation === undefined) continue
    const { signal } = cancellation
    if (signal.aborted) {
      leave(signal.reason)
      continue
    }
    const onAbort = (): void => leave(signal.reason)
    signal.addEventListener('abort', onAbort)
    listeners.push([signal, onAbort])
  }
  const stop = (): void => {
    for (const [signal, onAbort] of listeners) signal.removeEventListener('abort', onAbort)
  }
  return { signal: controller.signal, stop }
}
