import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Dtype } from '../../../src/definitions/dtypes.ts'
import { toDtypeValue } from '../../../src/materialize/offline-to-dtype.ts'
import { type OfflineValue, StoredDecimal, StoredInstant } from '../../../src/stores/offline/offline-store.ts'
import { encodeWire, WireProblem } from '../../../src/values/wire.ts'

/** The text that is stored, or the reason why there is none. */
function stored(dtype: Dtype, value: OfflineValue): string {
  const converted = toDtypeValue(dtype, value)
  const text = converted instanceof WireProblem ? converted : encodeWire({ dtype, nonFinite: 'null' }, converted)
  return text instanceof WireProblem ? `! ${text.reason}` : text
}

const scalar = (
  kind: 'bool' | 'int32' | 'int64' | 'float32' | 'float64' | 'string' | 'uuid' | 'timestamp' | 'bytes' | 'json',
) => ({ kind }) as const
const season = { kind: 'enum', name: 'Season', members: ['WINTER'] } as const
const JANUARY = 978_307_200_000_000
const decimal = (unscaled: bigint, scale = 2) => new StoredDecimal(unscaled, scale)

test.each<readonly [Dtype, OfflineValue, string]>([
  [scalar('int32'), 7n, '7'],
  [scalar('int32'), 7, '7'],
  [scalar('int32'), decimal(-700n), '-7'],
  [scalar('int64'), 7, '"7"'],
  [scalar('int64'), decimal(700n), '"7"'],
  [scalar('int64'), 2n ** 63n - 1n, '"9223372036854775807"'],
  [scalar('float32'), 0.1, '0.10000000149011612'],
  [scalar('float32'), decimal(150n), '1.5'],
  [scalar('float64'), decimal(10n), '0.1'],
  [scalar('float64'), 2n ** 60n, '1152921504606847000'],
  [scalar('float64'), Number.NaN, 'null'],
  [scalar('uuid'), 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11', '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"'],
  [scalar('timestamp'), new StoredInstant(JANUARY, true), '"2001-01-01T00:00:00Z"'],
  [scalar('json'), '{"b": 1.0}', '{"b":1}'],
  [scalar('json'), 'null', 'null'],
  [scalar('json'), { a: [1n, decimal(150n), null], b: 2n ** 60n + 1n }, '{"a":[1,1.5,null],"b":"1152921504606846977"}'],
  [season, 'WINTER', '"WINTER"'],
  [{ kind: 'vector', dimensions: 2 }, [1n, decimal(50n)], '"AACAPwAAAD8="'],
  [{ kind: 'list', of: scalar('int64') }, [1, null], '["1",null]'],
])('a %o holds %o', (dtype, value, text) => {
  expect(stored(dtype, value)).toBe(text)
})

test.each<readonly [Dtype, OfflineValue, string]>([
  [scalar('bool'), 1, '1 is no bool'],
  [scalar('bool'), 'true', '"true" is no bool'],
  [scalar('int32'), 2_147_483_648n, '2147483648n is no int32'],
  [scalar('int32'), 1.5, '1.5 is no int32'],
  [scalar('int32'), decimal(150n), '1.50 is no int32'],
  [scalar('int32'), '7', '"7" is no int32'],
  [scalar('int32'), true, 'true is no int32'],
  [scalar('int64'), 2n ** 63n, '9223372036854775808n is no int64'],
  [scalar('int64'), 2 ** 53, '9007199254740992 is no int64'],
  [scalar('int64'), '7', '"7" is no int64'],
  [scalar('float32'), 16_777_217n, '16777217 is not exact in float32'],
  [scalar('float32'), 10n ** 40n, `${10n ** 40n} is not exact in float32`],
  [scalar('float32'), 1e39, '1e+39 is no float32'],
  [scalar('float64'), 2n ** 53n + 1n, '9007199254740993 is not exact in float64'],
  [scalar('float64'), '1.5', '"1.5" is no float64'],
  [scalar('string'), 7, '7 is no string'],
  [scalar('string'), decimal(150n), '1.50 is no string'],
  [scalar('string'), new StoredInstant(JANUARY, true), '2001-01-01T00:00:00Z is no string'],
  [scalar('uuid'), 'a0eebc99', '"a0eebc99" is no uuid'],
  [scalar('timestamp'), '2001-01-01', '"2001-01-01" is no timestamp'],
  [scalar('timestamp'), JANUARY, '978307200000000 is no timestamp'],
  [scalar('timestamp'), new StoredInstant(JANUARY, false), 'a timestamp finer than a microsecond'],
  [scalar('timestamp'), new StoredInstant(Number.NEGATIVE_INFINITY, false), 'an infinite timestamp'],
  [scalar('timestamp'), new StoredInstant(2 ** 60, false), 'a timestamp before 1684 or after 2255'],
  [scalar('bytes'), 'YWI=', '"YWI=" is no bytes'],
  [scalar('json'), '{', '"{" is no JSON text'],
  [scalar('json'), { at: new StoredInstant(JANUARY, true) }, 'a timestamp is no JSON; format it in the source'],
  [scalar('json'), [Uint8Array.of(1)], 'bytes are no JSON; encode them in the source'],
  [season, 'SPRING', '"SPRING" is no enum Season'],
  [season, 0, '0 is no enum'],
  [{ kind: 'vector', dimensions: 2 }, [1], 'a vector of 1 is no vector(2)'],
  [{ kind: 'vector', dimensions: 2 }, [1, null], 'element 1: null is no number'],
  [{ kind: 'vector', dimensions: 1 }, ['1'], 'element 0: "1" is no float32'],
  [{ kind: 'vector', dimensions: 1 }, [Number.NaN], 'a vector holds finite numbers only'],
  [{ kind: 'vector', dimensions: 1 }, '[1]', '"[1]" is no vector(1)'],
  [{ kind: 'list', of: scalar('int32') }, [1, 1.5], 'element 1: 1.5 is no int32'],
  [{ kind: 'list', of: scalar('int64') }, [1, '2'], 'element 1: "2" is no int64'],
  [{ kind: 'list', of: scalar('int32') }, '[1]', '"[1]" is no list'],
])('a %o does not hold %o', (dtype, value, reason) => {
  expect(stored(dtype, value)).toBe(`! ${reason}`)
})

describe('no number changes on its way', () => {
  test('what an integer dtype takes is what the source has', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n }),
        fc.constantFrom('int32', 'int64'),
        (value, kind) => {
          const text = stored({ kind }, value)
          const bits = kind === 'int32' ? 32 : 64
          if (BigInt.asIntN(bits, value) === value) expect(BigInt(JSON.parse(text))).toBe(value)
          else expect(text).toMatch(/^! /)
        },
      ),
    )
  })

  test('a float dtype takes an integer if and only if it is exact', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 60n), max: 2n ** 60n }), (value) => {
        const text = stored({ kind: 'float64' }, value)
        if (BigInt(Number(value)) === value) expect(BigInt(Number(text))).toBe(value)
        else expect(text).toMatch(/not exact/)
      }),
    )
  })

  test('a decimal is the double that its digits are', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }),
        fc.integer({ min: 1, max: 15 }),
        (unscaled, scale) => {
          const text = stored({ kind: 'float64' }, decimal(unscaled, scale))
          expect(Number(text) === Number(unscaled) / 10 ** scale).toBe(true)
        },
      ),
    )
  })
})
