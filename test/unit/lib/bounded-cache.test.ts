import { expect, test } from 'vitest'
import { createBoundedCache } from '../../../src/lib/bounded-cache.ts'

test('the one that was not asked for longest goes first', () => {
  const cache = createBoundedCache<number>(30)
  cache.set('a', 1, 10)
  cache.set('b', 2, 10)
  cache.set('c', 3, 10)
  cache.get('a')
  cache.set('d', 4, 10)
  expect(['a', 'b', 'c', 'd'].map((name) => cache.get(name))).toEqual([1, undefined, 3, 4])
  expect(cache.sizeBytes).toBe(30)
})

test('a value that has grown is weighed anew, and others make room', () => {
  const cache = createBoundedCache<number>(30)
  cache.set('a', 1, 10)
  cache.set('b', 2, 10)
  cache.set('b', 2, 25)
  expect([cache.get('a'), cache.get('b'), cache.sizeBytes, cache.count]).toEqual([undefined, 2, 25, 1])
})

test('a value greater than the cache is not kept, nor is an older one under its name', () => {
  const cache = createBoundedCache<number>(30)
  cache.set('a', 1, 10)
  cache.set('a', 2, 31)
  expect([cache.get('a'), cache.sizeBytes]).toEqual([undefined, 0])
})
