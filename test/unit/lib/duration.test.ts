import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from '../../../src/lib/duration.ts'

test.each([
  ['0s', 0],
  ['1us', 1],
  ['250ms', 250_000],
  ['5m', 300_000_000],
  ['40d', 3_456_000_000_000],
])('%s is %d us', (text, micros) => {
  expect(parseDuration(text)).toBe(micros)
})

test.each(['', '5', 'm', '-5m', '1.5h', '5 m', '5M', '1w', '99999999999d'])('%j is no duration', (text) => {
  expect(parseDuration(text)).toBeUndefined()
})

test('a formatted duration is the same duration', () => {
  fc.assert(
    fc.property(fc.nat({ max: 2 ** 52 }), (micros) => {
      expect(parseDuration(formatDuration(micros))).toBe(micros)
    }),
  )
  expect(formatDuration(86_400_000_000 * 40)).toBe('40d')
  expect(formatDuration(90_000_000)).toBe('90s')
})
