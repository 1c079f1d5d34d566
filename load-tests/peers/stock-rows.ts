import type { Subject } from '../serving/cases.ts'
import type { StorePlace } from '../serving/stores.ts'
import { openFeatureCells, openPackedCells, writeFeatureCells, writePackedCells } from './bigtable-rows.ts'
import { openHashes, openStrings, writeHashes, writeStrings } from './redis-rows.ts'
import { openRows, type Rows } from './rows.ts'

/** Rows by the store's usual client, kept the usual way: a place for each feature. LMDB has no other form than the packed one. */
export function openUsualRows(place: StorePlace): Promise<Rows> {
  switch (place.store) {
    case 'lmdb':
      return openRows(place)
    case 'redis':
      return openHashes(place)
    case 'bigtable':
      return openFeatureCells(place)
    default:
      return place satisfies never
  }
}

/** Rows by the store's usual client, with one packed value for each view. */
export function openPackedRows(place: StorePlace): Promise<Rows> {
  switch (place.store) {
    case 'lmdb':
      return openRows(place)
    case 'redis':
      return openStrings(place)
    case 'bigtable':
      return openPackedCells(place)
    default:
      return place satisfies never
  }
}

/** Writes what the subjects read that do not read what Fieldstone has written. */
export async function writeStockRows(
  place: StorePlace,
  subjects: readonly Subject[],
  signal: AbortSignal,
): Promise<void> {
  const [usual, packed] = [subjects.includes('apollo-dataloader'), subjects.includes('apollo-dataloader-packed')]
  switch (place.store) {
    case 'lmdb':
      return
    case 'redis':
      if (usual) await writeHashes(place, signal)
      if (packed) await writeStrings(place, signal)
      return
    case 'bigtable':
      if (usual) await writeFeatureCells(place, signal)
      if (packed) await writePackedCells(place, signal)
      return
    default:
      place satisfies never
  }
}
