import { expect, test } from 'vitest'
import { createBoundedNames } from '../../../src/lib/bounded-names.ts'

test('the first names have each their own, the others share one', () => {
  const names = createBoundedNames(2, (name) => ({ name, count: 0 }))
  for (const name of ['a', 'b', 'c', 'a', 'd', 'c', 'other', 'x'.repeat(201)]) names.of(name).count += 1
  expect([...names.entries()].map(([name, { count }]) => [name, count])).toEqual([
    ['a', 2],
    ['b', 1],
    ['other', 5],
  ])
})

test('there is no one for the others before there are any', () => {
  const names = createBoundedNames(2, () => 1)
  names.of('a')
  expect([...names.entries()]).toEqual([['a', 1]])
})
