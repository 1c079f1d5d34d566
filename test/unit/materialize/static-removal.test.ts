import { expect, test } from 'vitest'
import { keptKeys } from '../../../src/materialize/static-removal.ts'

test('keys are kept by their bytes', () => {
  const kept = keptKeys()
  kept.add(Uint8Array.of(1, 2))
  kept.add(Uint8Array.of(1, 2))
  expect([kept.has(Uint8Array.of(1, 2)), kept.has(Uint8Array.of(1)), kept.has(Uint8Array.of(1, 2, 3))]).toEqual([
    true,
    false,
    false,
  ])
})

test('where more keys were rejected than are remembered, every key is kept', () => {
  const kept = keptKeys(2)
  for (const byte of [1, 2, 1]) kept.add(Uint8Array.of(byte))
  expect(kept.has(Uint8Array.of(9))).toBe(false)
  kept.add(Uint8Array.of(3))
  expect(kept.has(Uint8Array.of(9))).toBe(true)
})
