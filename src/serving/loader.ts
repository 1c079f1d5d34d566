import DataLoader from 'dataloader'
import type { ColumnLists } from '../stores/online/column-lists.ts'
import type { OnlineStore } from '../stores/online/online-store.ts'
import { type RowOutcome, readRows } from '../stores/online/row-reader.ts'
import { type Cancellation, untilCancelled } from './cancellation.ts'
import { mergeScans } from './merge-scans.ts'

/** A read of one entity: every key by every view. Keys are distinct. */
export interface Scan {
  readonly keys: readonly Uint8Array[]
  /** `name@version` of views. */
  readonly views: readonly string[]
  readonly cancellation: Cancellation | undefined
}

/** What a scan found: key `k` and view `v` are at `k * views.length + v`. */
export type ScanOutcome = readonly RowOutcome[]

export interface ScanLoader {
  /**
   * Rejects with STORE_UNAVAILABLE or STORE_CLOSED where nothing of it could be read, and with the cancellation's reason.
   * What a store in memory has answered at once is given at once.
   */
  load(entity: string, scan: Scan): ScanOutcome | Promise<ScanOutcome>
}

export function createScanLoader(store: OnlineStore, lists: ColumnLists): ScanLoader {
  return store.mergesReads ? mergingLoader(store, lists) : directLoader(store, lists)
}

/** Each scan is a read of its own: within a request, scans of an entity are one already. */
function directLoader(store: OnlineStore, lists: ColumnLists): ScanLoader {
  return {
    load: (entity, { keys, views, cancellation }) => {
      const cells = views.map((view) => ({ view, part: 0 }))
      const found = readRows(store, lists, {
        ...{ entity, keys, cells },
        get signal() {
          return cancellation?.signal
        },
      })
      return found instanceof Promise ? untilCancelled(found, cancellation) : found
    },
  }
}

/**
 * Reads through one DataLoader an entity for the whole process, whose unit is a scan, not a cell: scans of all requests that
 * are waiting when the event loop has come round become one read of the store. It keeps nothing (`cache: false`): within a
 * request the row set remembers.
 */
function mergingLoader(store: OnlineStore, lists: ColumnLists): ScanLoader {
  const loaders = new Map<string, DataLoader<Scan, ScanOutcome>>()
  const loaderOf = (entity: string): DataLoader<Scan, ScanOutcome> => {
    const known = loaders.get(entity)
    if (known !== undefined) return known
    const loader = new DataLoader<Scan, ScanOutcome>((scans) => readTogether(store, lists, { entity, scans }), {
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
  store: OnlineStore,
  lists: ColumnLists,
  { entity, scans }: { readonly entity: string; readonly scans: readonly Scan[] },
): Promise<readonly ScanOutcome[]> {
  const merged = scans.length === 1 ? undefined : mergeScans(scans)
  const { keys, views } = merged?.union ?? scans[0]!
  const waiters = whileAnyoneWaits(scans)
  try {
    const cells = views.map((view) => ({ view, part: 0 }))
    const found = await readRows(store, lists, { ...{ entity, keys, cells }, signal: waiters.signal })
    return merged === undefined ? [found] : merged.split(found)
  } finally {
    waiters.stop()
  }
}

/** A signal that is aborted only when everyone who waits for a read has given up. */
function whileAnyoneWaits(scans: readonly Scan[]): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController()
  const stopped = new AbortController()
  let waiting = scans.length
  const leave = (reason: unknown): void => {
    waiting -= 1
    if (waiting === 0) controller.abort(reason)
  }
  for (const { cancellation } of scans) {
    if (cancellation === undefined) continue
    const { signal } = cancellation
    if (signal.aborted) leave(signal.reason)
    else signal.addEventListener('abort', () => leave(signal.reason), { once: true, signal: stopped.signal })
  }
  return { signal: controller.signal, stop: () => stopped.abort() }
}
