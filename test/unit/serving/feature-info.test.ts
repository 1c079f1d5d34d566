import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
  await world.write('airportProfile', ['SEA'], { values: { name: 'Seattle' } })
  await world.write('airportDaily', ['SEA'], { at: '2001-06-30T12:00:00.5Z', values: { departures: 7 } })
  await world.corrupt('everyDtype', ['SEA'])
})

afterAll(() => world.close())

test('names keep order and duplicates; times, age, view and version of each', async () => {
  const text = `{ airport(iata: "SEA") { featureInfo(names: [meanDelay, departures, departures, name, latitude]) {
    __typename name status eventTime ingestTime ageSeconds view version } } }`
  const daily = {
    eventTime: '2001-06-30T12:00:00.500Z',
    ingestTime: '2001-06-30T12:00:00.500Z',
    ageSeconds: 43199.5,
    view: 'airportDaily',
    version: 3,
  }
  const profile = {
    eventTime: null,
    ingestTime: '2001-07-01T00:00:00Z',
    ageSeconds: null,
    view: 'airportProfile',
    version: 1,
  }
  const departures = { __typename: 'FeatureInfo', name: 'departures', status: 'PRESENT', ...daily }
  expect((await world.ask(text)).data.airport.featureInfo).toEqual([
    { __typename: 'FeatureInfo', name: 'meanDelay', status: 'NULL_VALUE', ...daily },
    departures,
    departures,
    { __typename: 'FeatureInfo', name: 'name', status: 'PRESENT', ...profile },
    { __typename: 'FeatureInfo', name: 'latitude', status: 'NULL_VALUE', ...profile },
  ])
})

test('what is not found has no times', async () => {
  const text =
    '{ airport(iata: "NONE") { featureInfo(names: [departures, name]) { status eventTime ingestTime ageSeconds view } } }'
  const nothing = { status: 'NOT_FOUND', eventTime: null, ingestTime: null, ageSeconds: null }
  expect((await world.ask(text)).data.airport.featureInfo).toEqual([
    { ...nothing, view: 'airportDaily' },
    { ...nothing, view: 'airportProfile' },
  ])
})

test('without names, or with null, it tells of all stored features in the order of the registry', async () => {
  const { data } = await world.ask(
    '{ a: state(code: "WA") { featureInfo { name } } b: route(origin: "A", destination: "B") { featureInfo(names: null) { name } } c: airport(iata: "X") { featureInfo(names: []) { name } } }',
  )
  expect(data).toEqual({
    a: { featureInfo: [{ name: 'stateName' }] },
    b: { featureInfo: [{ name: 'flights' }, { name: 'carrierNumber' }] },
    c: { featureInfo: [] },
  })
})

test('it needs the views of the features that its arguments name, and no others', async () => {
  world.reads.length = 0
  const text = 'query ($names: [AirportFeature!]) { airport(iata: "SEA") { featureInfo(names: $names) { status } } }'
  expect((await world.ask(text, { names: ['name'] })).data.airport).toEqual({ featureInfo: [{ status: 'PRESENT' }] })
  expect(world.reads.map(({ cells }) => cells.map(({ view }) => view))).toEqual([['airportProfile@1']])
  const { data, errors } = await world.ask(text)
  expect(data).toEqual({ airport: null })
  expect(errors.map(({ path, extensions }: any) => [path, extensions.code])).toEqual([[['airport'], 'CELL_CORRUPT']])
})
