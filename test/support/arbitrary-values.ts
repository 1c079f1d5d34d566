import fc from 'fast-check'
import type { ScalarDtype } from '../../src/definitions/dtypes.ts'
import type { WireType } from '../../src/values/wire.ts'

/** A type, and JavaScript values of it. */
export interface TypedValues {
  readonly type: WireType
  readonly values: readonly unknown[]
}

const MAX_MICROS = Number.MAX_SAFE_INTEGER

const TEXT = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.constantFrom('', '\0', '"', '\\', '\u2028', '\ud7ff', '\uffff', '😀', 'é'),
)

const WITHIN: { readonly [K in ScalarDtype['kind']]: (dtype: ScalarDtype) => fc.Arbitrary<unknown> } = {
  bool: () => fc.boolean(),
  int32: () => fc.oneof(fc.integer(), fc.constantFrom(-0, 2 ** 31 - 1, -(2 ** 31))),
  int64: () =>
    fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.constantFrom(2n ** 63n - 1n, -(2n ** 63n))),
  float32: () => fc.oneof(fc.float(), fc.constantFrom(-0, 0.1, 1e-45, 3.4e38)),
  float64: () => fc.oneof(fc.double(), fc.constantFrom(-0, 0.1, 1e21, 1e-7, 5e-324)),
  string: () => TEXT,
  uuid: () => fc.uuid(),
  timestamp: () =>
    fc.oneof(fc.integer({ min: -MAX_MICROS, max: MAX_MICROS }), fc.integer({ min: -10, max: 2_000_000 })),
  bytes: () => fc.uint8Array({ maxLength: 20 }),
  json: () => fc.jsonValue().filter((value) => value !== null),
  enum: (dtype) => fc.constantFrom(...(dtype as { readonly members: readonly string[] }).members),
}

const SCALAR_DTYPES: readonly ScalarDtype[] = [
  ...(['bool', 'int32', 'int64', 'float32', 'float64', 'string', 'uuid', 'timestamp', 'bytes', 'json'] as const).map(
    (kind) => ({ kind }),
  ),
  { kind: 'enum', name: 'Season', members: ['WINTER', 'SPRING', 'SUMMER'] },
]

function scalarValue(dtype: ScalarDtype): fc.Arbitrary<unknown> {
  return WITHIN[dtype.kind](dtype)
}

function nullable(value: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 5, arbitrary: value })
}

const NON_FINITE = fc.constantFrom('null' as const, 'string' as const)

/** A dtype of any kind, with `count` values of it, some null. */
export function arbitraryTyped(count: number): fc.Arbitrary<TypedValues> {
  const many = (type: WireType, value: fc.Arbitrary<unknown>): fc.Arbitrary<TypedValues> =>
    fc.array(nullable(value), { minLength: count, maxLength: count }).map((values) => ({ type, values }))
  const scalar = fc
    .tuple(fc.constantFrom(...SCALAR_DTYPES), NON_FINITE)
    .chain(([dtype, nonFinite]) => many({ dtype, nonFinite }, scalarValue(dtype)))
  const list = fc
    .tuple(fc.constantFrom(...SCALAR_DTYPES), NON_FINITE)
    .chain(([of, nonFinite]) =>
      many({ dtype: { kind: 'list', of }, nonFinite }, fc.array(nullable(scalarValue(of)), { maxLength: 4 })),
    )
  const vector = fc
    .integer({ min: 1, max: 4 })
    .chain((dimensions) =>
      many(
        { dtype: { kind: 'vector', dimensions }, nonFinite: 'null' },
        fc.float32Array({ minLength: dimensions, maxLength: dimensions, noNaN: true, noDefaultInfinity: true }),
      ),
    )
  return fc.oneof({ weight: 4, arbitrary: scalar }, { weight: 2, arbitrary: list }, { weight: 1, arbitrary: vector })
}
