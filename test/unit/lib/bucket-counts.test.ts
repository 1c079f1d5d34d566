import { expect, test } from 'vitest'
import { BucketCounts } from '../../../src/lib/bucket-counts.ts'

test('values are counted under the first bound that they do not pass', () => {
  const counts = new BucketCounts([1, 10])
  for (const value of [-3, 0.5, 1, 1.5, 10, 11, 1_000]) counts.add(value)
  expect([...counts.counts]).toEqual([3, 2, 2])
  expect(counts.sum).toBe(1_021)
})
