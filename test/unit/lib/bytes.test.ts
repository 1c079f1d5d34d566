import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareBytes, concatBytes, fromUtf8, toHex, utf8 } from '../../../src/lib/bytes.ts'

test('texts survive UTF-8', () => {
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
      (text) => {
        expect(fromUtf8(utf8(text))).toBe(text)
      },
    ),
  )
  expect(() => fromUtf8(Uint8Array.of(0xff))).toThrow(TypeError)
})

test('compareBytes is memcmp, the shorter first', () => {
  expect(compareBytes(Uint8Array.of(1), Uint8Array.of(1, 0))).toBeLessThan(0)
  expect(compareBytes(Uint8Array.of(0xff), Uint8Array.of(1, 0))).toBeGreaterThan(0)
  expect(compareBytes(Uint8Array.of(2), Uint8Array.of(2))).toBe(0)
})

test('concatBytes and toHex', () => {
  expect(toHex(concatBytes(Uint8Array.of(1), new Uint8Array(0), Uint8Array.of(0xab, 0)))).toBe('01ab00')
})
