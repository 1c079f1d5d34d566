import { FieldstoneError } from '../../errors.ts'
import { cellComparator, UnknownColumnList } from './cell-order.ts'
import type { ColumnLists } from './column-lists.ts'
import type { CellWrite, OnlineStore, WriteSummary } from './online-store.ts'

export interface RowsRequest {
  readonly entity: string
  /** `name@version`. */
  readonly view: string
  readonly rows: readonly CellWrite[]
  /** Fingerprint of the view's newest column list: of rows that tie, one of it stands above one of another. Default: none is known. */
  readonly newestList?: string
  /** The caller holds the view's lease (see `WriteRequest`). */
  readonly exclusive?: true
}

/**
 * Writes rows of one view without regress (SPEC V4): part 0 of each key. Durable on return. Rejects with CELL_CORRUPT where
 * rows tie under a column list that was never recorded.
 */
export async function writeRows(store: OnlineStore, lists: ColumnLists, request: RowsRequest): Promise<WriteSummary> {
  const { newestList, ...written } = request
  const compare = cellComparator(lists, newestList)
  const write = () => store.write({ ...written, part: 0, compare, packed: true })
  const asked = new Set<string>()
  for (;;) {
    try {
      return await write()
    } catch (error) {
      if (!(error instanceof UnknownColumnList)) throw error
      if (asked.has(error.fingerprint)) throw neverRecorded(error.fingerprint)
      asked.add(error.fingerprint)
      await lists.load([error.fingerprint])
    }
  }
}

function neverRecorded(fingerprint: string): FieldstoneError {
  return new FieldstoneError('CELL_CORRUPT', {
    seen: `rows of column list ${fingerprint}`,
    why: 'The list is not in this store, so rows that tie cannot be told apart.',
  })
}
