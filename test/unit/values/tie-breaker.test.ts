import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compareBytes, utf8 } from '../../../src/lib/bytes.ts'
import { terminate } from '../../../src/stores/online/key-codec.ts'
import { tieBreakerBytes } from '../../../src/values/tie-breaker.ts'

function order(a: unknown, b: unknown): number {
  return Math.sign(compareBytes(tieBreakerBytes(a), tieBreakerBytes(b)))
}

function expectRising(values: readonly unknown[]): void {
  for (const [i, a] of values.entries()) {
    for (const [j, b] of values.entries()) expect([a, b, order(a, b)]).toEqual([a, b, Math.sign(i - j)])
  }
}

const NUMBER = fc.oneof(
  fc.double({ noNaN: true }),
  fc.integer(),
  fc.bigInt({ min: -(2n ** 127n), max: 2n ** 127n }),
  fc
    .tuple(
      fc.constantFrom(2n ** 53n, 2n ** 63n, 2n ** 64n, -(2n ** 53n), -(2n ** 127n)),
      fc.bigInt({ min: -3n, max: 3n }),
    )
    .map(([a, b]) => a + b),
)

describe('the bytes of a tie-breaker are ordered as its values', () => {
  test('null lowest, and nothing below it', () => {
    expect(tieBreakerBytes(null)).toEqual(tieBreakerBytes(undefined))
    for (const value of [false, -1, -(2n ** 70n), { micros: -5 }, '', new Uint8Array(0), -Infinity]) {
      expect(order(null, value)).toBe(-1)
    }
  })

  test('numbers by value, whole or not, finer than a double', () => {
    expectRising([-Infinity, -(2n ** 127n), -(2n ** 63n) - 1n, -(2n ** 63n), -1.5, -1n, 0, 0.5, 1n, 1.5])
    expectRising([
      2n ** 53n - 1n,
      2n ** 53n,
      2n ** 53n + 1n,
      2n ** 53n + 2n,
      2n ** 63n,
      2n ** 63n + 1n,
      1e300,
      Infinity,
      Number.NaN,
    ])
    expect(order(-0, 0)).toBe(0)
    expect(order(3, 3n)).toBe(0)
    expect(order(1e300, 2n ** 2_000n)).toBe(-1)
  })

  test('booleans, instants, texts by UTF-8 bytes, bytes', () => {
    expectRising([false, true])
    expectRising([{ micros: -1 }, { micros: 0 }, { micros: 1_000 }])
    expectRising(['', '\0', 'A', 'a', 'a\0', 'aa', 'é', '\uffff', '😀'])
    expectRising([Uint8Array.of(), Uint8Array.of(0), Uint8Array.of(0, 1), Uint8Array.of(1), Uint8Array.of(255)])
  })

  test('anything else has an order of some kind', () => {
    expect(order({ a: 1n }, { a: 1n })).toBe(0)
    expect(order([1], [2])).not.toBe(0)
  })

  test('for any two numbers', () => {
    const below = (a: number | bigint, b: number | bigint): number => (a < b ? -1 : Number(a > b))
    fc.assert(
      fc.property(NUMBER, NUMBER, (a, b) => {
        expect(order(a, b)).toBe(below(a, b))
      }),
      { numRuns: 3_000 },
    )
  })

  test('for any two texts, also once they are ended', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), (a, b) => {
        expect(order(a, b)).toBe(Math.sign(compareBytes(utf8(a), utf8(b))))
        const ended = Math.sign(compareBytes(terminate(tieBreakerBytes(a)), terminate(tieBreakerBytes(b))))
        expect(ended).toBe(order(a, b))
      }),
    )
  })
})
