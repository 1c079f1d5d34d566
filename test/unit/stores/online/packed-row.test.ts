import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  ABSENT,
  findCells,
  LIES_APART,
  type PackedCell,
  packRow,
  unpackRow,
} from '../../../../src/stores/online/lmdb/packed-row.ts'

const NAME = fc.uint8Array({ minLength: 1, maxLength: 255 })
const CELL = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: undefined })

/** Cells of distinct views, as a row holds them, and names of which some are in it. */
const ROW = fc.uniqueArray(fc.tuple(NAME, CELL), { maxLength: 8, selector: ([name]) => name.join(' ') })

function asText({ view, cell }: PackedCell): string {
  return `${view.join(' ')}: ${cell === undefined ? 'apart' : cell.join(' ')}`
}

test('a row gives back its cells in their order', () => {
  fc.assert(
    fc.property(ROW, (entries) => {
      const cells = entries.map(([view, cell]) => ({ view, cell }))
      expect(unpackRow(packRow(cells)).map(asText)).toEqual(cells.map(asText))
    }),
  )
})

test('cells are found by their views, in whichever order these are asked for', () => {
  fc.assert(
    fc.property(ROW, fc.array(NAME, { maxLength: 3 }), fc.integer(), (entries, others, seed) => {
      const known = new Map(entries.map(([view, cell]) => [view.join(' '), cell]))
      const strangers = others.filter((name) => !known.has(name.join(' ')))
      const views = [
        ...entries.map(([view]) => view),
        ...new Map(strangers.map((name) => [name.join(' '), name])).values(),
      ]
      const rotated = views.map((_, index) => views[(index + Math.abs(seed)) % views.length]!)
      const row = packRow(entries.map(([view, cell]) => ({ view, cell })))
      const places = { starts: new Int32Array(rotated.length), ends: new Int32Array(rotated.length) }
      findCells(row, rotated, places)
      for (const [index, view] of rotated.entries()) {
        const name = view.join(' ')
        const start = places.starts[index]!
        if (!known.has(name)) expect(start).toBe(ABSENT)
        else if (known.get(name) === undefined) expect(start).toBe(LIES_APART)
        else expect([...row.subarray(start, places.ends[index])]).toEqual([...known.get(name)!])
      }
    }),
  )
})
