import { expect, test } from 'vitest'
import { createPlanCache } from '../../../src/serving/plan-cache.ts'

test('what has come twice is not driven out by what comes once', () => {
  const cache = createPlanCache<string>(16_000)
  cache.set('hot', 'plan', 500)
  expect(cache.get('hot')).toBe('plan')
  for (let nth = 0; nth < 1_000; nth += 1) cache.set(`ad hoc ${nth}`, 'plan', 500)
  expect(cache.get('hot')).toBe('plan')
  expect([cache.count, cache.sizeBytes]).toEqual([3, 1_500])
})

test('a newcomer is there until others push it out, and then known when it comes again', () => {
  const cache = createPlanCache<string>(16_000)
  cache.set('a', 'first', 600)
  cache.set('b', 'other', 600)
  expect(cache.get('a')).toBeUndefined()
  cache.set('a', 'second', 600)
  for (let nth = 0; nth < 10; nth += 1) cache.set(`ad hoc ${nth}`, 'plan', 600)
  expect(cache.get('a')).toBe('second')
})

test('all of it is bounded, newcomers and others', () => {
  const cache = createPlanCache<number>(16_000)
  for (let nth = 0; nth < 300; nth += 1) {
    cache.set(`${nth}`, nth, 300)
    if (nth % 2 === 0) cache.get(`${nth}`)
    expect(cache.sizeBytes).toBeLessThanOrEqual(16_000)
  }
  cache.set('too large', 0, 15_500)
  expect([cache.get('too large'), cache.get('298')]).toEqual([undefined, 298])
})
