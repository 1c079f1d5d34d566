import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWorld, type World } from './world.ts'

let world: World
beforeAll(async () => {
  world = await openWorld()
})
afterAll(() => world.close())

/** Longer than all that is kept of a buffer. */
const LONG = 'x'.repeat(6 * 2 ** 20)

const REPEATED = Array.from({ length: 40 }, (_, index) => `c${index}: stateCode`).join(' ')

test('an answer takes no more memory than its own length where its rows are great', async () => {
  await world.write('airportProfile', ['SFO'], { values: { name: LONG, stateCode: 'CA', latitude: 37.6 } })
  const before = process.memoryUsage().arrayBuffers
  // Once by closures, and then by code.
  for (let nth = 0; nth < 3; nth += 1) {
    const { data } = JSON.parse(await world.text(`{ airport(iata: "SFO") { ${REPEATED} } }`, {}))
    expect(Object.values(data.airport)).toEqual(Array.from({ length: 40 }, () => 'CA'))
  }
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(20 * LONG.length)
})

test('values that outgrow the buffer stand among others as they are', async () => {
  await world.write('airportProfile', ['LAX'], { values: { name: LONG, stateCode: 'CA', latitude: 1.5 } })
  const text = '{ airport(iata: "LAX") { stateCode a: name latitude b: name c: stateCode } }'
  const expected = JSON.stringify({
    data: { airport: { stateCode: 'CA', a: LONG, latitude: 1.5, b: LONG, c: 'CA' } },
  })
  for (let nth = 0; nth < 3; nth += 1) expect((await world.text(text, {})) === expected).toBe(true)
})
