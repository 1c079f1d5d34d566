import {
  batchView,
  entity,
  featureService,
  float64,
  int32,
  onDemandView,
  ref,
  staticTable,
  string,
  tableSource,
} from 'fieldstone'
import { z } from 'zod'
import { airportDailySql, routeDailySql } from './daily-sql.ts'
import { haversineKm } from './haversine.ts'

const network = { owner: 'network@example.com', tags: ['operations'] } as const

// Entities: what the features describe, and the keys that find them.

export const airport = entity('Airport', {
  description: 'An airport of the United States.',
  keys: { iata: string({ description: 'IATA code, e.g. SEA.' }) },
})

export const route = entity('Route', {
  description: 'A pair of airports with flights from the one to the other.',
  keys: {
    origin: string({ description: 'IATA code of the airport of departure.' }),
    destination: string({ description: 'IATA code of the airport of arrival.' }),
  },
  references: {
    originAirport: ref(airport, { iata: 'origin' }, { description: 'Where the route begins.' }),
    destinationAirport: ref(airport, { iata: 'destination' }, { description: 'Where the route ends.' }),
  },
})

// Stored features: columns of a table, a file or a query, materialized into the online store.

export const airportProfile = batchView('airportProfile', {
  entity: airport,
  description: 'What does not change from day to day.',
  owner: 'network@example.com',
  source: staticTable({ table: 'airports' }),
  schedule: { every: '1d' },
  features: {
    name: string({ description: 'Name of the airport.', nullable: false }),
    city: string({ description: 'City that it serves.' }),
    state: string({ description: 'Two letters of the state or territory.' }),
    country: string({ description: 'Country or associated state.' }),
    latitude: float64({ description: 'Degrees north.', nullable: false }),
    longitude: float64({ description: 'Degrees east.', nullable: false }),
  },
})

export const airportDaily = batchView('airportDaily', {
  entity: airport,
  description: 'Departures of an airport, counted each midnight over the days before it. Delays are in minutes.',
  ...network,
  source: tableSource({ sql: airportDailySql, eventTime: 'stampedAt' }),
  // A row comes each midnight; an airport without one for two days has not flown for 30, or the numbers are late.
  ttl: '2d',
  retention: '30d',
  schedule: { every: '1d' },
  features: {
    departures1d: int32({ description: 'Departures over the last day.', nullable: false }),
    departures7d: int32({ description: 'Departures over the last 7 days.', nullable: false }),
    departures30d: int32({ description: 'Departures over the last 30 days.', nullable: false }),
    meanDelay7d: float64({ description: 'Mean delay over the last 7 days, early flights counting below zero.' }),
    meanDelay30d: float64({ description: 'Mean delay over the last 30 days, early flights counting below zero.' }),
    shareDelayed15m30d: float64({
      description: 'Share of the flights of the last 30 days that were more than 15 minutes late, 0 to 1.',
    }),
    worstDelay7d: int32({ description: 'Longest delay of the last 7 days.' }),
    distinctDestinations30d: int32({ description: 'How many airports were flown to in the last 30 days.' }),
  },
})

export const routeDaily = batchView('routeDaily', {
  entity: route,
  description: 'Flights of a route, counted each midnight over the 30 days before it. Delays are in minutes.',
  ...network,
  source: tableSource({ sql: routeDailySql, eventTime: 'stampedAt' }),
  ttl: '2d',
  retention: '30d',
  schedule: { every: '1d' },
  features: {
    flights30d: int32({ description: 'Flights over the last 30 days.', nullable: false }),
    meanDelay30d: float64({ description: 'Mean delay over the last 30 days, early flights counting below zero.' }),
    distance: int32({ description: 'Length of the route in miles.', nullable: false }),
  },
})

// On-demand features: pure functions of other features and of the request's arguments.

export const distance = onDemandView('distance', {
  entity: airport,
  description: 'How far an airport is from a point.',
  inputs: { latitude: airportProfile.features.latitude, longitude: airportProfile.features.longitude },
  args: z.object({
    latitude: z.number().min(-90).max(90).describe('Degrees north.'),
    longitude: z.number().min(-180).max(180).describe('Degrees east.'),
  }),
  features: { distanceKm: float64({ description: 'Great-circle distance from the given point, in kilometres.' }) },
  compute: ({ inputs, args }) => ({ distanceKm: haversineKm(inputs, args) }),
})

export const expectedDelay = onDemandView('expectedDelay', {
  entity: airport,
  description: 'A blend of the delays of the last week and of the last month.',
  inputs: { week: airportDaily.features.meanDelay7d, month: airportDaily.features.meanDelay30d },
  args: z.object({
    recentWeight: z.number().min(0).max(1).default(0.5).describe('How much the last week counts, 0 to 1.'),
  }),
  features: { expectedDelay: float64({ description: 'Expected delay of a departure, in minutes.' }) },
  compute: ({ inputs, args }) => ({
    expectedDelay: args.recentWeight * inputs.week + (1 - args.recentWeight) * inputs.month,
  }),
})

export const expectedDelayVersusMean = onDemandView('expectedDelayVersusMean', {
  entity: airport,
  description: 'Whether delays are getting worse.',
  inputs: { expected: expectedDelay.features.expectedDelay, month: airportDaily.features.meanDelay30d },
  features: {
    expectedDelayVersusMean: float64({
      description: 'Expected delay less the mean of the last 30 days, in minutes: above zero, it is getting worse.',
    }),
  },
  compute: ({ inputs }) => ({ expectedDelayVersusMean: inputs.expected - inputs.month }),
})

// Services: what one model reads, answered in columns.

export const delayModelV1 = featureService('delayModelV1', {
  description: 'What the delay model reads of a flight: its route and both of its ends.',
  ...network,
  roles: { route, origin: airport, destination: airport },
  features: {
    route: [routeDaily.features.flights30d, routeDaily.features.meanDelay30d, routeDaily.features.distance],
    origin: [
      airportDaily.features.departures7d,
      airportDaily.features.meanDelay7d,
      airportDaily.features.shareDelayed15m30d,
      expectedDelay.features.expectedDelay,
    ],
    destination: [
      airportDaily.features.departures7d,
      airportDaily.features.meanDelay7d,
      airportDaily.features.shareDelayed15m30d,
    ],
  },
})
