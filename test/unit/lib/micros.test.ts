import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatTimestamp, parseTimestamp } from '../../../src/lib/micros.ts'

describe('parseTimestamp', () => {
  test.each([
    ['1970-01-01T00:00:00Z', 0],
    ['2001-07-01T00:00:00Z', 993_945_600_000_000],
    ['2001-07-01T02:00:00+02:00', 993_945_600_000_000],
    ['2001-06-30T19:30:00-04:30', 993_945_600_000_000],
    ['1970-01-01T00:00:00.000001Z', 1],
    ['1970-01-01t00:00:00.5z', 500_000],
    ['1969-12-31T23:59:59.999999Z', -1],
    ['2000-02-29T00:00:00Z', 951_782_400_000_000],
    ['1970-01-01T00:00:00.000001000Z', 1],
  ])('%s is %d', (text, micros) => {
    expect(parseTimestamp(text)).toBe(micros)
  })

  test.each([
    'yesterday',
    '2001-02-29T00:00:00Z',
    '2001-13-01T00:00:00Z',
    '2001-01-01T24:00:00Z',
    '2001-01-01T00:60:00Z',
    '2001-01-01T00:00:60Z',
    '2001-01-01T00:00:00',
    '2001-01-01',
    '2001-01-01T00:00:00.0000001Z',
    '2001-01-01T00:00:00+25:00',
    '9999-01-01T00:00:00Z',
    '0099-01-01T00:00:00Z',
    '',
  ])('%j is none', (text) => {
    expect(parseTimestamp(text)).toBeUndefined()
  })
})

test('formatTimestamp uses the fewest of 0, 3 or 6 digits that keep the value', () => {
  expect(formatTimestamp(0)).toBe('1970-01-01T00:00:00Z')
  expect(formatTimestamp(1_000)).toBe('1970-01-01T00:00:00.001Z')
  expect(formatTimestamp(-1)).toBe('1969-12-31T23:59:59.999999Z')
  expect(formatTimestamp(1_500_000)).toBe('1970-01-01T00:00:01.500Z')
})

test('every instant that a double holds exactly survives the wire', () => {
  fc.assert(
    fc.property(fc.maxSafeInteger(), (micros) => {
      expect(parseTimestamp(formatTimestamp(micros))).toBe(micros)
    }),
    { numRuns: 2_000 },
  )
})
