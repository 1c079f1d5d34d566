import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Dtype } from '../../../src/definitions/dtypes.ts'
import { decodeVector, decodeWire, encodeWire, WireProblem } from '../../../src/values/wire.ts'
import { arbitraryTyped } from '../../support/arbitrary-values.ts'

const SEASON: Dtype = { kind: 'enum', name: 'Season', members: ['WINTER', 'SUMMER'] }
const listOf = (kind: 'int32' | 'int64' | 'float64' | 'string' | 'timestamp'): Dtype => ({ kind: 'list', of: { kind } })

function encode(dtype: Dtype, value: unknown, nonFinite: 'null' | 'string' = 'null'): string | WireProblem {
  return encodeWire({ dtype, nonFinite }, value)
}

describe('a value is stored as the text that JSON.stringify writes for its leaf', () => {
  test.each([
    [{ kind: 'bool' }, true, 'true'],
    [{ kind: 'int32' }, -(2 ** 31), '-2147483648'],
    [{ kind: 'int32' }, -0, '0'],
    [{ kind: 'int64' }, 2n ** 63n - 1n, '"9223372036854775807"'],
    [{ kind: 'int64' }, -(2n ** 63n), '"-9223372036854775808"'],
    [{ kind: 'float32' }, 0.1, '0.10000000149011612'],
    [{ kind: 'float32' }, 1e-46, '0'],
    [{ kind: 'float64' }, 0.1, '0.1'],
    [{ kind: 'float64' }, -0, '0'],
    [{ kind: 'float64' }, 1, '1'],
    [{ kind: 'float64' }, 1e-7, '1e-7'],
    [{ kind: 'float64' }, 1e21, '1e+21'],
    [{ kind: 'float64' }, 1e20, '100000000000000000000'],
    [{ kind: 'string' }, 'a"b\\c\n\0\u2028é😀', '"a\\"b\\\\c\\n\\u0000\u2028é😀"'],
    [{ kind: 'uuid' }, '0190f3a4-0000-7000-8000-00000000abcd', '"0190f3a4-0000-7000-8000-00000000abcd"'],
    [{ kind: 'timestamp' }, 0, '"1970-01-01T00:00:00Z"'],
    [{ kind: 'timestamp' }, 1_500_000, '"1970-01-01T00:00:01.500Z"'],
    [{ kind: 'timestamp' }, -1, '"1969-12-31T23:59:59.999999Z"'],
    [{ kind: 'bytes' }, Uint8Array.of(0, 255, 1), '"AP8B"'],
    [{ kind: 'bytes' }, new Uint8Array(0), '""'],
    [{ kind: 'json' }, { b: 1, a: [null, { c: undefined }, Number.NaN] }, '{"b":1,"a":[null,{},null]}'],
    [{ kind: 'json' }, 'text', '"text"'],
    [SEASON, 'SUMMER', '"SUMMER"'],
    [{ kind: 'vector', dimensions: 2 }, Float32Array.of(1, -0.5), '"AACAPwAAAL8="'],
    [listOf('int64'), [1n, null, 2n], '["1",null,"2"]'],
    [listOf('timestamp'), [0, null], '["1970-01-01T00:00:00Z",null]'],
    [listOf('string'), [], '[]'],
  ] as const)('%o %o', (dtype, value, text) => {
    expect(encode(dtype as Dtype, value)).toBe(text)
  })

  test('null and undefined are null', () => {
    for (const dtype of [{ kind: 'int32' }, { kind: 'json' }, SEASON, listOf('int32')] as const) {
      expect([encode(dtype, null), encode(dtype, undefined)]).toEqual(['null', 'null'])
    }
  })
})

describe('floats that are not finite', () => {
  const values = [Number.NaN, Infinity, -Infinity]
  test.each(['float32', 'float64'] as const)('are null unless a %s asks for strings', (kind) => {
    expect(values.map((value) => encode({ kind }, value))).toEqual(['null', 'null', 'null'])
    const asStrings = values.map((value) => encode({ kind }, value, 'string'))
    expect(asStrings).toEqual(['"NaN"', '"Infinity"', '"-Infinity"'])
    expect(asStrings.map((text) => decodeWire({ kind }, text as string))).toEqual(values)
  })

  test('are null or strings one by one in lists', () => {
    expect(encode(listOf('float64'), [1.5, ...values])).toBe('[1.5,null,null,null]')
    expect(encode(listOf('float64'), [1.5, ...values], 'string')).toBe('[1.5,"NaN","Infinity","-Infinity"]')
  })
})

describe('a value that does not fit its dtype has no text', () => {
  test.each([
    [{ kind: 'bool' }, 1],
    [{ kind: 'int32' }, 2 ** 31],
    [{ kind: 'int32' }, 1.5],
    [{ kind: 'int32' }, 1n],
    [{ kind: 'int32' }, '1'],
    [{ kind: 'int64' }, 1],
    [{ kind: 'int64' }, 2n ** 63n],
    [{ kind: 'float32' }, 1e39],
    [{ kind: 'float64' }, '1'],
    [{ kind: 'string' }, 1],
    [{ kind: 'string' }, 'half a pair \ud83d'],
    [{ kind: 'uuid' }, '0190F3A4-0000-7000-8000-00000000ABCD'],
    [{ kind: 'uuid' }, 'x'],
    [{ kind: 'timestamp' }, 0.5],
    [{ kind: 'timestamp' }, 2 ** 53],
    [{ kind: 'timestamp' }, Number.NaN],
    [{ kind: 'bytes' }, 'AAAA'],
    [{ kind: 'json' }, 1n],
    [{ kind: 'json' }, () => 1],
    [SEASON, 'AUTUMN'],
    [{ kind: 'vector', dimensions: 2 }, Float32Array.of(1)],
    [{ kind: 'vector', dimensions: 1 }, Float32Array.of(Number.NaN)],
    [{ kind: 'vector', dimensions: 1 }, [1]],
    [listOf('int32'), [1, 'two']],
    [listOf('int32'), 1],
  ] as const)('%o %o', (dtype, value) => {
    const problem = encode(dtype as Dtype, value)
    expect(problem).toBeInstanceOf(WireProblem)
    expect((problem as WireProblem).reason).toMatch(/./)
  })

  test('a list names the element', () => {
    expect(encode(listOf('int32'), [1, 'two'])).toEqual(new WireProblem('element 1: "two" is no int32'))
  })
})

test('decoding and encoding again gives the same text, for every dtype', () => {
  fc.assert(
    fc.property(arbitraryTyped(1), ({ type, values: [value] }) => {
      const text = encodeWire(type, value)
      expect(text).not.toBeInstanceOf(WireProblem)
      expect(encodeWire(type, decodeWire(type.dtype, text as string))).toBe(text)
      expect(JSON.stringify(JSON.parse(text as string))).toBe(text)
    }),
    { numRuns: 2_000 },
  )
})

test('a vector keeps its numbers', () => {
  const values = Float32Array.of(0.1, -0, 3.4e38)
  const text = encode({ kind: 'vector', dimensions: 3 }, values) as string
  expect([...decodeVector(JSON.parse(text))]).toEqual([...values])
})
