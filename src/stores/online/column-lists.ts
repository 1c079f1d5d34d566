import { FieldstoneError } from '../../errors.ts'
import { fromUtf8, utf8 } from '../../lib/bytes.ts'
import { type Column, type ColumnList, columnList, parseColumns, serializeColumns } from './column-list.ts'
import { encodeText } from './key-codec.ts'
import { cellIn, type OnlineStore } from './online-store.ts'
import { type CellHeader, firstByteOfList, isOfList } from './row-codec.ts'

/** Where Fieldstone keeps what it must remember; no entity's name begins with `_`. */
export const RESERVED_ENTITY = '_fieldstone'
const CELL = { view: 'columnList@1', part: 0 } as const

/** How long a list that is nowhere is taken to stay so, lest every read of such a row asks the store again. */
const ASK_AGAIN_MILLIS = 10_000
/** Fingerprints that are nowhere and remembered as such. */
const MAX_NOWHERE = 1_000

/** The column lists that cells of a store were written with (SPEC S2), each fetched once and kept in memory for good. */
export interface ColumnLists {
  /** From memory alone. */
  get(fingerprint: string): ColumnList | undefined
  /** The list that a cell was written with, from memory alone. Cheap: no text is made. */
  of(header: CellHeader): ColumnList | undefined
  /**
   * Fetches those that memory has not, in one read; a list that another call is fetching is waited for. A list that is nowhere is
   * asked for again after ten seconds. Rejects as the store's `read` does, and with CELL_CORRUPT for a list that is not what its name says.
   */
  load(fingerprints: Iterable<string>): Promise<void>
  /** Stores a list under its fingerprint, before the first cell is written with it. */
  record(list: ColumnList): Promise<void>
  /** How many cells were read as NOT_FOUND because their list is nowhere. */
  readonly nowhereCount: number
  countNowhere(): void
}

/** The list under which a view's rows are written now. */
export function columnListOf(view: { readonly features: readonly Column[] }): ColumnList {
  return columnList(view.features)
}

export function createColumnLists(store: OnlineStore): ColumnLists {
  const known = new Map<string, ColumnList>()
  // By the first byte of the fingerprint: a deployment has few lists, and nearly each has a byte of its own.
  const byFirstByte: ColumnList[][] = Array.from({ length: 256 }, () => [])
  const nowhereSince = new Map<string, number>()
  const flights = new Map<string, Promise<void>>()
  let nowhereCount = 0

  async function fetch(fingerprints: readonly string[]): Promise<void> {
    const cells = await store.read({ entity: RESERVED_ENTITY, keys: fingerprints.map(encodeText), cells: [CELL] })
    for (const [index, fingerprint] of fingerprints.entries()) keep(fingerprint, cellIn(cells[index]))
  }

  function keep(fingerprint: string, cell: Uint8Array | undefined): void {
    if (cell === undefined) {
      rememberNowhere(fingerprint)
      return
    }
    const list = parseColumns(fromUtf8(cell))
    if (list.fingerprint !== fingerprint) throw misnamed(fingerprint, list)
    remember(list)
  }

  function remember(list: ColumnList): void {
    if (known.has(list.fingerprint)) return
    known.set(list.fingerprint, list)
    byFirstByte[list.fingerprintBytes[0]!]!.push(list)
  }

  function rememberNowhere(fingerprint: string): void {
    if (nowhereSince.size >= MAX_NOWHERE) nowhereSince.clear()
    nowhereSince.set(fingerprint, performance.now())
  }

  function isWorthAsking(fingerprint: string): boolean {
    const since = nowhereSince.get(fingerprint)
    return !known.has(fingerprint) && (since === undefined || performance.now() - since > ASK_AGAIN_MILLIS)
  }

  /** Starts one flight for all that are not in the air yet. */
  function takeOff(fingerprints: readonly string[]): void {
    if (fingerprints.length === 0) return
    const flight = fetch(fingerprints).finally(() => {
      for (const fingerprint of fingerprints) flights.delete(fingerprint)
    })
    for (const fingerprint of fingerprints) flights.set(fingerprint, flight)
  }

  return {
    get: (fingerprint) => known.get(fingerprint),
    of: (header) => {
      for (const list of byFirstByte[firstByteOfList(header)]!) if (isOfList(header, list)) return list
      return undefined
    },
    load: async (fingerprints) => {
      const asked = [...new Set(fingerprints)].filter(isWorthAsking)
      takeOff(asked.filter((fingerprint) => !flights.has(fingerprint)))
      await Promise.all(asked.map((fingerprint) => flights.get(fingerprint)))
    },
    record: async (list) => {
      if (known.has(list.fingerprint)) return
      const cell = utf8(serializeColumns(list.columns))
      const keys = [encodeText(list.fingerprint)]
      await store.updateMany({
        ...{ entity: RESERVED_ENTITY, view: CELL.view, keys, parts: [] },
        update: () => new Map([[CELL.part, cell]]),
      })
      remember(list)
    },
    get nowhereCount() {
      return nowhereCount
    },
    countNowhere: () => {
      nowhereCount += 1
    },
  }
}

function misnamed(fingerprint: string, list: ColumnList): FieldstoneError {
  return new FieldstoneError('CELL_CORRUPT', {
    seen: `column list ${fingerprint}, whose columns give ${list.fingerprint}`,
  })
}
