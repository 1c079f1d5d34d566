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
      expect(findCells(row, rotated, places)).toBe(true)
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

/** Rows whose lengths are damaged, and bytes that were never a row. */
const DAMAGED = fc.oneof(
  fc.uint8Array({ maxLength: 60 }),
  fc.tuple(ROW, fc.nat(), fc.integer({ min: 1, max: 255 })).map(([entries, place, flip]) => {
    const row = packRow(entries.map(([view, cell]) => ({ view, cell })))
    row[place % row.length]! ^= flip
    return row
  }),
)

test('a damaged row is told, or its cells lie within it', () => {
  fc.assert(
    fc.property(DAMAGED, fc.uniqueArray(NAME, { maxLength: 4, selector: String }), (bytes, views) => {
      const places = { starts: new Int32Array(views.length), ends: new Int32Array(views.length) }
      // What is beyond a row is memory of others.
      const memory = Buffer.concat([bytes, packRow(views.map((view) => ({ view, cell: Uint8Array.of(1, 2, 3) })))])
      const row = memory.subarray(0, bytes.length)
      const isWhole = findCells(row, views, places)
      for (const [index, start] of places.starts.entries()) {
        if (!isWhole) expect(start).toBe(ABSENT)
        else if (start >= 0) expect(places.ends[index]).toBeLessThanOrEqual(row.length)
      }
      if (row.length > 0 && row[0]! > 1) expect(() => unpackRow(row)).toThrow('layout version')
      else if (!isWhole) expect(unpackRow(row)).toEqual([])
    }),
    { numRuns: 2_000 },
  )
})

test('a row that is cut off, or goes on, is none', () => {
  fc.assert(
    fc.property(ROW, fc.nat(), (entries, place) => {
      const row = packRow(entries.map(([view, cell]) => ({ view, cell })))
      for (const broken of [row.subarray(0, place % row.length), Buffer.concat([row, Uint8Array.of(0)])]) {
        expect(findCells(broken, [], { starts: new Int32Array(0), ends: new Int32Array(0) })).toBe(false)
        expect(unpackRow(broken)).toEqual([])
      }
    }),
  )
})
