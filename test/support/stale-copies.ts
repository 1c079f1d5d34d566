import { type CellBatch, type OnlineStore, StaleCell } from '../../src/stores/online/online-store.ts'

/** A real store some of whose cells come as a cache's stale copies do: always the same ones. */
export function withStaleCopies(store: OnlineStore): OnlineStore {
  return {
    ...store,
    read: (request) => {
      const { entity, keys, cells } = request
      if (entity.startsWith('_')) return store.read(request)
      const copies = (batch: CellBatch): CellBatch =>
        batch.map((place, index) => {
          const ageMillis = ageOf(keys[Math.floor(index / cells.length)]!, cells[index % cells.length]!.view)
          if (ageMillis === undefined || place instanceof Error || place instanceof StaleCell) return place
          return new StaleCell(place, ageMillis)
        })
      const found = store.read(request)
      return found instanceof Promise ? found.then(copies) : copies(found)
    },
  }
}

/** Of one cell in five. */
function ageOf(key: Uint8Array, view: string): number | undefined {
  let hash = view.length
  for (const byte of Buffer.concat([key, Buffer.from(view)])) hash = (hash * 31 + byte) % 65_521
  return hash % 5 === 0 ? hash : undefined
}
