import type { Dtype, ScalarDtype } from '../../src/definitions/dtypes.ts'
import type { Random } from './random.ts'

const TEXTS = [
  '',
  'a',
  'null',
  'Zürich',
  '東京',
  '😀 "quoted"\n',
  '\u2028',
  '\0',
  'n',
  '{"x":1}',
  'ÿ'.repeat(40),
  'long '.repeat(400),
]
const DOUBLES = [0, -0, 1, -1.5, 1e-7, 1e21, 0.1, 1 / 3, 5e-324, 1.7976931348623157e308]
const WHOLE = [0, 1, -1, 7, 2 ** 31 - 1, -(2 ** 31)]
const WIDE = [0n, 1n, -1n, 9_007_199_254_740_993n, 2n ** 63n - 1n, -(2n ** 63n)]
const JSONS = [
  {},
  [],
  { 2: 'b', 1: 'a' },
  JSON.parse('{"__proto__":{"x":1}}'),
  1e21,
  '\ud800',
  { b: 1, a: [null, true, 'ü'] },
  'text',
  0,
  false,
  { deep: { deeper: [1.5, { x: '😀' }] } },
]

/** A JavaScript value of a dtype, never null. */
export function randomValue(random: Random, dtype: Dtype): unknown {
  switch (dtype.kind) {
    case 'vector':
      return Float32Array.from({ length: dtype.dimensions }, () => random.pick([0, 1, -0.5, 0.1, 1e-8, 3e38]))
    case 'list':
      return random.times(0, 3, () => (random.chance(0.2) ? null : randomScalar(random, dtype.of)))
    default:
      return randomScalar(random, dtype)
  }
}

function randomScalar(random: Random, dtype: ScalarDtype): unknown {
  switch (dtype.kind) {
    case 'bool':
      return random.chance(0.5)
    case 'int32':
      return random.pick(WHOLE)
    case 'int64':
      return random.pick(WIDE)
    case 'float32':
    case 'float64':
      return random.chance(0.15) ? random.pick([Number.NaN, Infinity, -Infinity]) : random.pick(DOUBLES)
    case 'string':
      return random.pick(TEXTS)
    case 'uuid':
      return randomUuid(random)
    case 'timestamp':
      return random.pick([0, 1, 1_000, 993_945_600_000_000, 993_945_600_123_456, -1])
    case 'bytes':
      return Uint8Array.from(random.times(0, 5, () => random.int(256)))
    case 'json':
      return random.pick(JSONS)
    case 'enum':
      return random.pick(dtype.members)
    default:
      return dtype satisfies never
  }
}

export function randomUuid(random: Random): string {
  const hex = Array.from({ length: 32 }, () => random.int(16).toString(16)).join('')
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')
}
