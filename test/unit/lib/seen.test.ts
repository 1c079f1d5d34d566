import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createSeen } from '../../../src/lib/seen.ts'

test('a name was told of before when it comes again', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (names) => {
      const seen = createSeen()
      const told = new Set<string>()
      for (const name of names) {
        expect(seen.again(name)).toBe(told.has(name))
        told.add(name)
      }
    }),
  )
})

test('names like each other are told apart', () => {
  const seen = createSeen(1_000_000)
  for (let nth = 0; nth < 300_000; nth += 1) expect(seen.again(`query Q${nth} { a }`)).toBe(false)
})

test('as many names are remembered as are allowed, and no more than twice as many', () => {
  const seen = createSeen(10)
  for (let nth = 0; nth < 100; nth += 1) expect(seen.again(`${nth}`)).toBe(false)
  expect(seen.again('99')).toBe(true)
  expect(seen.again('91')).toBe(true)
  expect(seen.again('50')).toBe(false)
})
