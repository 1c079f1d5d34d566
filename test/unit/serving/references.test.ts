import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
  await world.write('airportProfile', ['SEA'], { values: { name: 'Seattle', stateCode: 'WA' } })
  await world.write('airportProfile', ['JFK'], { values: { name: 'New York', stateCode: null } })
  await world.write('airportProfile', ['BAD'], { values: { name: 'Bad', stateCode: 'x'.repeat(2_000) } })
  await world.write('airportDaily', ['SEA'], { values: { departures: 5 } })
  await world.write('stateProfile', ['WA'], { values: { stateName: 'Washington' } })
  await world.write('carrierProfile', [-7n], { values: { carrierName: 'Minus Seven' } })
  await world.write('routeDaily', ['SEA', 'JFK'], { values: { flights: 3, carrierNumber: -7n } })
  await world.corrupt('routeDaily', ['BAD', 'SEA'])
})

afterAll(() => world.close())

test('references by keys and by features, three levels down', async () => {
  const text = `{ route(origin: "SEA", destination: "JFK") {
    originAirport { name state { stateName code } } destinationAirport { name state { stateName } }
    carrier { carrierName number }
  } }`
  expect(await world.ask(text)).toEqual({
    data: {
      route: {
        originAirport: { name: 'Seattle', state: { stateName: 'Washington', code: 'WA' } },
        destinationAirport: { name: 'New York', state: null },
        carrier: { carrierName: 'Minus Seven', number: '-7' },
      },
    },
  })
})

test('a reference whose feature is not known is null without an error', async () => {
  expect(
    await world.ask('{ route(origin: "A", destination: "B") { carrier { number } originAirport { iata } } }'),
  ).toEqual({
    data: { route: { carrier: null, originAirport: { iata: 'A' } } },
  })
})

test('a key that a feature holds and that is illegal is null with an error at the reference', async () => {
  const { data, errors } = await world.ask(
    '{ airports(keys: [{ iata: "SEA" }, { iata: "BAD" }]) { name home: state { code } } }',
  )
  expect(data.airports).toEqual([
    { name: 'Seattle', home: { code: 'WA' } },
    { name: 'Bad', home: null },
  ])
  expect(errors.map(({ path, extensions }: any) => [path, extensions.code])).toEqual([
    [['airports', 1, 'home'], 'KEY_INVALID'],
  ])
})

test('an object that failed leads nowhere; one that leads to it is not touched', async () => {
  const { data, errors } = await world.ask(
    '{ a: route(origin: "BAD", destination: "SEA") { carrier { number } } b: route(origin: "BAD", destination: "SEA") { originAirport { name } } }',
  )
  expect(data).toEqual({ a: null, b: { originAirport: { name: 'Bad' } } })
  expect(errors.map(({ path }: any) => path)).toEqual([['a']])
})

describe('scans', () => {
  test('one read an entity and stage, with every view that is needed and each key once', async () => {
    world.reads.length = 0
    await world.ask(`{
      airports(keys: [{ iata: "SEA" }, { iata: "SEA" }, { iata: "JFK" }]) { name }
      airport(iata: "SEA") { departures }
      routes(keys: [{ origin: "SEA", destination: "JFK" }, { origin: "JFK", destination: "SEA" }]) {
        flights originAirport { total } destinationAirport { isOpen }
      }
    }`)
    const shapes = world.reads.map(({ entity, keys, cells }) => [entity, keys.length, cells.map(({ view }) => view)])
    expect(shapes).toEqual([
      ['Airport', 2, ['airportProfile@1', 'airportDaily@3']],
      ['Route', 2, ['routeDaily@1']],
      ['Airport', 2, ['everyDtype@1']],
    ])
  })

  test('a cell that an earlier stage has read is not read again', async () => {
    world.reads.length = 0
    const { data } = await world.ask(`{
      airport(iata: "SEA") { name }
      route(origin: "SEA", destination: "JFK") { originAirport { name } destinationAirport { name } }
    }`)
    expect(data.route).toEqual({ originAirport: { name: 'Seattle' }, destinationAirport: { name: 'New York' } })
    expect(world.reads.map(({ entity, keys }) => [entity, keys.length])).toEqual([
      ['Airport', 1],
      ['Airport', 1],
    ])
  })

  test('two aliases of one row cannot disagree, though it is written between the stages', async () => {
    await world.write('airportDaily', ['MOVE'], { at: '2001-06-29T00:00:00Z', values: { departures: 1 } })
    const text = `{ airport(iata: "MOVE") { departures } route(origin: "MOVE", destination: "MOVE") { flights originAirport { departures } } }`
    const pending = world.ask(text)
    await world.write('airportDaily', ['MOVE'], { values: { departures: 2 } })
    const { data } = await pending
    expect(data.route.originAirport).toEqual(data.airport)
  })
})
