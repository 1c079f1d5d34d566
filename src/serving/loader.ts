import DataLoader from 'dataloader'
import type { ColumnLists } from '../stores/online/column-lists.ts'
import type { OnlineStore } from '../stores/online/online-store.ts'
import { type RowOutcome, readRows } from '../stores/online/row-reader.ts'

/** A read of one entity: every key by every view. Keys are distinct. */
export interface Scan {
  readonly keys: readonly Uint8Array[]
  /** `name@version` of views. */
  readonly views: readonly string[]
}

/** What a scan found: key `k` and view `v` are at `k * views.length + v`. */
export type ScanOutcome = readonly RowOutcome[]

export interface ScanLoader {
  /** Rejects with STORE_UNAVAILABLE or STORE_CLOSED where nothing of it could be read. */
  load(entity: string, scan: Scan): Promise<ScanOutcome>
}

/**
 * Reads through one DataLoader an entity, whose unit is a scan, not a cell: scans that meet in one turn of the event loop
 * become one read of the store. It keeps nothing (`cache: false`): within a request the row set remembers.
 */
export function createScanLoader(store: OnlineStore, lists: ColumnLists): ScanLoader {
  const loaders = new Map<string, DataLoader<Scan, ScanOutcome>>()
  const loaderOf = (entity: string): DataLoader<Scan, ScanOutcome> => {
    const known = loaders.get(entity)
    if (known !== undefined) return known
    const loader = new DataLoader<Scan, ScanOutcome>((scans) => readTogether(store, lists, { entity, scans }), {
      cache: false,
    })
    loaders.set(entity, loader)
    return loader
  }
  return { load: (entity, scan) => loaderOf(entity).load(scan) }
}

async function readTogether(
  store: OnlineStore,
  lists: ColumnLists,
  { entity, scans }: { readonly entity: string; readonly scans: readonly Scan[] },
): Promise<readonly ScanOutcome[]> {
  const merged = scans.length === 1 ? undefined : mergeScans(scans)
  const { keys, views } = merged?.union ?? scans[0]!
  const found = await readRows(store, lists, { entity, keys, cells: views.map((view) => ({ view, part: 0 })) })
  return merged === undefined ? [found] : merged.split(found)
}

interface MergedScans {
  readonly union: Scan
  split(found: ScanOutcome): readonly ScanOutcome[]
}

function mergeScans(scans: readonly Scan[]): MergedScans {
  const keyPlaces = new Map<string, number>()
  const keys: Uint8Array[] = []
  const views = [...new Set(scans.flatMap((scan) => scan.views))]
  const viewPlaces = new Map(views.map((view, index) => [view, index]))
  const placesOf = scans.map((scan) => scan.keys.map((key) => placeOf(key, keyPlaces, keys)))
  return {
    union: { keys, views },
    split: (found) =>
      scans.map((scan, index) =>
        placesOf[index]!.flatMap((place) =>
          scan.views.map((view) => found[place * views.length + viewPlaces.get(view)!]),
        ),
      ),
  }
}

function placeOf(key: Uint8Array, places: Map<string, number>, keys: Uint8Array[]): number {
  const name = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
  const known = places.get(name)
  if (known !== undefined) return known
  places.set(name, keys.length)
  return keys.push(key) - 1
}
