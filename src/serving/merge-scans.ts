import type { Scan, ScanOutcome } from './loader.ts'

/** Scans of one entity as one: every key and view once. */
export interface MergedScans {
  readonly union: Pick<Scan, 'keys' | 'views'>
  /** What each scan finds in what the union found. */
  split(found: ScanOutcome): readonly ScanOutcome[]
}

export function mergeScans(scans: readonly Scan[]): MergedScans {
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
