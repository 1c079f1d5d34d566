import { expect, test } from 'vitest'
import { fixedClock, systemClock } from '../../../src/lib/clock.ts'

test('a fixed clock stands still', () => {
  const clock = fixedClock('2001-07-01T00:00:00Z')
  expect(clock.nowMicros()).toBe(993_945_600_000_000)
  expect(clock.description).toBe('fixed at 2001-07-01T00:00:00Z')
})

test('a fixed clock needs an instant', () => {
  expect(() => fixedClock('July')).toThrow(/saw "July"; write an RFC 3339 instant/)
})

test('the system clock is in whole microseconds', () => {
  const before = Date.now() * 1000
  const now = systemClock().nowMicros()
  expect(now).toBeGreaterThanOrEqual(before)
  expect(Number.isSafeInteger(now)).toBe(true)
})
