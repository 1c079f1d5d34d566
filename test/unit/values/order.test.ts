import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Dtype } from '../../../src/definitions/dtypes.ts'
import { compareValues } from '../../../src/values/order.ts'
import { encodeWire, type WireType } from '../../../src/values/wire.ts'
import { arbitraryTyped } from '../../support/arbitrary-values.ts'

/** Checks that texts of a dtype are given in rising order. */
function expectRising(dtype: Dtype, texts: readonly string[]): void {
  const types = [{ dtype, nonFinite: 'string' as const }]
  for (const [i, a] of texts.entries()) {
    for (const [j, b] of texts.entries())
      expect([a, b, Math.sign(compareValues([a], [b], types))]).toEqual([a, b, Math.sign(i - j)])
  }
}

describe('values are ordered', () => {
  test('null lowest, and numbers by value', () => {
    expectRising({ kind: 'int32' }, ['null', '-10', '-9', '0', '9', '10', '100'])
    expectRising({ kind: 'float64' }, [
      'null',
      '"-Infinity"',
      '-1e+21',
      '-2',
      '0',
      '5e-324',
      '1e-7',
      '10',
      '9.5e+22',
      '"Infinity"',
      '"NaN"',
    ])
    expectRising({ kind: 'float32' }, ['null', '"-Infinity"', '-0.10000000149011612', '0', '"Infinity"', '"NaN"'])
  })

  test('int64 finer than a double', () => {
    expectRising({ kind: 'int64' }, [
      'null',
      '"-9223372036854775808"',
      '"-9"',
      '"0"',
      '"10"',
      '"9007199254740992"',
      '"9007199254740993"',
    ])
  })

  test('timestamps by instant', () => {
    const texts = [
      '1969-12-31T23:59:59.999999Z',
      '1970-01-01T00:00:00Z',
      '1970-01-01T00:00:00.000001Z',
      '1970-01-01T00:00:00.500Z',
    ]
    expectRising({ kind: 'timestamp' }, ['null', ...texts.map((text) => `"${text}"`)])
  })

  test('all else by the UTF-8 bytes of the stored text', () => {
    expectRising({ kind: 'string' }, ['null', '""', '"Z"', '"a"', '"ab"', '"é"', '"\uffff"', '"😀"'])
    expectRising({ kind: 'bool' }, ['null', 'false', 'true'])
    expectRising({ kind: 'list', of: { kind: 'int32' } }, ['null', '[10]', '[9]', '[]'])
    expectRising({ kind: 'enum', name: 'E', members: ['Z', 'A'] }, ['null', '"A"', '"Z"'])
  })

  test('column by column, in declared order', () => {
    const types: readonly WireType[] = [
      { dtype: { kind: 'int32' }, nonFinite: 'null' },
      { dtype: { kind: 'string' }, nonFinite: 'null' },
    ]
    expect(compareValues(['1', '"b"'], ['2', '"a"'], types)).toBeLessThan(0)
    expect(compareValues(['2', '"b"'], ['2', '"a"'], types)).toBeGreaterThan(0)
    expect(compareValues(['2', '"b"'], ['2', '"b"'], types)).toBe(0)
    expect(compareValues([], [], [])).toBe(0)
  })
})

test('the order of values of any dtype is total', () => {
  fc.assert(
    fc.property(arbitraryTyped(3), ({ type, values }) => {
      const [a, b, c] = values.map((value) => [encodeWire(type, value) as string]) as [string[], string[], string[]]
      const order = (x: string[], y: string[]): number => Math.sign(compareValues(x, y, [type]))
      expect(order(a, b)).toBe(-order(b, a) + 0)
      expect(order(a, b) === 0).toBe(a[0] === b[0])
      if (order(a, b) <= 0 && order(b, c) <= 0) expect(order(a, c)).toBeLessThanOrEqual(0)
    }),
    { numRuns: 3_000 },
  )
})
