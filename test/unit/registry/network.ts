import { z } from 'zod'
import { batchView } from '../../../src/definitions/batch-view.ts'
import type { Definition } from '../../../src/definitions/definition.ts'
import { entity, heldBy, ref } from '../../../src/definitions/entity.ts'
import { enumOf, float64, int32, int64, list, string, timestamp, vector } from '../../../src/definitions/feature.ts'
import { featureService } from '../../../src/definitions/feature-service.ts'
import { onDemandView } from '../../../src/definitions/on-demand-view.ts'
import { staticTable, tableSource } from '../../../src/definitions/sources.ts'

/** A small airline network, made anew by each call: every kind of definition, each with something of all it may say. */
export function network() {
  const airport = entity('Airport', { keys: { iata: string() }, description: 'An airport.' })
  const carrier = entity('Carrier', { keys: { code: int64({ graphqlType: 'Int64' }) }, plural: 'airlines' })
  const route = entity('Route', {
    keys: { origin: string(), destination: string({ description: 'Where it ends.' }) },
    references: {
      originAirport: ref(airport, { iata: 'origin' }, { description: 'Where it begins.' }),
      destinationAirport: ref(() => airport, { iata: 'destination' }),
      carrier: ref(carrier, { code: heldBy('carrierCode') }),
    },
  })
  const airportProfile = batchView('airportProfile', {
    entity: airport,
    source: staticTable({ file: 'airports.csv', keys: { iata: 'code' } }),
    features: { name: string({ nullable: false }), latitude: float64({ default: 0 }), tags: list(string()) },
  })
  const airportDaily = batchView('airportDaily', {
    entity: airport,
    source: tableSource({ sql: 'select * from daily', eventTime: 'asOf', ingestTime: 'storedAt', tieBreaker: 'seq' }),
    ttl: '40d',
    owner: 'network@example.com',
    tags: ['operations'],
    schedule: { every: '1d', availableAfter: '2h' },
    maxStaleness: '10m',
    staleIfError: true,
    features: {
      departures7d: int32({ description: 'Departures over 7 days.', nullable: false }),
      meanDelay30d: float64({ nonFinite: 'string', owner: 'delays@example.com', tags: [] }),
      season: enumOf('Season', ['WINTER', 'SUMMER'], { default: 'WINTER' }),
      embedding: vector(3, { deprecated: 'Use name.' }),
      lastFlight: timestamp({ column: 'last_flight' }),
    },
  })
  const routeDaily = batchView('routeDaily', {
    entity: route,
    source: tableSource({ table: 'routes', eventTime: 'asOf', deletedColumn: 'gone' }),
    ttl: '40d',
    retention: '1d',
    version: 2,
    features: { carrierCode: int64(), flights30d: int32() },
  })
  const distance = onDemandView('distance', {
    entity: airport,
    inputs: { latitude: airportProfile.features.latitude },
    args: z.object({ latitude: z.number().min(-90), unit: z.enum(['KM', 'MI']).default('KM') }),
    features: { distance: float64() },
    compute: ({ inputs, args }) => ({ distance: Math.abs(inputs.latitude - args.latitude) }),
  })
  const nearness = onDemandView('nearness', {
    entity: airport,
    inputs: { distance: distance.features.distance },
    args: z.object({ within: z.number().int().optional() }),
    whenMissing: 'call',
    features: { isNear: int32() },
    compute: ({ inputs, args }) => ({ isNear: (inputs.distance ?? 0) < (args.within ?? 100) ? 1 : 0 }),
  })
  const delayModelV1 = featureService('delayModelV1', {
    roles: { route, origin: airport, destination: airport },
    features: {
      route: [routeDaily.features.flights30d],
      origin: [airportDaily.features.departures7d, nearness.features.isNear],
      destination: [airportDaily.features.departures7d],
    },
  })
  return { airport, carrier, route, airportProfile, airportDaily, routeDaily, distance, nearness, delayModelV1 }
}

/** The network as a list, with some of its definitions replaced or (by undefined) left out. */
export function networkWith(changes: Readonly<Record<string, unknown>> = {}): readonly Definition[] {
  return Object.values({ ...network(), ...changes }).filter((value) => value !== undefined) as readonly Definition[]
}
