import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { airport, expectedDelay } from '../../schema/flights/features.ts'
import { flightsConfig } from '../../schema/flights/fieldstone.config.ts'
import { haversineKm } from '../../schema/flights/haversine.ts'
import { fillOnlineStore, startSample } from '../../schema/flights/sample.ts'
import { deploymentOf } from '../../src/cli/load-config.ts'
import { type RunningGateway, runGateway } from '../../src/cli/run-gateway.ts'
import { fixedClock } from '../../src/lib/clock.ts'
import { airportRow, flightsFrom, lastFlightMillis, routeRow } from '../support/flights-oracle.ts'
import { REPOSITORY } from '../support/source-imports.ts'
import type {
  AirportQuery,
  AirportQueryVariables,
  DailyStatisticsQuery,
  DailyStatisticsQueryVariables,
  DelayModelQuery,
  DelayModelQueryVariables,
  RoutesQuery,
  RoutesQueryVariables,
  WelcomeQuery,
} from './flights.generated.ts'

/** Large and small airports, and some that were not flown from in the last 30 days; ZZZ is none. */
const AIRPORTS = ['SEA', 'JFK', 'ATL', 'OME', 'ACK', 'GUC', 'HDN', 'MTJ', 'ACY', 'ZZZ']
const ROUTES = [
  { origin: 'SEA', destination: 'JFK' },
  { origin: 'JFK', destination: 'SEA' },
  { origin: 'ATL', destination: 'DFW' },
  { origin: 'OME', destination: 'OTZ' },
  { origin: 'GUC', destination: 'ATL' },
  { origin: 'SEA', destination: 'SEA' },
]
const DAY_MILLIS = 86_400_000
const MARCH = Date.UTC(2001, 2, 10)

let state: string
let running: RunningGateway
let inMarch: RunningGateway
let flights: Awaited<ReturnType<typeof flightsFrom>>

const quiet = { print() {}, note() {}, isInteractive: false }

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'fieldstone-flights-'))
  running = await startSample({ stateDirectory: state, port: 0, terminal: quiet })
  inMarch = await startAt('2001-03-10T05:00:00Z')
  flights = await flightsFrom(AIRPORTS)
})

afterAll(async () => {
  await running?.close()
  await inMarch?.close()
  await rm(state, { recursive: true, force: true })
})

/** The same tables and definitions with another now, in an online store of its own. */
async function startAt(instant: string): Promise<RunningGateway> {
  const { online, ...config } = flightsConfig(state)
  const path = join(state, 'online-in-march')
  const deployment = deploymentOf(join(REPOSITORY, 'schema/flights/fieldstone.config.ts'), {
    ...config,
    online: { ...online, options: { ...online.options, path } },
    clock: fixedClock(instant),
  })
  await fillOnlineStore(deployment, quiet, new AbortController().signal)
  return runGateway(deployment, { port: 0 })
}

async function ask<Data, Variables>(gateway: RunningGateway, operation: string, variables: Variables): Promise<Data> {
  const query = await readFile(join(REPOSITORY, 'schema/flights/operations', `${operation}.graphql`), 'utf8')
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  })
  const { data, errors } = (await response.json()) as { data: Data; errors?: unknown }
  expect(errors).toBeUndefined()
  return data
}

function dailyStatistics(gateway: RunningGateway): Promise<DailyStatisticsQuery> {
  return ask<DailyStatisticsQuery, DailyStatisticsQueryVariables>(gateway, 'daily-statistics', {
    airports: AIRPORTS.map((iata) => ({ iata })),
    routes: ROUTES,
  })
}

/** Integers exactly, means within SPEC V3's bound for a sum of some hundred thousand minutes. */
function expectRow(served: object, expected: Readonly<Record<string, number | null>>): void {
  for (const [name, value] of Object.entries(expected)) {
    const found = (served as Record<string, unknown>)[name]
    if (value === null || Number.isInteger(value)) expect({ [name]: found }).toEqual({ [name]: value })
    else expect(Math.abs((found as number) - value)).toBeLessThan(1e-9)
  }
}

describe('what is served is what plain loops find in the flights strictly before the stamp', () => {
  test('the clock stands at the first midnight after the last flight', async () => {
    const last = await lastFlightMillis()
    const midnight = (Math.floor(last / DAY_MILLIS) + 1) * DAY_MILLIS
    expect(flightsConfig(state).clock!.nowMicros()).toBe(midnight * 1000)
  })

  test.each([
    ['at the end of the data', () => running, Date.UTC(2001, 6, 2)],
    ['in the middle of it, at five in the morning', () => inMarch, MARCH],
  ])('airports, %s', async (_when, gateway, stampMillis) => {
    const { airports } = await dailyStatistics(gateway())
    const compared = AIRPORTS.map((iata, index) => {
      const served = airports![index]!
      const expected = airportRow(flights, iata, stampMillis)
      expect(served.iata).toBe(iata)
      if (expected === null) {
        expect(served.departures30d).toBeNull()
        return 'none'
      }
      expectRow(served, expected)
      expect(served.featureInfo![0]).toEqual({
        status: 'PRESENT',
        eventTime: new Date(stampMillis).toISOString().replace('.000', ''),
      })
      return 'equal'
    })
    expect(compared.filter((outcome) => outcome === 'equal').length).toBeGreaterThanOrEqual(4)
    expect(compared).toContain('none')
  })

  test.each([
    ['at the end of the data', () => running, Date.UTC(2001, 6, 2)],
    ['in the middle of it', () => inMarch, MARCH],
  ])('routes, %s', async (_when, gateway, stampMillis) => {
    const { routes } = await dailyStatistics(gateway())
    const compared = ROUTES.map((key, index) => {
      const expected = routeRow(flights, key, stampMillis)
      if (expected === null) expect(routes![index]!.flights30d).toBeNull()
      else expectRow(routes![index]!, expected)
      return expected !== null
    })
    expect(compared.filter(Boolean).length).toBeGreaterThanOrEqual(3)
  })

  test('an airport that is flown from no more grows old, and one that never was is not found', async () => {
    const { airports } = await dailyStatistics(running)
    const statusOf = (iata: string) => airports![AIRPORTS.indexOf(iata)]!.featureInfo![0]!.status
    // MTJ had its last row on 8 May and GUC on 1 May; both are past ttl + retention on 2 July.
    expect([statusOf('MTJ'), statusOf('ZZZ')]).toEqual(['NOT_FOUND', 'NOT_FOUND'])
    expect(AIRPORTS.map(statusOf)).toContain('PRESENT')
  })
})

