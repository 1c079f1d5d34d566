import { describe, expect, test } from 'vitest'
import { canonicalKeyValue, encodeKey, type KeyShape, MAX_KEY_BYTES } from '../../../../src/stores/online/key-codec.ts'

const SHAPE: KeyShape = {
  name: 'Thing',
  keys: [
    { name: 'name', dtype: { kind: 'string' } },
    { name: 'number', dtype: { kind: 'int64' } },
    { name: 'id', dtype: { kind: 'uuid' } },
  ],
}
const [NAME, NUMBER, ID] = [0, 1, 2]

describe('a key column as it was given becomes the one value that stands for it', () => {
  test.each([
    [NAME, 'a', 'a'],
    [NAME, '', ''],
    [NUMBER, 7, 7n],
    [NUMBER, 7n, 7n],
    [NUMBER, '-007', -7n],
    [NUMBER, '9223372036854775807', 2n ** 63n - 1n],
    [NUMBER, -(2n ** 63n), -(2n ** 63n)],
    [ID, '0190F3A4-0000-7000-8000-00000000ABCD', '0190f3a4-0000-7000-8000-00000000abcd'],
  ] as const)('column %i: %o', (column, given, canonical) => {
    expect(canonicalKeyValue(SHAPE, column, given)).toBe(canonical)
  })

  test.each([
    [NAME, 7],
    [NAME, null],
    [NAME, undefined],
    [NAME, 'half a pair \ud83d'],
    [NUMBER, 1.5],
    [NUMBER, 2 ** 53],
    [NUMBER, '9223372036854775808'],
    [NUMBER, 2n ** 63n],
    [NUMBER, '0x10'],
    [NUMBER, ' 7'],
    [NUMBER, ''],
    [ID, '0190f3a4000070008000000000000000'],
    [ID, ['x']],
  ])('or is refused, column %i: %o', (column, given) => {
    const name = SHAPE.keys[column]!.name
    expect(() => canonicalKeyValue(SHAPE, column, given)).toThrow(
      expect.objectContaining({ code: 'KEY_INVALID', message: expect.stringContaining(`Thing.${name}`) }),
    )
  })
})

describe('an encoded key', () => {
  const shape: KeyShape = { name: 'Thing', keys: [{ name: 'name', dtype: { kind: 'string' } }] }

  test('may be 1,024 bytes, by the bytes of UTF-8 and of what is escaped', () => {
    for (const longest of ['x'.repeat(1023), 'é'.repeat(511), '\0'.repeat(511)]) {
      expect(encodeKey(shape, [longest]).byteLength).toBeLessThanOrEqual(MAX_KEY_BYTES)
      expect(() => encodeKey(shape, [`${longest}xx`])).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }))
    }
  })

  test('is at least one byte', () => {
    expect([...encodeKey(shape, [''])]).toEqual([0])
  })

  test('stands as it is documented', () => {
    const key = encodeKey(SHAPE, ['a\0\x01b', -1n, '0190f3a4-0000-7000-8000-00000000abcd'])
    expect(Buffer.from(key).toString('hex')).toBe(
      ['61', '0101', '0102', '62', '00', '7fffffffffffffff', '0190f3a400007000800000000000abcd'].join(''),
    )
  })
})
