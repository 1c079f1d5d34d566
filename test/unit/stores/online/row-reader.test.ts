import { describe, expect, test } from 'vitest'
import { type ColumnLists, createColumnLists } from '../../../../src/stores/online/column-lists.ts'
import { type OnlineStore, StaleCell } from '../../../../src/stores/online/online-store.ts'
import { valueText } from '../../../../src/stores/online/row-codec.ts'
import { type RowOutcome, readRows, rowIn, StaleRow } from '../../../../src/stores/online/row-reader.ts'
import { openLmdb } from '../../../support/open-lmdb.ts'
import { cellOf, keyOf, PAIR, TRIPLE } from '../../../support/sample-rows.ts'

const CELLS = [{ view: 'v@1', part: 0 }] as const

async function storeOf(cells: Readonly<Record<string, Uint8Array>>): Promise<OnlineStore> {
  const store = await openLmdb()
  const lists = createColumnLists(store)
  for (const list of [PAIR, TRIPLE]) await lists.record(list)
  const rows = Object.entries(cells).map(([name, cell]) => ({
    key: keyOf(name),
    cell,
    removableAfterMicros: undefined,
  }))
  await store.write({ entity: 'Thing', ...CELLS[0], rows, compare: () => -1 })
  return store
}

function read(store: OnlineStore, names: readonly string[], lists: ColumnLists = createColumnLists(store)) {
  return readRows(store, lists, { entity: 'Thing', keys: names.map(keyOf), cells: CELLS })
}

function textsOf(row: RowOutcome): unknown {
  if (row === undefined || row instanceof Error) return row
  if (row instanceof StaleRow) return { stale: textsOf(row.row), ageMillis: row.ageMillis }
  return row.list.columns.map((_, index) => valueText(row.header, index))
}

describe('reading rows', () => {
  test('tells each row under the list that it was written with, in the order asked', async () => {
    const store = await storeOf({
      pair: cellOf(PAIR, { values: ['1', '"a"'] }),
      triple: cellOf(TRIPLE, { values: ['2', '0.5', '"b"'] }),
    })
    const rows = await read(store, ['triple', 'nobody', 'pair', 'triple'])
    expect(rows.map(textsOf)).toEqual([['2', '0.5', '"b"'], undefined, ['1', '"a"'], ['2', '0.5', '"b"']])
    expect((rows[0] as { list: unknown }).list).toEqual(TRIPLE)
  })

  test('puts CELL_CORRUPT in the place of what cannot be read, and harms no other', async () => {
    const foreign = cellOf(PAIR, { values: ['1.0', '"not ended'] })
    foreign[1] = 0
    const store = await storeOf({
      good: cellOf(PAIR, { values: ['1', '"a"'] }),
      half: cellOf(PAIR, { values: ['1', '"a"'] }).subarray(0, 40),
      noise: Uint8Array.of(1, 2, 3),
      foreign,
      few: cellOf(PAIR, { values: ['1'] }),
      many: cellOf(PAIR, { values: ['1', '2', '3'] }),
    })
    const rows = await read(store, ['half', 'good', 'noise', 'foreign', 'few', 'many', 'good'])
    const corrupt = expect.objectContaining({ code: 'CELL_CORRUPT' })
    expect(rows.map(textsOf)).toEqual([corrupt, ['1', '"a"'], corrupt, corrupt, corrupt, corrupt, ['1', '"a"']])
  })

  test('tells stale copies with their ages, whether there was a row or none', async () => {
    const store = await storeOf({ pair: cellOf(PAIR, { values: ['1', '"a"'] }), noise: Uint8Array.of(1, 2, 3) })
    const copies: OnlineStore = {
      ...store,
      read: async (request) => {
        const found = await store.read(request)
        return request.entity.startsWith('_') ? found : found.map((cell) => new StaleCell(cell as Uint8Array, 1_500))
      },
    }
    const rows = await read(copies, ['pair', 'nobody', 'noise'])
    expect(rows.map(textsOf)).toEqual([
      { stale: ['1', '"a"'], ageMillis: 1_500 },
      { stale: undefined, ageMillis: 1_500 },
      expect.objectContaining({ code: 'CELL_CORRUPT' }),
    ])
    expect(rowIn(rows[0])?.list).toEqual(PAIR)
    expect(() => rowIn(rows[2])).toThrow(/a cell of 3 bytes/)
  })

  test('makes what a warehouse wrote canonical', async () => {
    const foreign = cellOf(PAIR, { eventMicros: 7, tieBreaker: 'x', values: ['12.0', '"\\u0041"'] })
    foreign[1] = 0
    const [row] = await read(await storeOf({ foreign }), ['foreign'])
    expect(textsOf(row)).toEqual(['12', '"A"'])
    expect(row).toMatchObject({ header: { eventMicros: 7, canonical: true } })
  })

  test('gives tombstones as rows without values', async () => {
    const [row] = await read(await storeOf({ gone: cellOf(PAIR, { eventMicros: 7, tombstone: true }) }), ['gone'])
    expect(row).toMatchObject({ header: { tombstone: true, eventMicros: 7, valueCount: 0 } })
  })

  test('puts an error of one cell in its place', async () => {
    const store = await storeOf({ good: cellOf(PAIR, { values: ['1', '"a"'] }) })
    const shaky: OnlineStore = {
      ...store,
      read: async (request) => {
        const cells = await store.read(request)
        // What another store may answer where one of its tablets is down.
        return request.entity === 'Thing' ? [new Error('tablet 7'), ...cells.slice(1)] : cells
      },
    }
    const unavailable = expect.objectContaining({ code: 'STORE_UNAVAILABLE', retryable: true })
    expect((await read(shaky, ['good', 'good'])).map(textsOf)).toEqual([unavailable, ['1', '"a"']])
  })

  test('rejects where the store does not answer at all', async () => {
    const store = await storeOf({})
    await store.close()
    await expect(read(store, ['good'])).rejects.toMatchObject({ code: 'STORE_CLOSED' })
  })
})
