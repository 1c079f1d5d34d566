import { describe, expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { batchView } from '../../src/definitions/batch-view.ts'
import type { FeaturesOf } from '../../src/definitions/definition.ts'
import { entity, type KeyOf, ref } from '../../src/definitions/entity.ts'
import {
  bool,
  bytes,
  enumOf,
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
} from '../../src/definitions/feature.ts'
import { featureService } from '../../src/definitions/feature-service.ts'
import { onDemandView } from '../../src/definitions/on-demand-view.ts'
import { staticTable, tableSource } from '../../src/definitions/sources.ts'
import { testOnDemand } from '../../src/testing/test-on-demand.ts'
import { testView } from '../../src/testing/test-view.ts'

const airport = entity('Airport', { keys: { iata: string() } })
const route = entity('Route', {
  keys: { origin: string(), number: int64(), id: uuid() },
  references: { originAirport: ref(airport, { iata: 'origin' }), later: ref(() => airport, { iata: 'origin' }) },
})
const daily = batchView('daily', {
  entity: airport,
  source: tableSource({ table: 'daily', eventTime: 'asOf', keys: { iata: 'code' } }),
  ttl: '40d',
  features: {
    a: bool(),
    b: int32({ nullable: false }),
    c: int64(),
    d: float32({ default: 0 }),
    e: float64({ nonFinite: 'string' }),
    f: string(),
    g: timestamp(),
    h: bytes(),
    i: json(),
    j: enumOf('Season', ['WINTER', 'SUMMER']),
    k: vector(3),
    l: list(int64()),
  },
})

describe('types are inferred', () => {
  test('of keys', () => {
    expectTypeOf<KeyOf<typeof route>>().toEqualTypeOf<{
      readonly origin: string
      readonly number: bigint
      readonly id: string
    }>()
  })

  test('of features: null unless a default makes them total', () => {
    expectTypeOf<FeaturesOf<typeof daily>>().toEqualTypeOf<{
      readonly a: boolean | null
      readonly b: number | null
      readonly c: bigint | null
      readonly d: number
      readonly e: number | null
      readonly f: string | null
      readonly g: number | null
      readonly h: Uint8Array | null
      readonly i: unknown
      readonly j: 'WINTER' | 'SUMMER' | null
      readonly k: Float32Array | null
      readonly l: readonly (bigint | null)[] | null
    }>()
  })

  test('of the inputs and arguments of a function', () => {
    onDemandView('called', {
      entity: airport,
      inputs: { b: daily.features.b, d: daily.features.d, j: daily.features.j },
      args: z.object({ by: z.number().default(1), mode: z.enum(['UP', 'DOWN']).optional() }),
      features: { x: int32() },
      compute: ({ inputs, args, nowMicros }) => {
        expectTypeOf(inputs).toEqualTypeOf<{
          readonly b: number
          readonly d: number
          readonly j: 'WINTER' | 'SUMMER'
        }>()
        expectTypeOf(args).toEqualTypeOf<{ by: number; mode?: 'UP' | 'DOWN' | undefined }>()
        expectTypeOf(nowMicros).toEqualTypeOf<number>()
        return { x: 1 }
      },
    })
  })

  test('of inputs that may be missing', () => {
    onDemandView('told', {
      entity: airport,
      inputs: { b: daily.features.b, d: daily.features.d },
      whenMissing: 'call',
      features: { x: int32() },
      compute: ({ inputs, args }) => {
        expectTypeOf(inputs).toEqualTypeOf<{ readonly b: number | null; readonly d: number }>()
        expectTypeOf(args).toEqualTypeOf<Readonly<Record<string, never>>>()
        return { x: null }
      },
    })
  })

  test('of what the testing functions give', () => {
    const tested = testView(daily, [], [])
    expectTypeOf(tested[0]!.values.d).toEqualTypeOf<number>()
    expectTypeOf(tested[0]!.key).toEqualTypeOf<{ readonly iata: string }>()
    const view = onDemandView('v', {
      entity: airport,
      inputs: { b: daily.features.b },
      args: z.object({ by: z.number().default(1) }),
      features: { x: string() },
      compute: () => ({ x: 'a' }),
    })
    expectTypeOf(testOnDemand(view, { b: 1 }, {}).x.value).toEqualTypeOf<string | null>()
  })
})

describe('what cannot be is not compiled', () => {
  test('values outside the dtype', () => {
    // @ts-expect-error a default of another dtype
    int32({ default: 'one' })
    // @ts-expect-error not a member
    enumOf('Season', ['WINTER'], { default: 'SUMMER' })
    // @ts-expect-error a word that there is not
    int32({ descripton: 'typo' })
    // @ts-expect-error only floats have it
    int32({ nonFinite: 'string' })
    // @ts-expect-error only keys have it
    float64({ graphqlType: 'ID' })
    // @ts-expect-error a list of lists
    list(list(int32()))
  })

  test('sources', () => {
    // @ts-expect-error two places to read from
    tableSource({ table: 'a', sql: 'select 1', eventTime: 'asOf' })
    // @ts-expect-error none
    tableSource({ eventTime: 'asOf' })
    // @ts-expect-error no time
    tableSource({ table: 'a' })
  })

  test('views', () => {
    batchView('v', {
      entity: airport,
      // @ts-expect-error a key that the entity has not
      source: tableSource({ table: 't', eventTime: 'e', keys: { icao: 'code' } }),
      features: { n: int32() },
    })
    // @ts-expect-error no duration
    batchView('v', { entity: airport, source: tableSource({ table: 't', eventTime: 'e' }), ttl: 'a day', features: {} })
    batchView('v', {
      entity: airport,
      source: tableSource({ table: 't', eventTime: 'e' }),
      // @ts-expect-error a feature named as the key is
      features: { iata: string() },
    })
    batchView('v', {
      entity: airport,
      source: tableSource({ table: 't', eventTime: 'e' }),
      // @ts-expect-error no feature
      features: { n: 'int32' },
    })
    onDemandView('v', {
      entity: airport,
      inputs: {},
      features: { x: int32() },
      // @ts-expect-error a promise: functions are synchronous
      compute: async () => ({ x: 1 }),
    })
    onDemandView('v', {
      entity: airport,
      inputs: {},
      features: { x: int32(), y: string() },
      // @ts-expect-error a feature is missing
      compute: () => ({ x: 1 }),
    })
    onDemandView('v', {
      entity: airport,
      inputs: {},
      features: { x: int32() },
      // @ts-expect-error a value of another dtype
      compute: () => ({ x: 'one' }),
    })
  })

  test('services', () => {
    // @ts-expect-error a role that the service has not
    featureService('s', { roles: { airport }, features: { airport: [], other: [] } })
    // @ts-expect-error a role without features
    featureService('s', { roles: { airport, route }, features: { airport: [daily.features.a] } })
  })

  test('static tables have no time', () => {
    // @ts-expect-error retention of a static table
    batchView('v', { entity: airport, source: staticTable({ table: 't' }), retention: '1d', features: { n: int32() } })
  })
})
