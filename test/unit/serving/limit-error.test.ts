import { expect, test } from 'vitest'
import { DEFAULT_LIMITS, type Limits } from '../../../src/registry/limits.ts'
import { deadlineExceeded, errorsOmitted, limitExceeded, tooManyRequests } from '../../../src/serving/limit-error.ts'

test('a limit that is passed is named with its setting and both numbers', () => {
  const error = limitExceeded({ limit: 'maxKeys', allowed: 10, value: 11 })
  expect(error.message).toBe(
    'a request with 11 keys: server.limits.maxKeys allows 10. Ask for less in one request, or raise the limit.',
  )
  expect([error.code, error.retryable, error.details.facts]).toEqual([
    ...['LIMIT_EXCEEDED', false],
    { limit: 'maxKeys', allowed: 10, value: 11 },
  ])
})

test('every limit has its words, or those of who counts', () => {
  const limits = Object.keys(DEFAULT_LIMITS) as (keyof Limits)[]
  for (const limit of limits) {
    expect(limitExceeded({ limit, allowed: 7, value: 8 }).message).toMatch(
      new RegExp(`^a request with [\\w ]*[78][\\w ]*: server\\.limits\\.${limit} allows 7\\. `),
    )
  }
  expect(limitExceeded({ limit: 'maxKeys', allowed: 1, value: 2, seen: 'a page of 2 keys' }).message).toMatch(
    /^a page of 2 /,
  )
})

test('what was left out, late or one too many says how it is bounded', () => {
  expect(errorsOmitted({ allowed: 100, omitted: 1 }).message).toMatch(
    /^1 more error was left out: server.limits.maxErrors allows 100, /,
  )
  expect(errorsOmitted({ allowed: 100, omitted: 250 }).message).toMatch(/^250 more errors were left out: /)
  expect(errorsOmitted({ allowed: 100, omitted: 250 }).details.facts).toEqual({ allowed: 100, omitted: 250 })
  expect(deadlineExceeded(5_000).message).toMatch(
    /^not answered within 5000 ms: server.limits.deadlineMillis allows 5000/,
  )
  expect(tooManyRequests(9).message).toMatch(
    /^9 requests are being answered: server.limits.maxConcurrentRequests allows 9\./,
  )
  expect([deadlineExceeded(1), tooManyRequests(1)].map(({ retryable }) => retryable)).toEqual([true, true])
})
