import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { KeyDtype } from '../../src/definitions/dtypes.ts'
import { compareBytes, utf8 } from '../../src/lib/bytes.ts'
import {
  decodeKey,
  encodeKey,
  encodeText,
  type KeyShape,
  type KeyValues,
  terminate,
  unescapeBytes,
} from '../../src/stores/online/key-codec.ts'

/** Texts that share much, with the bytes that an encoding is likely to trip over. */
const TEXT = fc.oneof(
  fc.string({ unit: fc.constantFrom('\0', '\x01', '\x02', 'a', 'b', 'ÿ', '\u{10ffff}', '😀'), maxLength: 6 }),
  fc.string({ unit: 'binary', maxLength: 8 }),
)
const SPECIAL = [
  0n,
  1n,
  -1n,
  2n ** 63n - 1n,
  -(2n ** 63n),
  0x7f41_00d1_d2d3_d4d5n,
  0x7f00_0000_0000_0000n,
  0x0001_0001n,
]
const INT64 = fc.oneof(fc.constantFrom(...SPECIAL), fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }))
const UUID = fc.oneof(
  fc.uuid(),
  fc.constantFrom(
    'ffffffff-ffff-ffff-ffff-ffffffffffff',
    '00000000-0000-0000-0000-000000000000',
    'ff000000-0000-4000-8000-000000000001',
  ),
)

const VALUES: { readonly [K in KeyDtype['kind']]: fc.Arbitrary<string | bigint> } = {
  string: TEXT,
  int64: INT64,
  uuid: UUID,
}

/** A shape of one to four columns, with two keys of it that often agree in some. */
const TWO_KEYS: fc.Arbitrary<{ shape: KeyShape; a: KeyValues; b: KeyValues }> = fc
  .array(fc.constantFrom('string', 'int64', 'uuid'), { minLength: 1, maxLength: 4 })
  .chain((kinds) => {
    const shape: KeyShape = {
      name: 'Thing',
      keys: kinds.map((kind, index) => ({ name: `k${index}`, dtype: { kind } as KeyDtype })),
    }
    const key = fc.tuple(...kinds.map((kind) => VALUES[kind as KeyDtype['kind']]))
    const keeps = fc.array(fc.boolean(), { minLength: kinds.length, maxLength: kinds.length })
    return fc.tuple(key, key, keeps).map(([a, other, kept]) => ({
      shape,
      a,
      b: other.map((value, index) => (kept[index] ? a[index]! : value)),
    }))
  })

function plainOrder(shape: KeyShape, a: KeyValues, b: KeyValues): number {
  for (const [index, { dtype }] of shape.keys.entries()) {
    const [x, y] = [a[index]!, b[index]!]
    const order =
      dtype.kind === 'string' ? compareBytes(utf8(x as string), utf8(y as string)) : x < y ? -1 : Number(x > y)
    if (order !== 0) return Math.sign(order)
  }
  return 0
}

describe('encoded keys', () => {
  test('are different for different keys, in the order of keys, and none begins another', () => {
    fc.assert(
      fc.property(TWO_KEYS, ({ shape, a, b }) => {
        const [left, right] = [encodeKey(shape, a), encodeKey(shape, b)]
        expect(Math.sign(compareBytes(left, right))).toBe(plainOrder(shape, a, b))
        if (plainOrder(shape, a, b) === 0) return
        const length = Math.min(left.byteLength, right.byteLength)
        expect(compareBytes(left.subarray(0, length), right.subarray(0, length))).not.toBe(0)
      }),
      { numRuns: 5_000 },
    )
  })

  test('give their values back', () => {
    fc.assert(
      fc.property(TWO_KEYS, ({ shape, a }) => {
        expect(decodeKey(shape, encodeKey(shape, a))).toEqual(a)
      }),
      { numRuns: 2_000 },
    )
  })

  test('never meet where a number looks like the rest of a text', () => {
    const kinds = ['string', 'int64', 'string'] as const
    const shape: KeyShape = { name: 'Thing', keys: kinds.map((kind) => ({ name: kind, dtype: { kind } })) }
    // In an encoding that wrote NUL as 00 FF these two would be one.
    const one = encodeKey(shape, ['a', BigInt.asIntN(64, 0xff41_00d1_d2d3_d4d5n ^ (1n << 63n)), 'xyzt'])
    const other = encodeKey(shape, ['a\0A', BigInt.asIntN(64, 0xd1d2_d3d4_d578_797an ^ (1n << 63n)), 't'])
    expect(compareBytes(one, other)).not.toBe(0)
  })
})

test('ended bytes are ordered as the bytes, none begins another, and they come back', () => {
  const BYTES = fc.uint8Array({ maxLength: 8, max: 3 })
  fc.assert(
    fc.property(BYTES, BYTES, (a, b) => {
      const [left, right] = [terminate(a), terminate(b)]
      expect(Math.sign(compareBytes(left, right))).toBe(Math.sign(compareBytes(a, b)))
      expect([...unescapeBytes(left.subarray(0, -1))]).toEqual([...a])
      expect(left.indexOf(0)).toBe(left.byteLength - 1)
    }),
    { numRuns: 2_000 },
  )
  expect([...encodeText('a\0b')]).toEqual([0x61, 1, 1, 0x62, 0])
})
