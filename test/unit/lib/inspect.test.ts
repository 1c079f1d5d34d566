import { expect, test } from 'vitest'
import { inspect } from '../../../src/lib/inspect.ts'

test('shows what was seen in one short line', () => {
  expect(inspect('a "b"')).toBe('"a \\"b\\""')
  expect(inspect(12n)).toBe('12n')
  expect(inspect(undefined)).toBe('undefined')
  expect(inspect([1, null, 'x'])).toBe('[1, null, "x"]')
  expect(inspect({ a: 1, b: { c: { d: {} } } })).toBe('{ a: 1, b: { c: {…} } }')
  expect(inspect(new Uint8Array(3))).toBe('3 bytes')
  expect(inspect(new TypeError('no'))).toBe('TypeError: no')
  expect(inspect({})).toBe('{}')
})

test('is bounded, whatever it is given', () => {
  const circular: Record<string, unknown> = {}
  circular.self = circular
  expect(inspect(circular).length).toBeLessThanOrEqual(120)
  expect(inspect('x'.repeat(1e6)).length).toBe(120)
  expect(inspect(Array.from({ length: 1000 }, (_, index) => index)).length).toBeLessThanOrEqual(120)
})

test('never throws', () => {
  const hostile = {
    get a() {
      throw new Error('looked at')
    },
  }
  expect(inspect(hostile)).toBe('a value that cannot be shown')
})
