import { describe, expect, test } from 'vitest'
import { type ColumnLists, createColumnLists } from '../../../../src/stores/online/column-lists.ts'
import type { OnlineStore } from '../../../../src/stores/online/online-store.ts'
import { writeRows } from '../../../../src/stores/online/row-writer.ts'
import { openLmdb } from '../../../support/open-lmdb.ts'
import { cellOf, keyOf, PAIR } from '../../../support/sample-rows.ts'

function write(store: OnlineStore, lists: ColumnLists, counts: readonly number[]) {
  const rows = counts.map((count, index) => ({
    key: keyOf(`k${index}`),
    cell: cellOf(PAIR, { values: [String(count), '"a"'] }),
    removableAfterMicros: undefined,
  }))
  return writeRows(store, lists, { entity: 'Thing', view: 'v@1', rows })
}

describe('writing rows', () => {
  test('loads the list that a tie hangs on, and counts right all the same', async () => {
    const store = await openLmdb()
    const first = createColumnLists(store)
    await first.record(PAIR)
    expect(await write(store, first, [1, 5, 3])).toEqual({ written: 3, superseded: 0, unchanged: 0 })
    const second = createColumnLists(store)
    expect(await write(store, second, [2, 4, 3, 0])).toEqual({ written: 2, superseded: 1, unchanged: 1 })
    expect(second.get(PAIR.fingerprint)).toEqual(PAIR)
  })

  test('rejects a tie under a list that was never recorded', async () => {
    const store = await openLmdb()
    const lists = createColumnLists(store)
    await write(store, lists, [1])
    await expect(write(store, lists, [2])).rejects.toMatchObject({
      code: 'CELL_CORRUPT',
      message: expect.stringContaining(PAIR.fingerprint),
    })
  })

  test('rejects rows that are no cells, and writes nothing of them', async () => {
    const store = await openLmdb()
    const lists = createColumnLists(store)
    await lists.record(PAIR)
    await write(store, lists, [1])
    const rows = [{ key: keyOf('k0'), cell: Uint8Array.of(1), removableAfterMicros: undefined }]
    const request = { entity: 'Thing', view: 'v@1', rows }
    await expect(writeRows(store, lists, request)).rejects.toMatchObject({ code: 'CELL_CORRUPT' })
    expect(await write(store, lists, [1])).toMatchObject({ unchanged: 1 })
  })
})
