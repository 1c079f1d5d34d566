import { describe, expect, test } from 'vitest'
import {
  bool,
  bytes,
  enumOf,
  type FeatureDefinition,
  float32,
  float64,
  int32,
  int64,
  json,
  list,
  string,
  timestamp,
  uuid,
  vector,
} from '../../../src/definitions/feature.ts'
import { defaultProblem } from '../../../src/registry/default-value.ts'

const circle: unknown[] = []
circle.push(circle)

const CASES: readonly (readonly [FeatureDefinition, readonly unknown[], readonly unknown[]])[] = [
  [bool(), [true, false], ['true', 0]],
  [int32(), [0, -(2 ** 31), 2 ** 31 - 1], [2 ** 31, 0.5, 1n, Number.NaN]],
  [int64(), [0n, -(2n ** 63n), 2n ** 63n - 1n], [2n ** 63n, 1, '1']],
  [float32(), [1.5, 3.4e38], [3.5e38, Number.NaN, '1']],
  [float64(), [1e308], [Number.POSITIVE_INFINITY, Number.NaN, 1n]],
  [float64({ nonFinite: 'string' }), [Number.NaN, Number.NEGATIVE_INFINITY], ['NaN']],
  [string(), ['', 'ü', '😀'], ['\ud800', 1]],
  [uuid(), ['018f3f1e-0000-7000-8000-000000000000'], ['018F3F1E-0000-7000-8000-000000000000', 'x']],
  [timestamp(), [0, -1, 993_945_600_000_000], [0.5, 2 ** 53, '2001-07-01T00:00:00Z']],
  [bytes(), [new Uint8Array(), new Uint8Array([1])], ['AQ==', [1]]],
  [json(), [0, 'x', [null], { a: { b: 1 } }], [null, undefined, 1n, circle, () => 1]],
  [enumOf('Season', ['WINTER']), ['WINTER'], ['winter', 0]],
  [vector(2), [new Float32Array(2)], [new Float32Array(3), [0, 0], new Float32Array([Number.NaN, 0])]],
  [list(int32()), [[], [1, null]], [[1.5], 1, [undefined]]],
  [list(float64()), [[1]], [[Number.NaN]]],
]

describe.each(CASES)('a default of %j', ({ dtype, nonFinite }, legal, illegal) => {
  test('is a value of the dtype', () => {
    expect(legal.map((value) => defaultProblem(dtype, nonFinite, value))).toEqual(legal.map(() => undefined))
  })

  test('is nothing else', () => {
    for (const value of illegal) expect(defaultProblem(dtype, nonFinite, value)).toMatch(/ is no .*\.$/)
  })
})
