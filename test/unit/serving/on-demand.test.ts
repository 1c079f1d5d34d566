import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { callCounts } from './definitions.ts'
import { openWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
  await world.write('airportProfile', ['SEA'], { values: { latitude: 47 } })
  await world.write('airportDaily', ['SEA'], { values: { departures: 7 } })
  await world.write('airportDaily', ['BUSY'], { values: { departures: 101 } })
})

afterAll(() => world.close())

beforeEach(() => callCounts.clear())

describe('calls', () => {
  test('arguments, inputs, and an on-demand input with its own arguments', async () => {
    const text =
      '{ airport(iata: "SEA") { distance(from: 40) isNorth(from: 48) nearness(from: 40, within: 8) n: nearness(from: 40, within: 7) } }'
    expect(await world.ask(text)).toEqual({
      data: { airport: { distance: 7, isNorth: false, nearness: 'near 7', n: 'far 7' } },
    })
  })

  test('once for a row and arguments, however many fields, aliases and dependents ask', async () => {
    await world.ask(
      '{ a: airport(iata: "SEA") { distance(from: 1) isNorth(from: 1) x: distance(from: 1) nearness(from: 1) } b: airport(iata: "SEA") { distance(from: 1) } c: airports(keys: [{ iata: "SEA" }, { iata: "SEA" }]) { distance(from: 1) y: distance(from: 2) } }',
    )
    expect(callCounts.get('distance')).toBe(2)
  })

  test('negative zero is another argument than zero', async () => {
    await world.ask('{ airport(iata: "SEA") { distance(from: 0) x: distance(from: -0.0) } }')
    expect(callCounts.get('distance')).toBe(2)
  })

  test('without an input it is not called; with whenMissing call it is', async () => {
    expect(await world.ask('{ airport(iata: "NONE") { distance(from: 1) nearness(from: 1) fragile } }')).toEqual({
      data: { airport: { distance: null, nearness: 'unknown null', fragile: 0.5 } },
    })
    expect(callCounts.get('distance')).toBeUndefined()
  })
})

describe('errors', () => {
  test('a throw nulls its own field alone, without its default, and what is computed from it', async () => {
    const { data, errors } = await world.ask(
      '{ airport(iata: "BUSY") { departures fragile dependent distance(from: 1) } }',
    )
    expect(data).toEqual({ airport: { departures: 101, fragile: null, dependent: null, distance: null } })
    expect(errors.map(({ path, extensions }: any) => [path, extensions.code])).toEqual([
      [['airport', 'fragile'], 'ON_DEMAND_FAILED'],
      [['airport', 'dependent'], 'ON_DEMAND_FAILED'],
    ])
    expect(errors[0].message).toContain('secret 42')
    expect(errors[1].message).toContain("'fragile'")
  })

  test('arguments that zod refuses stand at each field that used them, for each object', async () => {
    const { data, errors } = await world.ask(
      '{ airports(keys: [{ iata: "SEA" }, { iata: "NONE" }]) { distance(from: -91) nearness(from: -91) ok: distance(from: 46) } }',
    )
    expect(data.airports).toEqual([
      { distance: null, nearness: null, ok: 1 },
      { distance: null, nearness: null, ok: null },
    ])
    expect(errors.map(({ path, extensions }: any) => [...path, extensions.code].join(' '))).toEqual([
      'airports 0 distance ARGUMENTS_INVALID',
      'airports 0 nearness ARGUMENTS_INVALID',
      'airports 1 distance ARGUMENTS_INVALID',
      'airports 1 nearness ARGUMENTS_INVALID',
    ])
  })

  test('what was thrown is masked in production, and whole in the errors for the log', async () => {
    const production = await openWorld({ production: true })
    await production.write('airportDaily', ['BUSY'], { values: { departures: 101 } })
    const { body, errors } = await production.answer('{ airport(iata: "BUSY") { fragile dependent } }')
    expect(new TextDecoder().decode(body)).not.toContain('secret')
    expect(errors[0]!.message).toContain('secret 42')
    await production.close()
  })
})
