/** The cells of one view version's part, by the Latin-1 text of their keys. */
export type CellTable = Map<string, HeldCell>

export interface HeldCell {
  /** Latin-1: one byte a byte. */
  text: string
  readonly key: string
  readonly table: CellTable
  /** Neighbours in the order in which cells were last asked for. */
  before: HeldCell | undefined
  after: HeldCell | undefined
}

/**
 * What a cell takes beside its key's and its own bytes, measured: the two strings' headers, its place in a table, and this object.
 * Cells are strings because an ArrayBuffer for each would cost three times that, and one more thing for the collector to look after.
 */
const OVERHEAD_BYTES = 170

/** Holds cells up to a number of bytes; those that were not asked for longest go first. */
export class BoundedCells {
  readonly #maxBytes: number
  #newest: HeldCell | undefined
  #oldest: HeldCell | undefined
  bytes = 0
  count = 0
  evictions = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** The cell, which is the newest from now on. */
  get(table: CellTable, key: string): HeldCell | undefined {
    const held = table.get(key)
    if (held === undefined || held === this.#newest) return held
    this.#unlink(held)
    this.#linkNewest(held)
    return held
  }

  /** Puts a cell in, or another in its place. One that is larger than all there is room for is not kept, nor is what was there. */
  set(table: CellTable, key: string, text: string): void {
    this.delete(table, key)
    const held: HeldCell = { text, key, table, before: undefined, after: undefined }
    if (sizeOf(held) > this.#maxBytes) {
      this.evictions += 1
      return
    }
    table.set(key, held)
    this.#linkNewest(held)
    this.bytes += sizeOf(held)
    this.count += 1
    while (this.bytes > this.#maxBytes) this.#evict(this.#oldest!)
  }

  delete(table: CellTable, key: string): void {
    const held = table.get(key)
    if (held !== undefined) this.#remove(held)
  }

  clear(table: CellTable): void {
    for (const held of table.values()) this.#remove(held)
  }

  #evict(held: HeldCell): void {
    this.#remove(held)
    this.evictions += 1
  }

  #remove(held: HeldCell): void {
    held.table.delete(held.key)
    this.#unlink(held)
    this.bytes -= sizeOf(held)
    this.count -= 1
  }

  #linkNewest(held: HeldCell): void {
    held.before = this.#newest
    held.after = undefined
    if (this.#newest === undefined) this.#oldest = held
    else this.#newest.after = held
    this.#newest = held
  }

  #unlink(held: HeldCell): void {
    if (held.before === undefined) this.#oldest = held.after
    else held.before.after = held.after
    if (held.after === undefined) this.#newest = held.before
    else held.after.before = held.before
  }
}

function sizeOf({ key, text }: HeldCell): number {
  return key.length + text.length + OVERHEAD_BYTES
}
