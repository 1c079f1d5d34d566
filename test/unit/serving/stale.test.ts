import { parse } from 'graphql'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createServing } from '../../../src/serving/serving.ts'
import { type OnlineStore, StaleCell } from '../../../src/stores/online/online-store.ts'
import { NOW, openWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
  await world.write('airportProfile', ['SEA'], { values: { name: 'Seattle' } })
  await world.write('airportDaily', ['SEA'], { values: { departures: 7 } })
  await world.write('airportDaily', ['SFO'], { values: { departures: 9 } })
})

afterAll(() => world.close())

/** Answers from a store whose rows of one view come from copies, ever older ones. */
async function ask(text: string, { view, info = false }: { readonly view: string; readonly info?: boolean }) {
  let ageMillis = 0
  const copies: OnlineStore = {
    ...world.store,
    read: async (request) => {
      const found = await world.store.read(request)
      return found.map((cell, index) => {
        if (request.cells[index % request.cells.length]!.view !== view) return cell
        ageMillis += 1_500
        return new StaleCell(cell as Uint8Array | undefined, ageMillis)
      })
    },
  }
  const { registry, schema, lists } = world
  const serving = createServing({ registry, schema, lists, store: copies, production: true })
  const { body } = await serving.execute({ document: parse(text), nowMicros: NOW, info })
  return JSON.parse(new TextDecoder().decode(body))
}

const TEXT = `{ airports(keys: [{ iata: "SEA" }, { iata: "SFO" }, { iata: "SEA" }, { iata: "NONE" }]) {
  name departures featureInfo(names: [name, departures]) { name stale status } } }`

test('copies are served with a mark, and the answer says of which views, how many and how old', async () => {
  const { data, errors, extensions } = await ask(TEXT, { view: 'airportDaily@3' })
  expect(errors).toBeUndefined()
  expect(data.airports.map(({ name, departures }: any) => [name, departures])).toEqual([
    ['Seattle', 7],
    [null, 9],
    ['Seattle', 7],
    [null, null],
  ])
  expect(data.airports[0].featureInfo).toEqual([
    { name: 'name', stale: false, status: 'PRESENT' },
    { name: 'departures', stale: true, status: 'PRESENT' },
  ])
  // A row counts once, and one that was known not to be there counts, too.
  const stale = [{ view: 'airportDaily', version: 3, rows: 3, maxAgeSeconds: 4.5 }]
  expect(extensions).toEqual({ fieldstone: { stale } })
  const told = await ask(TEXT, { view: 'airportDaily@3', info: true })
  expect(told.extensions.fieldstone).toEqual({ now: '2001-07-01T00:00:00Z', cost: expect.anything(), stale })
})

test('nothing is said where nothing is stale', async () => {
  expect((await ask(TEXT, { view: 'another@1' })).extensions).toBeUndefined()
  const { extensions } = await ask(TEXT, { view: 'another@1', info: true })
  expect(Object.keys(extensions.fieldstone)).toEqual(['now', 'cost'])
})