describe('the typed operations of the sample', () => {
  test('an airport with computed features and their freshness', async () => {
    const point = { latitude: 40.6398, longitude: -73.7789 }
    const variables: AirportQueryVariables = { iata: 'SEA', ...point }
    const { airport: found } = await ask<AirportQuery, AirportQueryVariables>(running, 'airport', variables)
    expect(found).toMatchObject({ iata: 'SEA', name: 'Seattle-Tacoma Intl', city: 'Seattle', departures7d: 1926 })
    expect(found!.distanceKm).toBeCloseTo(haversineKm({ latitude: 47.44898194, longitude: -122.3093131 }, point), 9)
    const daily = airportRow(flights, 'SEA', Date.UTC(2001, 6, 2))!
    expect(found!.expectedDelay).toBeCloseTo(0.5 * daily.meanDelay7d! + 0.5 * daily.meanDelay30d!, 9)
    expect(found!.featureInfo).toEqual([
      { name: 'departures7d', status: 'PRESENT', eventTime: '2001-07-02T00:00:00Z', ageSeconds: 0 },
    ])
  })

  test('routes with the airports at their ends', async () => {
    const keys = [ROUTES[0]!, ROUTES[5]!, ROUTES[0]!]
    const { routes } = await ask<RoutesQuery, RoutesQueryVariables>(running, 'routes', { keys })
    expect(routes![0]).toMatchObject({
      ...ROUTES[0],
      distance: 2421,
      originAirport: { name: 'Seattle-Tacoma Intl' },
      destinationAirport: { name: 'John F Kennedy Intl' },
    })
    expect(routes![1]).toMatchObject({ flights30d: null, originAirport: { name: 'Seattle-Tacoma Intl' } })
    expect(routes![2]).toEqual(routes![0])
    const daily = airportRow(flights, 'SEA', Date.UTC(2001, 6, 2))!
    const blend = 0.8 * daily.meanDelay7d! + (1 - 0.8) * daily.meanDelay30d!
    expect(routes![0]!.originAirport!.expectedDelayVersusMean).toBeCloseTo(blend - daily.meanDelay30d!, 9)
  })

  test('what the delay model reads, in columns', async () => {
    const rows: DelayModelQueryVariables['rows'] = [
      { route: ROUTES[0]!, origin: { iata: 'SEA' }, destination: { iata: 'JFK' } },
      { route: ROUTES[5]!, origin: { iata: 'ZZZ' }, destination: { iata: 'JFK' }, recentWeight: 1 },
    ]
    const { delayModelV1 } = await ask<DelayModelQuery, DelayModelQueryVariables>(running, 'delay-model', { rows })
    expect(delayModelV1!.rowCount).toBe(2)
    expect(delayModelV1!.route!.flights30d!.values).toEqual([109, null])
    expect(delayModelV1!.origin!.departures7d).toEqual({ values: [1926, null], statuses: ['PRESENT', 'NOT_FOUND'] })
    const week = airportRow(flights, 'JFK', Date.UTC(2001, 6, 2))!.meanDelay7d!
    expect(delayModelV1!.destination!.meanDelay7d!.values![1]).toBeCloseTo(week, 9)
  })

  test('what GraphiQL opens with', async () => {
    const { airport: found, route } = await ask<WelcomeQuery, undefined>(running, 'welcome', undefined)
    expect(found!.name).toBe('Seattle-Tacoma Intl')
    expect(route!.destinationAirport!.name).toBe('John F Kennedy Intl')
  })
})

test("the README's query has the README's answer", async () => {
  const readme = await readFile(join(REPOSITORY, 'README.md'), 'utf8')
  const [query, answer] = ['graphql', 'json'].map(
    (language) => readme.split(`\`\`\`${language}\n`)[1]!.split('```')[0]!,
  )
  const response = await fetch(`${running.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  })
  expect(await response.json()).toEqual(JSON.parse(answer!))
})

test('definitions are importable on their own', () => {
  expect(airport.name).toBe('Airport')
  expect(expectedDelay.features.expectedDelay.definition.dtype.kind).toBe('float64')
})
