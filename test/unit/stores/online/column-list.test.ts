import { describe, expect, test } from 'vitest'
import { type Column, columnList, parseColumns, serializeColumns } from '../../../../src/stores/online/column-list.ts'

const COLUMNS: readonly Column[] = [
  { name: 'a', dtype: { kind: 'int32' }, nonFinite: 'null' },
  { name: 'b', dtype: { kind: 'enum', name: 'Season', members: ['WINTER', 'SUMMER'] }, nonFinite: 'null' },
  { name: 'c', dtype: { kind: 'list', of: { kind: 'float64' } }, nonFinite: 'string' },
  { name: 'd', dtype: { kind: 'vector', dimensions: 3 }, nonFinite: 'null' },
]

describe('a column list', () => {
  test('comes back from its text, under the same fingerprint', () => {
    const list = columnList(COLUMNS)
    expect(parseColumns(serializeColumns(list.columns))).toEqual(list)
    expect(list.fingerprint).toMatch(/^[0-9a-f]{16}$/)
    expect(list.indexOf.get('c')).toBe(2)
  })

  test('has one fingerprint however its parts were written down', () => {
    const otherwise = COLUMNS.map(({ name, dtype, nonFinite }) => {
      const reversed = Object.fromEntries(Object.entries(dtype).reverse()) as unknown as Column['dtype']
      return { nonFinite, dtype: reversed, name, description: 'not of the list' }
    })
    expect(columnList(otherwise)).toEqual(columnList(COLUMNS))
  })

  test('has another fingerprint for every change', () => {
    const [a, b, c, d] = COLUMNS as [Column, Column, Column, Column]
    const lists: readonly (readonly Column[])[] = [
      [],
      COLUMNS,
      [b, a, c, d],
      [a, b, c],
      [{ ...a, name: 'A' }, b, c, d],
      [{ ...a, dtype: { kind: 'int64' } }, b, c, d],
      [{ ...a, nonFinite: 'string' }, b, c, d],
      [a, { ...b, dtype: { kind: 'enum', name: 'Season', members: ['SUMMER', 'WINTER'] } }, c, d],
      [a, { ...b, dtype: { kind: 'enum', name: 'Season', members: ['WINTER', 'SUMMER', 'AUTUMN'] } }, c, d],
      [a, b, { ...c, dtype: { kind: 'list', of: { kind: 'float32' } } }, d],
      [a, b, c, { ...d, dtype: { kind: 'vector', dimensions: 4 } }],
    ]
    expect(new Set(lists.map((list) => columnList(list).fingerprint)).size).toBe(lists.length)
  })
})
