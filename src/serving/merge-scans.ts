import type { CellName } from '../stores/online/online-store.ts'
import type { Scan, ScanOutcome } from './loader.ts'

/** Scans of one entity as one: every key and view once. */
export interface MergedScans {
  readonly union: Pick<Scan, 'keys' | 'cells'>
  /** What each scan finds in what the union found. */
  split(found: ScanOutcome): readonly ScanOutcome[]
}

/** Makes one scan of many of the same entity, whose keys and cells may overlap. */
export function mergeScans(scans: readonly Scan[]): MergedScans {
  const keyPlaces = new Map<string, number>()
  const keys: Uint8Array[] = []
  const cells = [...new Map(scans.flatMap((scan) => scan.cells.map((cell) => [nameOf(cell), cell]))).values()]
  const cellPlaces = new Map(cells.map((cell, index) => [nameOf(cell), index]))
  const placesOf = scans.map((scan) => scan.keys.map((key) => placeOf(key, keyPlaces, keys)))
  return {
    union: { keys, cells },
    split: (found) =>
      scans.map((scan, index) =>
        placesOf[index]!.flatMap((place) =>
          scan.cells.map((cell) => found[place * cells.length + cellPlaces.get(nameOf(cell))!]),
        ),
      ),
  }
}

function nameOf({ view, part }: CellName): string {
  return `${view} ${part}`
}

function placeOf(key: Uint8Array, places: Map<string, number>, keys: Uint8Array[]): number {
  const name = Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
  const known = places.get(name)
  if (known !== undefined) return known
  places.set(name, keys.length)
  return keys.push(key) - 1
}
