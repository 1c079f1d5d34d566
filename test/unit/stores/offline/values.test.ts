import { afterAll, beforeAll, expect, test } from 'vitest'
import { duckdb } from '../../../../src/stores/offline/duckdb.ts'
import {
  type OfflineStore,
  type OfflineValue,
  StoredDecimal,
  StoredInstant,
} from '../../../../src/stores/offline/offline-store.ts'

let store: OfflineStore
beforeAll(async () => {
  store = await duckdb().open({}, import.meta.dirname)
})
afterAll(() => store.close())

async function readValue(expression: string): Promise<OfflineValue | undefined> {
  const request = { columns: ['v'], orderBy: [], bounds: [], maxBatchRows: 10 }
  for await (const [row] of store.scan({ from: { sql: `select ${expression} as v` }, ...request })) return row?.[0]
  return undefined
}

const JANUARY = 978_307_200_000_000
const exact = (micros: number) => new StoredInstant(micros, true)
const inexact = (micros: number) => new StoredInstant(micros, false)

test.each<readonly [string, OfflineValue]>([
  ['null', null],
  ['true', true],
  ['127::tinyint', 127],
  ['65535::usmallint', 65_535],
  ['4294967295::uinteger', 4_294_967_295],
  ['9223372036854775807', 9_223_372_036_854_775_807n],
  ['18446744073709551615::ubigint', 18_446_744_073_709_551_615n],
  ['170141183460469231731687303715884105727::hugeint', 170_141_183_460_469_231_731_687_303_715_884_105_727n],
  ["'12345678901234567890123456789012345678901'::bignum", 12_345_678_901_234_567_890_123_456_789_012_345_678_901n],
  ['0.1::float', Math.fround(0.1)],
  ["'-inf'::double", Number.NEGATIVE_INFINITY],
  ['12345678901234567890123456789012345678::decimal(38,0)', 12_345_678_901_234_567_890_123_456_789_012_345_678n],
  ['-1.50::decimal(4,2)', new StoredDecimal(-150n, 2)],
  ["'Zürich 🛫'", 'Zürich 🛫'],
  ["'\\x00\\xFF'::blob", Uint8Array.of(0, 255)],
  ["uuid 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11'", 'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'],
  ["'WINTER'::enum('WINTER', 'SUMMER')", 'WINTER'],
  [`'{"b": 1.0}'::json`, '{"b": 1.0}'],
  ["time '12:00:00.5'", '12:00:00.5'],
  ["'101'::bit", '101'],
  ["union_value(at := date '2001-01-01')", exact(JANUARY)],
  ['[1, null]', [1, null]],
  ["[[date '2001-01-01']]", [[exact(JANUARY)]]],
  ['[1, 0.5]::float[2]', [1, 0.5]],
  ["{'a': 1.5::decimal(3,1), 'b': {'c': null}}", { a: new StoredDecimal(15n, 1), b: { c: null } }],
  ["map {'k': [timestamp '2001-01-01']}", { k: [exact(JANUARY)] }],
  ["map {2: 'x', 1: 'y'}", { 1: 'y', 2: 'x' }],
])('%s', async (expression, value) => {
  expect(await readValue(expression)).toEqual(value)
})

test.each<readonly [string, StoredInstant]>([
  ["timestamp '2001-01-01 00:00:00.000001'", exact(JANUARY + 1)],
  ["timestamptz '2001-01-01 02:00:00+02'", exact(JANUARY)],
  ["timestamp_s '2001-01-01'", exact(JANUARY)],
  ["timestamp_ms '1969-12-31 23:59:59.999'", exact(-1_000)],
  ["timestamp_ns '2001-01-01 00:00:00.000001'", exact(JANUARY + 1)],
  ["timestamp_ns '2001-01-01 00:00:00.000000001'", inexact(JANUARY)],
  ["timestamp_ns '1969-12-31 23:59:59.999999999'", inexact(-1)],
  ["date '1969-12-31'", exact(-86_400_000_000)],
  ["'infinity'::timestamp", inexact(Number.POSITIVE_INFINITY)],
  ["'-infinity'::timestamptz", inexact(Number.NEGATIVE_INFINITY)],
  ["'infinity'::timestamp_ns", inexact(Number.POSITIVE_INFINITY)],
  ["'-infinity'::date", inexact(Number.NEGATIVE_INFINITY)],
  ["timestamp '200000-01-01'", inexact(6_249_223_180_800_000_000)],
])('the instant %s', async (expression, value) => {
  expect(await readValue(expression)).toEqual(value)
})

test('a struct whose fields share a name cannot be read, and says so', async () => {
  await expect(readValue('row(1, 2)')).rejects.toThrow(
    /column 'v' of type .*: It holds a struct with two fields of one name/,
  )
})

test.each([
  [new StoredDecimal(150n, 2), '1.50'],
  [new StoredDecimal(-5n, 3), '-0.005'],
  [new StoredDecimal(0n, 1), '0.0'],
])('a decimal shows all its digits: %s', (decimal, text) => {
  expect(String(decimal)).toBe(text)
})
