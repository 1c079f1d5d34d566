import { describe, expect, test } from 'vitest'
import { filterBytesOf, newestOf } from '../../../../../src/stores/online/bigtable/filters.ts'
import {
  columnOf,
  columnsOf,
  digestColumn,
  endOfEntity,
  entityPrefix,
  keyOfRow,
  rowKeyOf,
  updateColumn,
} from '../../../../../src/stores/online/bigtable/layout.ts'
import { encodeKey } from '../../../../../src/stores/online/key-codec.ts'

const PREFIX = entityPrefix('Flight')
const NUMBERED = { name: 'Flight', keys: [{ name: 'id', dtype: { kind: 'int64' } }] } as const
const NAMED = { name: 'Flight', keys: [{ name: 'id', dtype: { kind: 'string' } }] } as const

describe('rows', () => {
  test.each([
    ['numbers in sequence', (index: number) => encodeKey(NUMBERED, [BigInt(index)])],
    ['milliseconds of an hour', (index: number) => encodeKey(NUMBERED, [1_700_000_000_000n + BigInt(index * 225)])],
    ['numbered names', (index: number) => encodeKey(NAMED, [`customer-${String(index).padStart(9, '0')}`])],
    ['hours as text', (index: number) => encodeKey(NAMED, [new Date(index * 3_600_000).toISOString()])],
  ])('of %s spread evenly over their entity', (_, keyAt) => {
    const parts = 64
    const counts = new Array<number>(parts).fill(0)
    const runs = new Set<number>()
    let last = -1
    for (let index = 0; index < 16_000; index += 1) {
      const part = Math.floor((rowKeyOf(PREFIX, keyAt(index))[PREFIX.length]! * parts) / 256)
      counts[part]! += 1
      if (part === last) runs.add(index)
      last = part
    }
    // 250 are due to each; 16 is the standard deviation.
    expect(Math.min(...counts)).toBeGreaterThan(170)
    expect(Math.max(...counts)).toBeLessThan(330)
    // And keys that come one after another are not beside each other.
    expect(runs.size).toBeLessThan(500)
  })

  test('of one entity are one run of the table, and give their keys back', () => {
    const keys = ['', 'a', '\0', '\u{10ffff}'].map((text) => encodeKey(NAMED, [text]))
    const end = endOfEntity(PREFIX)
    for (const key of keys) {
      const row = rowKeyOf(PREFIX, key)
      expect(Buffer.compare(row, PREFIX)).toBeGreaterThan(0)
      expect(Buffer.compare(row, end)).toBeLessThan(0)
      expect(Buffer.from(keyOfRow(PREFIX, row))).toEqual(Buffer.from(key))
      for (const other of ['Fligh', 'Flight_', 'Flights', 'A', 'Z']) {
        const foreign = rowKeyOf(entityPrefix(other), key)
        expect(Buffer.compare(foreign, PREFIX) < 0 || Buffer.compare(foreign, end) >= 0).toBe(true)
      }
    }
  })

  test('stay far below the 4 KB that a row key may have', () => {
    const row = rowKeyOf(entityPrefix('E'.repeat(255)), new Uint8Array(1_024))
    expect(row.byteLength).toBeLessThan(2_048)
  })
})

describe('columns', () => {
  test('of a view are one run, which holds no other view’s', () => {
    const { start, end } = columnsOf('v@1')
    const isWithin = (column: Buffer) => Buffer.compare(column, start) >= 0 && Buffer.compare(column, end) < 0
    const own = [columnOf('v@1', 0), columnOf('v@1', 65_535), digestColumn('v@1', 7), updateColumn('v@1')]
    expect(own.map(isWithin)).toEqual([true, true, true, true])
    const others = ['v@10', 'v@11', 'v@', 'vv@1', 'v@2', 'u@1'].flatMap((view) => [
      columnOf(view, 0),
      updateColumn(view),
    ])
    expect(others.filter(isWithin)).toEqual([])
  })

  test('refuse names that would not be told apart, or not fit a filter', () => {
    const refused = expect.objectContaining({ code: 'DEFINITION_INVALID' })
    expect(() => columnOf('v/1@1', 0)).toThrow(refused)
    expect(() => columnOf('v'.repeat(256), 0)).toThrow(refused)
    expect(() => entityPrefix('é'.repeat(128))).toThrow(refused)
  })

  test('are never more of a filter than they are counted for', () => {
    for (const count of [9, 60]) {
      const columns = Array.from({ length: count }, (_, index) => columnOf(`${'view.('.repeat(40)}${index}@1`, index))
      const counted = columns.reduce((sum, column) => sum + filterBytesOf(column), 0)
      const pattern = /"columnQualifierRegexFilter":{"type":"Buffer","data":\[([\d,]*)\]}/.exec(
        JSON.stringify(newestOf(columns)),
      )!
      expect(pattern[1]!.split(',').length).toBeLessThanOrEqual(counted)
    }
  })
})
