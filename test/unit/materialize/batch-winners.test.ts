import fc from 'fast-check'
import { expect, test } from 'vitest'
import { batchWinners } from '../../../src/materialize/batch-winners.ts'
import type { DecodedRow } from '../../../src/materialize/row-decoder.ts'
import { cellComparator } from '../../../src/stores/online/cell-order.ts'
import { columnList } from '../../../src/stores/online/column-list.ts'
import { createColumnLists } from '../../../src/stores/online/column-lists.ts'
import { encodeText } from '../../../src/stores/online/key-codec.ts'
import { encodeCell, readCellHeader, valueText } from '../../../src/stores/online/row-codec.ts'
import { openLmdb } from '../../support/open-lmdb.ts'

const LIST = columnList([{ name: 'n', dtype: { kind: 'int32' }, nonFinite: 'null' }])

interface PlainRow {
  readonly key: string
  readonly event: number
  readonly rev: number
  readonly tombstone: boolean
  readonly n: number
}

const arbitraryRow: fc.Arbitrary<PlainRow> = fc.record({
  key: fc.constantFrom('A', 'B'),
  event: fc.integer({ min: 0, max: 2 }),
  rev: fc.integer({ min: 0, max: 1 }),
  tombstone: fc.boolean(),
  n: fc.integer({ min: 8, max: 11 }),
})

function toRow({ key, event, rev, tombstone, n }: PlainRow): DecodedRow {
  const times = { eventMicros: event, ingestMicros: event }
  const cell = encodeCell(LIST, {
    ...times,
    tieBreaker: Uint8Array.of(rev),
    tombstone,
    values: tombstone ? [] : [String(n)],
  })
  return { key: encodeText(key), cell, ...times }
}

const tieOf = ({ key, event, rev, tombstone }: PlainRow) => [event, key, rev, Number(tombstone)].join()
const orderOf = ({ event, rev, tombstone, n }: PlainRow) => [event, rev, Number(tombstone), tombstone ? 0 : n]

function compareOrders(a: readonly number[], b: readonly number[]): number {
  return a.map((value, index) => value - b[index]!).find((difference) => difference !== 0) ?? 0
}

test('the greatest row of each key wins, and what loses by values alone is counted, in whatever order ties come', async () => {
  const lists = createColumnLists(await openLmdb())
  await lists.record(LIST)
  fc.assert(
    fc.property(fc.array(arbitraryRow, { maxLength: 12 }), (rows) => {
      // Rows that tie are neighbours; among them the order is the arbitrary one, for sorting keeps it.
      const scanned = rows.toSorted((a, b) => (tieOf(a) < tieOf(b) ? -1 : Number(tieOf(a) > tieOf(b))))
      const winners = batchWinners(cellComparator(lists))
      for (const row of scanned) winners.add(toRow(row))

      const greatest = new Map<string, PlainRow>()
      let ambiguous = 0
      for (const [, tied] of Map.groupBy(rows, tieOf)) {
        const last = Math.max(...tied.map(({ n }) => n))
        if (!tied[0]!.tombstone) ambiguous += tied.filter(({ n }) => n < last).length
      }
      for (const row of rows) {
        const before = greatest.get(row.key)
        if (before === undefined || compareOrders(orderOf(before), orderOf(row)) < 0) greatest.set(row.key, row)
      }
      const taken = winners.take().map(({ cell, eventMicros }) => {
        const header = readCellHeader(cell)
        return [eventMicros, header.tombstone ? 'deleted' : valueText(header, 0)].join()
      })
      const expected = [...greatest.values()].map(({ event, tombstone, n }) =>
        [event, tombstone ? 'deleted' : n].join(),
      )
      expect(taken.toSorted()).toEqual(expected.toSorted())
      expect(winners.ambiguous).toBe(ambiguous)
      expect(winners.superseded + winners.unchanged).toBe(rows.length - greatest.size)
      expect(winners.take()).toEqual([])
    }),
    { numRuns: 500 },
  )
})
