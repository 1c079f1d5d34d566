import type { CellBatch, CellName, ReadRequest } from '../online-store.ts'
import type { Database } from './database.ts'
import { ABSENT, type CellPlaces, corruptRow, findCells, LIES_APART } from './packed-row.ts'
import { entityPrefix, keyMaker, partSuffix, ROW_SUFFIX, viewName } from './physical-key.ts'

/** What a read found of one cell. */
type Read = CellBatch[number]

/** Reads are synchronous, for LMDB reads memory. Each is of one instant, and not before the call. */
export function readerOf(db: Database): (request: ReadRequest) => CellBatch {
  // A deployment has few entities and views: what their names become in keys is made once.
  const keyMakers = new Map<string, ReturnType<typeof keyMaker>>()
  const names = new Map<string, Uint8Array>()

  // Whoever reads again and again names its cells by one list.
  const pickers = new WeakMap<readonly CellName[], RowPicker>()

  function pickerOf(cells: readonly CellName[]): RowPicker {
    const known = pickers.get(cells)
    if (known !== undefined) return known
    const views = cells.map(({ view }) => remembered(names, view, () => viewName(view)))
    const picker = new RowPicker(cells, views)
    pickers.set(cells, picker)
    return picker
  }

  return ({ entity, keys, cells }) => {
    const idOf = remembered(keyMakers, entity, () => keyMaker(entityPrefix(entity)))
    // The library takes any bytes for a key.
    const get = (key: Uint8Array, suffix: Uint8Array) => db.getBinaryFast(idOf(key, suffix) as Buffer)
    const picker = pickerOf(cells)
    // The library renews its view of the store once a turn of the event loop; what another process has since acknowledged would be missed.
    db.resetReadTxn()
    const keeper = new CellKeeper(keys.length)
    const batch: Read[] = []
    for (const key of keys) {
      const row = picker.isOfRows ? get(key, ROW_SUFFIX) : undefined
      const start = batch.length
      picker.pick(row, keeper, batch)
      // A read of the library takes the place of the one before, so these come after the row's cells were kept.
      for (const index of picker.apart) {
        const cell = get(key, picker.suffixes[index]!)
        batch[start + index] = cell === undefined ? undefined : keeper.keepCell(cell, 0, cell.length)
      }
    }
    return batch
  }
}

/** Takes the cells of one list out of one row after another. */
class RowPicker {
  /** Whether any of the cells may be in a row. */
  readonly isOfRows: boolean
  /** For each cell what ends its key where it lies by itself. */
  readonly suffixes: readonly Uint8Array[]
  /** After a pick, the places of the cells that lie by themselves. */
  readonly apart: number[] = []
  /** The distinct views that are looked for, and for each cell its view's place among them; -1 for one that is never in a row. */
  readonly #views: Uint8Array[] = []
  readonly #viewOf: readonly number[]
  readonly #places: CellPlaces

  constructor(cells: readonly CellName[], views: readonly Uint8Array[]) {
    this.suffixes = cells.map(({ part }, index) => partSuffix(views[index]!, part))
    this.#viewOf = cells.map(({ part }, index) => (part === 0 ? this.#add(views[index]!) : -1))
    this.#places = { starts: new Int32Array(this.#views.length), ends: new Int32Array(this.#views.length) }
    this.isOfRows = this.#views.length > 0
  }

  #add(view: Uint8Array): number {
    const known = this.#views.indexOf(view)
    return known >= 0 ? known : this.#views.push(view) - 1
  }

  /**
   * Adds the cells to a batch in the order of the list: undefined where there is none, and for now where it lies by itself; an error
   * where the row cannot be read.
   */
  pick(row: Buffer | undefined, keeper: CellKeeper, batch: Read[]): void {
    const { starts, ends } = this.#places
    this.apart.length = 0
    let absent: Read
    if (row === undefined) starts.fill(ABSENT)
    else if (!findCells(row, this.#views, this.#places)) absent = corruptRow(row)
    const keptAt = this.#keepAll(row, keeper)
    for (let index = 0; index < this.#viewOf.length; index += 1) {
      const view = this.#viewOf[index]!
      const start = view < 0 ? LIES_APART : starts[view]!
      if (start === LIES_APART) this.apart.push(index)
      if (start < 0) batch.push(absent)
      else if (keptAt === KEPT_SINGLY) batch.push(keeper.keepCell(row!, start, ends[view]!))
      else batch.push(keeper.cell(keptAt + start, keptAt + ends[view]!))
    }
  }

  /**
   * Keeps all between the first and the last cell that are asked for, and gives where the row would begin; `KEPT_SINGLY` where
   * most of that is of others.
   */
  #keepAll(row: Buffer | undefined, keeper: CellKeeper): number {
    const { starts, ends } = this.#places
    let first = Number.POSITIVE_INFINITY
    let last = 0
    let bytes = 0
    for (let view = 0; view < starts.length; view += 1) {
      if (starts[view]! < 0) continue
      if (starts[view]! < first) first = starts[view]!
      if (ends[view]! > last) last = ends[view]!
      bytes += ends[view]! - starts[view]!
    }
    if (last === 0) return 0
    return last - first > 2 * bytes + MAX_GAP_BYTES ? KEPT_SINGLY : keeper.keep(row!, first, last) - first
  }
}

/** Not worth a copy of its own for each cell, nor the memory of a request's thousands of rows to waste much more. */
const MAX_GAP_BYTES = 1_024
const KEPT_SINGLY = Number.NEGATIVE_INFINITY

const SLAB_BYTES = 64 * 2 ** 10
const POOLED_BYTES = 2 ** 11
const NOTHING = Buffer.alloc(0)

/** Copies what is read out of the library's memory, into few buffers: one for each cell would cost as much again as the read. */
class CellKeeper {
  /** How many reads are still to be kept, to choose a buffer for them. */
  #left: number
  #slab: Buffer = NOTHING
  #used = 0

  constructor(reads: number) {
    this.#left = reads
  }

  /** Copies a part of what was read, and gives where it is for `cell`. */
  keep(source: Buffer, start: number, end: number): number {
    const length = end - start
    if (this.#used + length > this.#slab.byteLength) {
      // A few bytes share Node's own pool with others; many get memory of their own.
      const wanted = Math.max(length, Math.min(SLAB_BYTES, length * this.#left))
      this.#slab = wanted <= POOLED_BYTES ? Buffer.allocUnsafe(wanted) : Buffer.allocUnsafeSlow(wanted)
      this.#used = 0
    }
    this.#left -= 1
    const at = this.#used
    source.copy(this.#slab, at, start, end)
    this.#used += length
    return at
  }

  keepCell(source: Buffer, start: number, end: number): Uint8Array {
    const at = this.keep(source, start, end)
    return this.cell(at, at + end - start)
  }

  /** Of what was kept last. */
  cell(start: number, end: number): Uint8Array {
    return new Uint8Array(this.#slab.buffer, this.#slab.byteOffset + start, end - start)
  }
}

function remembered<T>(known: Map<string, T>, name: string, make: () => T): T {
  const found = known.get(name)
  if (found !== undefined) return found
  const made = make()
  known.set(name, made)
  return made
}
