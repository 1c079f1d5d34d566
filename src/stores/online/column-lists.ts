import { fromUtf8, utf8 } from '../../lib/bytes.ts'
import { type Column, type ColumnList, columnList, parseColumns, serializeColumns } from './column-list.ts'
import { encodeText } from './key-codec.ts'
import type { OnlineStore } from './online-store.ts'

/** Where what Fieldstone itself remembers is kept; no entity's name begins with `_`. */
export const RESERVED_ENTITY = '_fieldstone'
const VIEW = 'columnList@1'

/** The column lists that cells of a store were written with (SPEC S2), each fetched once and kept in memory. */
export interface ColumnLists {
  /** From memory alone. */
  get(fingerprint: string): ColumnList | undefined
  /** Fetches those that memory has not; one flight for each. A list that is nowhere is asked for again after ten seconds. */
  load(fingerprints: Iterable<string>): Promise<void>
  /** Stores a list under its fingerprint, before the first cell is written with it. */
  record(list: ColumnList): Promise<void>
  /** How many cells were read as NOT_FOUND because their list is nowhere. */
  readonly nowhereCount: number
  countNowhere(): void
}

const ASK_AGAIN_MILLIS = 10_000

/** The list under which a view's rows are written now. */
export function columnListOf(view: { readonly features: readonly Column[] }): ColumnList {
  return columnList(view.features)
}

export function createColumnLists(store: OnlineStore): ColumnLists {
  const known = new Map<string, ColumnList>()
  const nowhereSince = new Map<string, number>()
  const flights = new Map<string, Promise<void>>()
  let nowhereCount = 0

  async function fetch(fingerprint: string): Promise<void> {
    const [cell] = await store.read({
      entity: RESERVED_ENTITY,
      keys: [encodeText(fingerprint)],
      cells: [{ view: VIEW, part: 0 }],
    })
    if (cell instanceof Error) throw cell
    if (cell === undefined) nowhereSince.set(fingerprint, performance.now())
    else known.set(fingerprint, parseColumns(fromUtf8(cell)))
  }

  function isWorthAsking(fingerprint: string): boolean {
    const since = nowhereSince.get(fingerprint)
    return !known.has(fingerprint) && (since === undefined || performance.now() - since > ASK_AGAIN_MILLIS)
  }

  function fetchOnce(fingerprint: string): Promise<void> {
    const flying = flights.get(fingerprint)
    if (flying !== undefined) return flying
    const flight = fetch(fingerprint).finally(() => flights.delete(fingerprint))
    flights.set(fingerprint, flight)
    return flight
  }

  return {
    get: (fingerprint) => known.get(fingerprint),
    load: async (fingerprints) => {
      await Promise.all([...new Set(fingerprints)].filter(isWorthAsking).map(fetchOnce))
    },
    record: async (list) => {
      if (known.has(list.fingerprint)) return
      const cell = utf8(serializeColumns(list.columns))
      const keys = [encodeText(list.fingerprint)]
      await store.updateMany({
        entity: RESERVED_ENTITY,
        view: VIEW,
        keys,
        parts: [0],
        update: () => new Map([[0, cell]]),
      })
      known.set(list.fingerprint, list)
    },
    get nowhereCount() {
      return nowhereCount
    },
    countNowhere: () => {
      nowhereCount += 1
    },
  }
}
