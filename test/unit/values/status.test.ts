import { describe, expect, test } from 'vitest'
import { type AgeLimits, featureStatus, rowStatus } from '../../../src/values/status.ts'

const LIMITS: AgeLimits = { ttlMicros: 10, retentionMicros: 5, timeless: false }
const row = (eventMicros: number, tombstone = false) => ({ eventMicros, tombstone })

describe('the status of a row', () => {
  test.each([
    [99, 'NOT_FOUND'],
    [100, 'PRESENT'],
    [110, 'PRESENT'],
    [111, 'OUTSIDE_MAX_AGE'],
    [115, 'OUTSIDE_MAX_AGE'],
    [116, 'NOT_FOUND'],
  ] as const)('of 100 with ttl 10 and retention 5 at %d is %s', (atMicros, status) => {
    expect(rowStatus(row(100), LIMITS, atMicros)).toBe(status)
  })

  test('without a ttl is PRESENT for good, once it has happened', () => {
    const limits = { ttlMicros: undefined, retentionMicros: undefined, timeless: false }
    expect(rowStatus(row(100), limits, 2 ** 52)).toBe('PRESENT')
    expect(rowStatus(row(100), limits, 99)).toBe('NOT_FOUND')
  })

  test('with a ttl and no retention is never OUTSIDE_MAX_AGE', () => {
    const limits = { ttlMicros: 10, retentionMicros: 0, timeless: false }
    expect(rowStatus(row(100), limits, 110)).toBe('PRESENT')
    expect(rowStatus(row(100), limits, 111)).toBe('NOT_FOUND')
  })

  test('of a static table holds at every instant', () => {
    const limits = { ttlMicros: undefined, retentionMicros: undefined, timeless: true }
    expect(rowStatus(row(100), limits, 0)).toBe('PRESENT')
    expect(rowStatus(row(100, true), limits, 200)).toBe('NOT_FOUND')
  })

  test('that is not there, or a tombstone, is NOT_FOUND', () => {
    expect(rowStatus(undefined, LIMITS, 100)).toBe('NOT_FOUND')
    expect(rowStatus(row(100, true), LIMITS, 100)).toBe('NOT_FOUND')
    expect(rowStatus(row(100, true), LIMITS, 112)).toBe('NOT_FOUND')
  })
})

describe('the status of a feature', () => {
  test.each([
    ['PRESENT', true, false, 'PRESENT'],
    ['PRESENT', true, true, 'NULL_VALUE'],
    ['PRESENT', false, false, 'NOT_FOUND'],
    ['OUTSIDE_MAX_AGE', true, false, 'OUTSIDE_MAX_AGE'],
    ['OUTSIDE_MAX_AGE', true, true, 'OUTSIDE_MAX_AGE'],
    ['OUTSIDE_MAX_AGE', false, false, 'NOT_FOUND'],
    ['NOT_FOUND', true, false, 'NOT_FOUND'],
    ['NOT_FOUND', false, true, 'NOT_FOUND'],
  ] as const)('of a row %s, column %s, null %s, is %s', (status, hasColumn, isNull, expected) => {
    expect(featureStatus(status, hasColumn, isNull)).toBe(expected)
  })
})
