import { FieldstoneError } from '../../errors.ts'
import { cellComparator, UnknownColumnList } from './cell-order.ts'
import type { ColumnLists } from './column-lists.ts'
import type { CellWrite, OnlineStore, WriteSummary } from './online-store.ts'

/** Writes rows of one view without regress (SPEC V4): part 0 of each key. Rejects with NOT_APPLIED where a stored row's column list is nowhere. */
export async function writeRows(
  store: OnlineStore,
  lists: ColumnLists,
  request: { readonly entity: string; readonly view: string; readonly rows: readonly CellWrite[] },
): Promise<WriteSummary> {
  const compare = cellComparator(lists)
  const asked = new Set<string>()
  for (;;) {
    try {
      return await store.write({ ...request, part: 0, compare })
    } catch (error) {
      if (!(error instanceof UnknownColumnList)) throw error
      await loadOnce(lists, error, asked)
    }
  }
}

async function loadOnce(lists: ColumnLists, { fingerprint }: UnknownColumnList, asked: Set<string>): Promise<void> {
  if (asked.has(fingerprint)) {
    throw new FieldstoneError('CELL_CORRUPT', {
      seen: `a stored row of column list ${fingerprint}`,
      why: 'The list is not in this store, so the row cannot be compared with the one that is written.',
    })
  }
  asked.add(fingerprint)
  await lists.load([fingerprint])
}
