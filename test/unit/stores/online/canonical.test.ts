import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Dtype } from '../../../../src/definitions/dtypes.ts'
import { canonicalCell, canonicalText } from '../../../../src/stores/online/canonical.ts'
import { fingerprintOf, readCellHeader, tieBreakerOf, valueText } from '../../../../src/stores/online/row-codec.ts'
import { encodeWire } from '../../../../src/values/wire.ts'
import { arbitraryTyped } from '../../../support/arbitrary-values.ts'
import { cellOf, PAIR, type PairRow } from '../../../support/sample-rows.ts'

const SEASON: Dtype = { kind: 'enum', name: 'Season', members: ['WINTER', 'SUMMER'] }
const VECTOR: Dtype = { kind: 'vector', dimensions: 1 }

/** A cell as a warehouse would write it: the texts as they are given, the canonical bit clear. */
function foreignHeader(row: Omit<PairRow, 'key'>) {
  const cell = cellOf(PAIR, row)
  cell[1] = 0
  return readCellHeader(cell)
}

describe('the text of a value that a warehouse wrote becomes ours', () => {
  test.each([
    [{ kind: 'float64' }, '1e-07', '1e-7'],
    [{ kind: 'float64' }, '0.33333333333333331', '0.3333333333333333'],
    [{ kind: 'float64' }, '1.0', '1'],
    [{ kind: 'float64' }, '-0.0', '0'],
    [{ kind: 'float64' }, '1E+22', '1e+22'],
    [{ kind: 'float64' }, '"NaN"', 'null'],
    [{ kind: 'float32' }, '0.1', '0.10000000149011612'],
    [{ kind: 'float32' }, '16777217', '16777216'],
    [{ kind: 'int32' }, '12.0', '12'],
    [{ kind: 'int32' }, ' 12', '12'],
    [{ kind: 'int64' }, '9007199254740993', '"9007199254740993"'],
    [{ kind: 'int64' }, '"007"', '"7"'],
    [{ kind: 'bool' }, ' true ', 'true'],
    [{ kind: 'string' }, '"\\u00e9\\/"', '"é/"'],
    [{ kind: 'uuid' }, '"0190F3A4-0000-7000-8000-00000000ABCD"', '"0190f3a4-0000-7000-8000-00000000abcd"'],
    [{ kind: 'timestamp' }, '"2001-07-01T00:00:00.000000Z"', '"2001-07-01T00:00:00Z"'],
    [{ kind: 'timestamp' }, '"2001-07-01 02:00:00.1+02:00"', '"2001-07-01T00:00:00.100Z"'],
    [{ kind: 'timestamp' }, '"2001-07-01T00:00:00.123456000Z"', '"2001-07-01T00:00:00.123456Z"'],
    [{ kind: 'bytes' }, '"AP8B"', '"AP8B"'],
    [{ kind: 'json' }, '{ "a" : [1.0, 1e2],\n "b": "\\u0041" }', '{"a":[1,100],"b":"A"}'],
    [SEASON, '"\\u0057INTER"', '"WINTER"'],
    [VECTOR, '"AACAPw=="', '"AACAPw=="'],
    [{ kind: 'list', of: { kind: 'int64' } }, '[1, "2", null, 9007199254740993]', '["1","2",null,"9007199254740993"]'],
    [{ kind: 'list', of: { kind: 'float64' } }, '[1.0, "Infinity"]', '[1,null]'],
    [{ kind: 'int64' }, 'null', 'null'],
  ] as const)('%j %s', (dtype, text, canonical) => {
    expect(canonicalText({ dtype: dtype as Dtype, nonFinite: 'null' }, text)).toBe(canonical)
  })

  test('non-finite floats stay where they are asked for', () => {
    expect(canonicalText({ dtype: { kind: 'float64' }, nonFinite: 'string' }, '"-Infinity"')).toBe('"-Infinity"')
  })

  test.each([
    [{ kind: 'float64' }, 'NaN'],
    [{ kind: 'float64' }, '"1.5"'],
    [{ kind: 'float64' }, '"x"'],
    [{ kind: 'float64' }, 'true'],
    [{ kind: 'float64' }, '""'],
    [{ kind: 'float32' }, '1e39'],
    [{ kind: 'int32' }, '12.5'],
    [{ kind: 'int32' }, '2147483648'],
    [{ kind: 'int64' }, '1.5'],
    [{ kind: 'int64' }, '9223372036854775808'],
    [{ kind: 'int64' }, 'true'],
    [{ kind: 'bool' }, '1'],
    [{ kind: 'string' }, '12'],
    [{ kind: 'string' }, '"\\ud83d"'],
    [{ kind: 'uuid' }, '"x"'],
    [{ kind: 'timestamp' }, '"2001-07-01 00:00:00"'],
    [{ kind: 'timestamp' }, '"2001-07-01T00:00:00.1234567Z"'],
    [{ kind: 'timestamp' }, '0'],
    [{ kind: 'bytes' }, '"not base64!"'],
    [{ kind: 'bytes' }, '"AP8"'],
    [VECTOR, '"AACA"'],
    [VECTOR, '"AACAPwAAgD8="'],
    [SEASON, '"AUTUMN"'],
    [{ kind: 'list', of: { kind: 'int32' } }, '{"a":1}'],
    [{ kind: 'list', of: { kind: 'timestamp' } }, '["yesterday"]'],
    [{ kind: 'json' }, '{"a":'],
    [{ kind: 'json' }, ''],
  ] as const)('or is refused, never cast: %j %s', (dtype, text) => {
    const refused = () => canonicalText({ dtype: dtype as Dtype, nonFinite: 'null' }, text)
    expect(refused).toThrow(expect.objectContaining({ code: 'CELL_CORRUPT' }))
  })

  test('what is canonical stays as it is, for every dtype', () => {
    fc.assert(
      fc.property(arbitraryTyped(1), ({ type, values: [value] }) => {
        const text = encodeWire(type, value) as string
        expect(canonicalText(type, text)).toBe(text)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('a cell that a warehouse wrote', () => {
  test('becomes one of ours: values anew, all else kept', () => {
    const given = { eventMicros: 5, ingestMicros: 6, tieBreaker: 'a\0b', values: ['1.0', '"\\u0041"'] }
    const header = canonicalCell(foreignHeader(given), PAIR)
    expect(header).toMatchObject({ canonical: true, eventMicros: 5, ingestMicros: 6 })
    expect(fingerprintOf(header)).toBe(PAIR.fingerprint)
    expect([valueText(header, 0), valueText(header, 1)]).toEqual(['1', '"A"'])
    expect(Buffer.from(tieBreakerOf(header)).toString()).toBe('a\0b')
    expect(Buffer.from(header.bytes)).toEqual(Buffer.from(cellOf(PAIR, { ...given, values: ['1', '"A"'] })))
  })

  test('may be a tombstone', () => {
    const header = canonicalCell(foreignHeader({ eventMicros: 5, tombstone: true }), PAIR)
    expect(header).toMatchObject({ tombstone: true, eventMicros: 5, valueCount: 0 })
  })

  test('is CELL_CORRUPT where one text is not UTF-8', () => {
    const cell = cellOf(PAIR, { values: ['1', '"?"'] })
    cell[1] = 0
    cell[cell.byteLength - 2] = 0xff
    expect(() => canonicalCell(readCellHeader(cell), PAIR)).toThrow(expect.objectContaining({ code: 'CELL_CORRUPT' }))
  })

  test('holds one value for each column of its list, as ours do', () => {
    for (const values of [[], ['1'], ['1', '2', '3']]) {
      for (const header of [foreignHeader({ values }), readCellHeader(cellOf(PAIR, { values }))]) {
        expect(() => canonicalCell(header, PAIR)).toThrow(expect.objectContaining({ code: 'CELL_CORRUPT' }))
      }
    }
  })

  test('of ours is given back untouched', () => {
    const header = readCellHeader(cellOf(PAIR, { values: ['1', '"a"'] }))
    expect(canonicalCell(header, PAIR)).toBe(header)
  })
})
