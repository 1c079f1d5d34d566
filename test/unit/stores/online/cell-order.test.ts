import fc from 'fast-check'
import { beforeEach, describe, expect, test } from 'vitest'
import { cellComparator, UnknownColumnList } from '../../../../src/stores/online/cell-order.ts'
import { type ColumnList, columnList } from '../../../../src/stores/online/column-list.ts'
import { type ColumnLists, createColumnLists } from '../../../../src/stores/online/column-lists.ts'
import { openLmdb } from '../../../support/open-lmdb.ts'
import { cellOf, PAIR, TRIPLE } from '../../../support/sample-rows.ts'

/** As long as PAIR, and with the first column of TRIPLE alone in common. */
const OTHER_PAIR = columnList([
  { name: 'count', dtype: { kind: 'int32' }, nonFinite: 'null' },
  { name: 'elsewhere', dtype: { kind: 'string' }, nonFinite: 'null' },
])

let lists: ColumnLists
let compare: (stored: Uint8Array, offered: Uint8Array) => number
beforeEach(async () => {
  lists = createColumnLists(await openLmdb())
  for (const list of [PAIR, TRIPLE, OTHER_PAIR]) await lists.record(list)
  compare = cellComparator(lists)
})

function foreign(cell: Uint8Array): Uint8Array {
  cell[1] = 0
  return cell
}

const TEXTS: Readonly<Record<string, readonly string[]>> = {
  int32: ['null', '-3', '3', '20'],
  float64: ['null', '0.5', '-1', '1e+21'],
  string: ['null', '""', '"a"', '"é"'],
}

/** Cells that tie in much, under any of three lists, some written by a warehouse. */
const CELL: fc.Arbitrary<Uint8Array> = fc.constantFrom<ColumnList>(PAIR, TRIPLE, OTHER_PAIR).chain((list) =>
  fc
    .record({
      eventMicros: fc.integer({ min: 0, max: 1 }),
      tieBreaker: fc.constantFrom('', '\0'),
      tombstone: fc.constantFrom(false, false, false, true),
      values: fc.tuple(...list.columns.map(({ dtype }) => fc.constantFrom(...TEXTS[dtype.kind]!))),
      isForeign: fc.boolean(),
    })
    .map(({ isForeign, ...row }) => (isForeign ? foreign(cellOf(list, row)) : cellOf(list, row))),
)

describe('the order of two cells', () => {
  test('is total, over different lists and writers too', () => {
    const newest = fc.constantFrom(undefined, PAIR, TRIPLE)
    fc.assert(
      fc.property(CELL, CELL, CELL, newest, (a, b, c, list) => {
        const compare = cellComparator(lists, list?.fingerprint)
        expect(Math.sign(compare(a, b))).toBe(-Math.sign(compare(b, a)) + 0)
        expect(compare(a, a)).toBe(0)
        if (compare(a, b) <= 0 && compare(b, c) <= 0) expect(compare(a, c)).toBeLessThanOrEqual(0)
        if (compare(a, b) === 0) expect(Math.sign(compare(a, c))).toBe(Math.sign(compare(b, c)))
      }),
      { numRuns: 5_000 },
    )
  })

  test('takes what a warehouse wrote by its meaning', () => {
    const ours = cellOf(PAIR, { values: ['12', '"A"'] })
    expect(compare(ours, foreign(cellOf(PAIR, { values: ['12.0', '"\\u0041"'] })))).toBe(0)
    expect(compare(foreign(cellOf(PAIR, { values: ['9.0', '"z"'] })), ours)).toBeLessThan(0)
  })

  test('lets the row of more columns stand where they tie', () => {
    const few = cellOf(PAIR, { values: ['9', '"z"'] })
    const many = cellOf(TRIPLE, { values: ['1', 'null', '"a"'] })
    expect(compare(few, many)).toBeLessThan(0)
    expect(compare(many, few)).toBeGreaterThan(0)
    expect(compare(many, cellOf(PAIR, { eventMicros: 1, values: ['9', '"z"'] }))).toBeLessThan(0)
  })

  test('of two tombstones is that of their times alone', () => {
    const [a, b] = [cellOf(PAIR, { tombstone: true }), cellOf(PAIR, { tombstone: true })]
    expect(compare(a, b)).toBe(0)
    expect(compare(cellOf(PAIR, { values: ['20', '"z"'] }), a)).toBeLessThan(0)
  })

  test('puts a stored cell that cannot be read below every row, so that writing mends it', () => {
    const row = cellOf(PAIR, { eventMicros: 0, values: ['1', '"a"'] })
    const broken = [
      new Uint8Array(0),
      new Uint8Array(50),
      cellOf(PAIR, { eventMicros: 9 }).subarray(0, 40),
      foreign(cellOf(PAIR, { values: ['1', '"unended'] })),
    ]
    for (const stored of broken) expect(compare(stored, row)).toBeLessThan(0)
  })

  test('does not judge a stored cell of a later codec, nor an offered one that is broken', () => {
    const row = cellOf(PAIR, {})
    const later = cellOf(PAIR, {})
    later[0] = 2
    const corrupt = expect.objectContaining({ code: 'CELL_CORRUPT' })
    expect(() => compare(later, row)).toThrow(corrupt)
    expect(() => compare(row, row.subarray(1))).toThrow(corrupt)
  })

  test('asks for a list that memory has not, and only where the values decide', async () => {
    const forgetful = cellComparator(createColumnLists(await openLmdb()))
    const [a, b] = [cellOf(PAIR, { values: ['1', '"a"'] }), cellOf(PAIR, { values: ['2', '"a"'] })]
    expect(() => forgetful(a, b)).toThrow(new UnknownColumnList(PAIR.fingerprint))
    expect(forgetful(a, a)).toBe(0)
    expect(forgetful(a, cellOf(PAIR, { eventMicros: 1 }))).toBeLessThan(0)
    expect(forgetful(a, cellOf(TRIPLE, {}))).toBeLessThan(0)
  })
})
