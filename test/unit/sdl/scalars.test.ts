import { parseValue } from 'graphql'
import { describe, expect, test } from 'vitest'
import { SCALARS } from '../../../src/sdl/scalars.ts'

const { Timestamp, Int64, Bytes, ExtendedFloat, JSON: JSONScalar } = SCALARS as Record<string, (typeof SCALARS)[string]>

describe('Timestamp', () => {
  test('takes RFC 3339 and gives it in UTC with the fewest digits', () => {
    expect(Timestamp!.parseValue('2001-07-01T02:00:00.500000+02:00')).toBe('2001-07-01T00:00:00.500Z')
  })
  test.each([['yesterday'], [12], [null]])('refuses %j', (value) => {
    expect(() => Timestamp!.parseValue(value)).toThrow(/Timestamp cannot represent/)
  })
})

describe('Int64', () => {
  test('takes strings and safe integers, and never loses a digit of a literal', () => {
    expect(Int64!.parseValue('007')).toBe('7')
    expect(Int64!.parseValue(7)).toBe('7')
    expect(Int64!.parseLiteral(parseValue('9007199254740993'), {})).toBe('9007199254740993')
  })
  test.each([[1.5], ['1.5'], ['9223372036854775808'], [2 ** 53], ['']])('refuses %j', (value) => {
    expect(() => Int64!.parseValue(value)).toThrow(/Int64 cannot represent/)
  })
})

describe('Bytes', () => {
  test('takes base64', () => {
    for (const value of ['', 'AA==', 'AAE=', 'AAEC', '+/+/']) expect(Bytes!.parseValue(value)).toBe(value)
  })
  test.each<[value: unknown, why: string]>([
    ['AAE', 'no padding'],
    ['AAF=', 'bits that no byte holds'],
    ['-_-_', 'the other alphabet'],
    ['AA==AA==', 'text after its end'],
    [[0, 1], 'no text'],
  ])('refuses %j: %s', (value) => {
    expect(() => Bytes!.parseValue(value)).toThrow(/Bytes cannot represent/)
  })
})

test.each([
  ['Timestamp', 'YESTERDAY'],
  ['Timestamp', '978307200'],
  ['Int64', '7.0'],
  ['Int64', '1e3'],
  ['Int64', 'SEVEN'],
  ['Int64', 'true'],
  ['Bytes', 'AAAA'],
  ['ExtendedFloat', 'NaN'],
  ['ExtendedFloat', '1e999'],
])('%s does not take the literal %s', (name, literal) => {
  expect(() => SCALARS[name]!.parseLiteral(parseValue(literal), {})).toThrow(`${name} cannot represent`)
})

test('ExtendedFloat takes numbers and three names', () => {
  expect(ExtendedFloat!.parseValue(1.5)).toBe(1.5)
  expect(ExtendedFloat!.parseLiteral(parseValue('9007199254740993'), {})).toBe(2 ** 53)
  expect(ExtendedFloat!.parseLiteral(parseValue('"NaN"'), {})).toBe('NaN')
  expect(ExtendedFloat!.parseValue('-Infinity')).toBe('-Infinity')
  expect(() => ExtendedFloat!.parseValue('1.5')).toThrow(/ExtendedFloat cannot represent/)
  expect(() => ExtendedFloat!.parseValue(Number.NaN)).toThrow(/ExtendedFloat cannot represent/)
})

test('JSON takes any literal', () => {
  const literal = parseValue('{a: [1, 2.5, "x", null, true, X], b: {c: $v}}')
  expect(JSONScalar!.parseLiteral(literal, { v: 7 })).toEqual({ a: [1, 2.5, 'x', null, true, 'X'], b: { c: 7 } })
  expect(JSONScalar!.parseLiteral(parseValue('9007199254740993'), {})).toBe(2 ** 53)
})

test('each scalar is specified by a public document', () => {
  for (const { specifiedByURL } of Object.values(SCALARS)) expect(specifiedByURL).toMatch(/^https:\/\//)
})
