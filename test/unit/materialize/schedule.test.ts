import { expect, test } from 'vitest'
import { parseTimestamp } from '../../../src/lib/micros.ts'
import { isDue, scheduledInstant } from '../../../src/materialize/schedule.ts'

const HOUR = 3_600_000_000
const at = (text: string) => parseTimestamp(text)!
const daily = { everyMicros: 24 * HOUR, offsetMicros: 2 * HOUR, availableAfterMicros: HOUR }

test('the instant of a schedule is the last one whose rows are complete', () => {
  expect(scheduledInstant(daily, at('2001-01-02T02:59:59Z'))).toBe(at('2001-01-01T02:00:00Z'))
  expect(scheduledInstant(daily, at('2001-01-02T03:00:00Z'))).toBe(at('2001-01-02T02:00:00Z'))
})

test('a view is due once for each instant', () => {
  const now = at('2001-01-02T03:00:00Z')
  expect(isDue(daily, undefined, now)).toBe(true)
  expect(isDue(daily, at('2001-01-01T02:00:00Z'), now)).toBe(true)
  expect(isDue(daily, at('2001-01-02T02:00:00Z'), now)).toBe(false)
  expect(isDue(undefined, now, now)).toBe(true)
})
