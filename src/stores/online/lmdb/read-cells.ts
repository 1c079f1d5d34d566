import type { CellBatch, CellName, ReadRequest } from '../online-store.ts'
import type { Database } from './database.ts'
import { ABSENT, type CellPlaces, findCells, LIES_APART } from './packed-row.ts'
import { entityPrefix, keyMaker, partSuffix, ROW_SUFFIX, viewName } from './physical-key.ts'

/** Reads are synchronous, for LMDB reads memory. Each is of one instant, and not before the call. */
export function readerOf(db: Database): (request: ReadRequest) => CellBatch {
  // A deployment has few entities and views: what their names become in keys is made once.
  const keyMakers = new Map<string, ReturnType<typeof keyMaker>>()
  const names = new Map<string, Uint8Array>()

  return ({ entity, keys, cells }) => {
    const idOf = remembered(keyMakers, entity, () => keyMaker(entityPrefix(entity)))
    const views = cells.map(({ view }) => remembered(names, view, () => viewName(view)))
    // The library renews its view of the store once a turn of the event loop; what another process has since acknowledged would be missed.
    db.resetReadTxn()
    const keep = cellKeeper(keys.length * cells.length)
    const batch: (Uint8Array | undefined)[] = []
    const inRows = new RowReader(cells, views)
    for (const key of keys) {
      if (inRows.count > 0) inRows.read(db.getBinaryFast(idOf(key, ROW_SUFFIX)), keep)
      for (let index = 0; index < cells.length; index += 1) {
        const found = inRows.take(index)
        // A read of the library takes the place of the one before, so these come after the row's cells were kept.
        batch.push(found === LIES_APART ? readApart(index, key) : found)
      }
    }
    return batch

    function readApart(index: number, key: Uint8Array): Uint8Array | undefined {
      const cell = db.getBinaryFast(idOf(key, partSuffix(views[index]!, cells[index]!.part)))
      return cell === undefined ? undefined : keep(cell, 0, cell.length)
    }
  }
}

type Keep = (source: Buffer, start: number, end: number) => Uint8Array

/** Takes the cells that are asked for out of one row after another. */
class RowReader {
  /** How many distinct views are looked for in a row. */
  readonly count: number
  readonly #views: Uint8Array[] = []
  /** For each cell asked for its view's place among those; -1 for a cell that is never in a row. */
  readonly #viewOf: Int32Array
  readonly #places: CellPlaces
  readonly #kept: (Uint8Array | undefined)[] = []

  constructor(cells: readonly CellName[], views: readonly Uint8Array[]) {
    this.#viewOf = Int32Array.from(cells, ({ part }, index) => (part === 0 ? this.#add(views[index]!) : -1))
    this.count = this.#views.length
    this.#places = { starts: new Int32Array(this.count), ends: new Int32Array(this.count) }
  }

  #add(view: Uint8Array): number {
    const known = this.#views.indexOf(view)
    return known >= 0 ? known : this.#views.push(view) - 1
  }

  read(row: Buffer | undefined, keep: Keep): void {
    const { starts, ends } = this.#places
    if (row === undefined) {
      starts.fill(ABSENT)
      return
    }
    findCells(row, this.#views, this.#places)
    for (let index = 0; index < this.count; index += 1) {
      const start = starts[index]!
      if (start >= 0) this.#kept[index] = keep(row, start, ends[index]!)
    }
  }

  /** The cell that was asked for at a place, where it is in the row that was read last. */
  take(index: number): Uint8Array | undefined | typeof LIES_APART {
    const view = this.#viewOf[index]!
    if (view < 0) return LIES_APART
    const start = this.#places.starts[view]!
    if (start >= 0) return this.#kept[view]
    return start === LIES_APART ? LIES_APART : undefined
  }
}

const SLAB_BYTES = 64 * 2 ** 10
const NOTHING = Buffer.alloc(0)

/** Copies so many cells at most out of the library's memory, into few buffers: one for each would cost as much again as the read. */
function cellKeeper(count: number): Keep {
  let slab: Buffer = NOTHING
  let at = 0
  let left = count
  return (source, start, end) => {
    const length = end - start
    if (at + length > slab.byteLength) {
      slab = Buffer.allocUnsafeSlow(Math.max(length, Math.min(SLAB_BYTES, length * left)))
      at = 0
    }
    left -= 1
    source.copy(slab, at, start, end)
    const kept = new Uint8Array(slab.buffer, at, length)
    at += length
    return kept
  }
}

function remembered<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name)
  if (found !== undefined) return found
  const made = make()
  known.set(name, made)
  return made
}
