import { expectTypeOf, test } from 'vitest'
import { z } from 'zod'
import { batchView } from '../../src/definitions/batch-view.ts'
import type { FeaturesOf } from '../../src/definitions/definition.ts'
import { entity, type KeyOf, ref } from '../../src/definitions/entity.ts'
import { float64, int32, string } from '../../src/definitions/feature.ts'
import { featureService } from '../../src/definitions/feature-service.ts'
import { onDemandView } from '../../src/definitions/on-demand-view.ts'
import { staticTable, tableSource } from '../../src/definitions/sources.ts'

const airport = entity('Airport', { keys: { iata: string() } })
const route = entity('Route', {
  keys: { origin: string(), destination: string() },
  references: { originAirport: ref(airport, { iata: 'origin' }) },
})
const daily = batchView('daily', {
  entity: airport,
  source: tableSource({ sql: 'x', eventTime: 'asOf', keys: { iata: 'a' } }),
  ttl: '40d',
  features: { departures7d: int32({ nullable: false }), mean: float64({ default: 0 }) },
})
const distance = onDemandView('distance', {
  entity: airport,
  inputs: { departures: daily.features.departures7d },
  args: z.object({ latitude: z.number() }),
  features: { km: float64() },
  compute: ({ inputs, args, nowMicros }) => ({ km: inputs.departures + args.latitude + nowMicros }),
})
test('inference', () => {
  expectTypeOf<KeyOf<typeof route>>().toEqualTypeOf<{ readonly origin: string; readonly destination: string }>()
  expectTypeOf<FeaturesOf<typeof daily>>().toEqualTypeOf<{
    readonly departures7d: number | null
    readonly mean: number
  }>()
  // @ts-expect-error wrong key
  entity('R', { keys: { a: string() }, references: { b: ref(airport, { iata: 'c' }) } })
  // @ts-expect-error key dtype
  entity('R', { keys: { a: float64() } })
  // @ts-expect-error ttl of a static table
  batchView('x', { entity: airport, source: staticTable({ file: 'f' }), ttl: '1d', features: { a: int32() } })
  // @ts-expect-error feature is key
  batchView('x', { entity: airport, source: staticTable({ file: 'f' }), features: { iata: int32() } })
  featureService('s', {
    roles: { route, origin: airport },
    features: { route: [], origin: [daily.features.mean, distance.features.km] },
  })
  // @ts-expect-error wrong entity
  featureService('s', { roles: { route, origin: airport }, features: { route: [daily.features.mean], origin: [] } })
})
