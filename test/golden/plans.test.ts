import { parse, validate } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World } from '../unit/serving/world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
})

afterAll(() => world.close())

const OPERATIONS = {
  'one-view': '{ airport(iata: "SEA") { iata name latitude } }',
  'keys-alone': 'query Keys { airport(iata: "SEA") { iata __typename } routes(keys: []) { origin } }',
  'union-of-views': `query Union {
    one: airport(iata: "SEA") { name }
    many: airports(keys: [{ iata: "SEA" }]) { departures total }
    two: airport(iata: "JFK") { ...Season }
  } fragment Season on AirportFeatures { season }`,
  references: `query Routes($keys: [RouteKey!]!) {
    routes(keys: $keys) {
      flights
      originAirport { name state { stateName } }
      destinationAirport { departures state { code } }
      carrier { carrierName }
    }
    airport(iata: "SEA") { name }
  }`,
  'on-demand': `query Near($from: Float!) {
    airport(iata: "SEA") { nearness(from: $from) far: distance(from: 0) isNorth(from: 0) fragile dependent }
  }`,
  'feature-info': `query Freshness($names: [AirportFeature!]) {
    all: airport(iata: "SEA") { featureInfo { name status } }
    some: airport(iata: "JFK") { departures featureInfo(names: $names) { status } }
  }`,
  service: `query Score($rows: [DelayModelV1Row!]!) {
    delayModelV1(rows: $rows) {
      rowCount
      route { flights { values } }
      origin { name { values } distance { values statuses } embedding { __typename } }
      again: origin { meanDelay { statuses } }
    }
  }`,
  representations: `query Entities($of: [_Any!]!) {
    _entities(representations: $of) { __typename ... on Airport { name } ... on RouteFeatures { flights carrier { carrierName } } }
  }`,
  conditions: `query Maybe($daily: Boolean!, $short: Boolean!) {
    airport(iata: "SEA") { name departures @include(if: $daily) ... @skip(if: $short) { state { stateName } } }
  }`,
  introspection: '{ __schema { queryType { name } } airport(iata: "SEA") { name } _service { sdl } __typename }',
  nothing: 'query Nothing { __typename airport(iata: "SEA") @skip(if: true) { name } }',
} as const

test.for(Object.entries(OPERATIONS))('the plan of %s', async ([name, text]) => {
  const document = parse(text)
  expect(validate(world.schema.schema, document)).toEqual([])
  await expect(`${text}\n\n${world.serving.explain(document)}\n`).toMatchFileSnapshot(`plans/${name}.txt`)
})

test('a document without such an operation is a coded error', () => {
  expect(() => world.serving.explain(parse('{ __typename }'), 'Other')).toThrow(
    expect.objectContaining({ code: 'OPERATION_RESOLUTION_FAILURE' }),
  )
})
