import { z } from 'zod'
import { batchView } from '../../../src/definitions/batch-view.ts'
import type { Definition } from '../../../src/definitions/definition.ts'
import { entity, heldBy, ref } from '../../../src/definitions/entity.ts'
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
} from '../../../src/definitions/feature.ts'
import { featureService } from '../../../src/definitions/feature-service.ts'
import { onDemandView } from '../../../src/definitions/on-demand-view.ts'
import { staticTable, tableSource } from '../../../src/definitions/sources.ts'

const state = entity('State', { keys: { code: string() } })
const carrier = entity('Carrier', { keys: { number: int64({ graphqlType: 'Int64' }) } })
const airport = entity('Airport', {
  keys: { iata: string() },
  references: { state: ref(state, { code: heldBy('stateCode') }) },
})
const route = entity('Route', {
  keys: { origin: string(), destination: string() },
  references: {
    originAirport: ref(airport, { iata: 'origin' }),
    destinationAirport: ref(airport, { iata: 'destination' }),
    carrier: ref(carrier, { number: heldBy('carrierNumber') }),
  },
})

const stateProfile = batchView('stateProfile', {
  entity: state,
  source: staticTable({ file: 'states.csv' }),
  features: { stateName: string() },
})
const carrierProfile = batchView('carrierProfile', {
  entity: carrier,
  source: staticTable({ file: 'carriers.csv' }),
  features: { carrierName: string() },
})
const airportProfile = batchView('airportProfile', {
  entity: airport,
  source: staticTable({ file: 'airports.csv' }),
  features: {
    name: string(),
    stateCode: string(),
    latitude: float64(),
    embedding: vector(3),
    direction: vector(2, { default: Float32Array.of(1, 0) }),
  },
})
const airportDaily = batchView('airportDaily', {
  entity: airport,
  source: tableSource({ table: 'daily', eventTime: 'asOf' }),
  ttl: '10d',
  version: 3,
  features: { departures: int32(), meanDelay: float64({ default: -1 }) },
})
const everyDtype = batchView('everyDtype', {
  entity: airport,
  source: tableSource({ table: 'every', eventTime: 'asOf' }),
  features: {
    isOpen: bool({ default: true }),
    total: int64(),
    small: float32(),
    extreme: float64({ nonFinite: 'string' }),
    season: enumOf('Season', ['WINTER', 'SUMMER'], { default: 'WINTER' }),
    lastFlight: timestamp(),
    blob: bytes(),
    extra: json(),
    tags: list(string()),
    counts: list(int64()),
    serial: uuid(),
  },
})
const routeDaily = batchView('routeDaily', {
  entity: route,
  source: tableSource({ table: 'routes', eventTime: 'asOf' }),
  ttl: '10d',
  features: { flights: int32(), carrierNumber: int64() },
})

/** How often each function was called, by its view's name. */
export const callCounts = new Map<string, number>()

function counted<T>(name: string, value: T): T {
  callCounts.set(name, (callCounts.get(name) ?? 0) + 1)
  return value
}

const distance = onDemandView('distance', {
  entity: airport,
  inputs: { latitude: airportProfile.features.latitude },
  args: z.object({ from: z.number().min(-90) }),
  features: { distance: float64(), isNorth: bool() },
  compute: ({ inputs, args }) =>
    counted('distance', { distance: Math.abs(inputs.latitude - args.from), isNorth: inputs.latitude > args.from }),
})
const nearness = onDemandView('nearness', {
  entity: airport,
  inputs: { distance: distance.features.distance, departures: airportDaily.features.departures },
  args: z.object({ within: z.number().default(100) }),
  whenMissing: 'call',
  features: { nearness: string() },
  compute: ({ inputs, args }) => ({
    nearness: `${inputs.distance === null ? 'unknown' : inputs.distance < args.within ? 'near' : 'far'} ${inputs.departures}`,
  }),
})
const fragile = onDemandView('fragile', {
  entity: airport,
  inputs: { departures: airportDaily.features.departures },
  features: { fragile: float64({ default: 0.5 }) },
  compute: ({ inputs }) => {
    if (inputs.departures > 100) throw new Error('too many departures: secret 42')
    return { fragile: inputs.departures / 2 }
  },
})
const dependent = onDemandView('dependent', {
  entity: airport,
  inputs: { fragile: fragile.features.fragile },
  features: { dependent: float64() },
  compute: ({ inputs }) => ({ dependent: inputs.fragile + 1 }),
})
const delayModelV1 = featureService('delayModelV1', {
  roles: { route, origin: airport },
  features: {
    route: [routeDaily.features.flights],
    origin: [
      airportDaily.features.meanDelay,
      airportProfile.features.name,
      airportProfile.features.embedding,
      distance.features.distance,
      fragile.features.fragile,
    ],
  },
})

/** Everything that serving has to tell apart: every dtype, keys of one and two columns, references of both sorts, chains of functions. */
export const definitions: readonly Definition[] = [
  state,
  carrier,
  airport,
  route,
  stateProfile,
  carrierProfile,
  airportProfile,
  airportDaily,
  everyDtype,
  routeDaily,
  distance,
  nearness,
  fragile,
  dependent,
  delayModelV1,
]
