import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
  await world.write('airportProfile', ['SEA'], { values: { name: 'Seattle' } })
  await world.write('routeDaily', ['SEA', 'JFK'], { values: { flights: 3 } })
})

afterAll(() => world.close())

const SELECTION = `{ __typename ... on Airport { iata name } ... on RouteFeatures { flights originAirport { name } }
  ... on Carrier { number } }`

function ask(representations: readonly unknown[]): Promise<any> {
  return world.ask(`query ($of: [_Any!]!) { _entities(representations: $of) ${SELECTION} }`, { of: representations })
}

test('representations of several entities, by fragments on types and interfaces; what else they hold is left alone', async () => {
  const { data } = await ask([
    { __typename: 'Route', origin: 'SEA', destination: 'JFK', more: 1 },
    { __typename: 'Airport', iata: 'SEA' },
    { __typename: 'State', code: 'WA' },
    { __typename: 'Carrier', number: '12' },
    { __typename: 'Airport', iata: 'SEA' },
  ])
  expect(data._entities).toEqual([
    { __typename: 'Route', flights: 3, originAirport: { name: 'Seattle' } },
    { __typename: 'Airport', iata: 'SEA', name: 'Seattle' },
    { __typename: 'State' },
    { __typename: 'Carrier', number: '12' },
    { __typename: 'Airport', iata: 'SEA', name: 'Seattle' },
  ])
})

test('each that is not legal is null at its index', async () => {
  const { data, errors } = await ask([
    5,
    { iata: 'SEA' },
    { __typename: 'Nothing' },
    { __typename: 'Route', origin: 'SEA' },
    { __typename: 'Airport', iata: '\ud800' },
    { __typename: 'toString' },
    { __typename: 'Airport', iata: 'SEA' },
  ])
  expect(data._entities.map((entity: unknown) => entity === null)).toEqual([true, true, true, true, true, true, false])
  expect(errors.map(({ path, extensions }: any) => [path, extensions.code])).toEqual([
    [['_entities', 0], 'REPRESENTATION_INVALID'],
    [['_entities', 1], 'REPRESENTATION_INVALID'],
    [['_entities', 2], 'REPRESENTATION_INVALID'],
    [['_entities', 3], 'REPRESENTATION_INVALID'],
    [['_entities', 4], 'KEY_INVALID'],
    [['_entities', 5], 'REPRESENTATION_INVALID'],
  ])
})

test('representations may be literals, with variables in them', async () => {
  const text =
    'query ($iata: ID!) { _entities(representations: [{ __typename: "Airport", iata: $iata }]) { ... on AirportFeatures { name } } }'
  expect(await world.ask(text, { iata: 'SEA' })).toEqual({ data: { _entities: [{ name: 'Seattle' }] } })
})

test('a null in place of the list makes everything null, with the errors up to there', async () => {
  const text = `query ($of: [_Any!] = [], $bad: ID!) {
    a: airport(iata: $bad) { iata } _entities(representations: $of) { __typename } b: airport(iata: $bad) { iata }
  }`
  const { data, errors } = await world.ask(text, { of: null, bad: '\ud800' })
  expect(data).toBeNull()
  expect(errors.map(({ path, extensions }: any) => [path, extensions.code])).toEqual([
    [['a'], 'KEY_INVALID'],
    [['_entities'], 'BAD_USER_INPUT'],
  ])
})
