import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
  await world.write('airportProfile', ['SEA'], {
    values: { name: 'Seattle', latitude: 47, embedding: Float32Array.of(1, 2, 3) },
  })
  await world.write('airportDaily', ['SEA'], { values: { departures: 7, meanDelay: 2.5 } })
  await world.write('airportDaily', ['BUSY'], { values: { departures: 101 } })
  await world.write('routeDaily', ['SEA', 'JFK'], { values: { flights: 3 } })
  await world.corrupt('airportDaily', ['BAD'])
})

afterAll(() => world.close())

const row = (origin: string, from = 40) => ({
  route: { origin: 'SEA', destination: 'JFK' },
  origin: { iata: origin },
  from,
})

function ask(selection: string, rows: readonly unknown[]): Promise<any> {
  return world.ask(`query ($rows: [DelayModelV1Row!]!) { delayModelV1(rows: $rows) ${selection} }`, { rows: [...rows] })
}

describe('columns', () => {
  test('every list has one place a row, with statuses where they are selected', async () => {
    const selection =
      '{ rowCount __typename route { flights { values } } origin { meanDelay { values statuses } name { statuses } } }'
    expect(await ask(selection, [row('SEA'), row('NONE'), row('SEA')])).toEqual({
      data: {
        delayModelV1: {
          rowCount: 3,
          __typename: 'DelayModelV1Columns',
          route: { flights: { values: [3, 3, 3] } },
          origin: {
            meanDelay: { values: [2.5, -1, 2.5], statuses: ['PRESENT', 'NOT_FOUND', 'PRESENT'] },
            name: { statuses: ['PRESENT', 'NOT_FOUND', 'PRESENT'] },
          },
        },
      },
    })
  })

  test('a refused selection of vectors is told in its own list, behind another list too', async () => {
    const query = `query ($rows: [DelayModelV1Row!]!, $no: Boolean = true) {
      delayModelV1(rows: $rows) { origin { embedding { statuses values { base64F32 @skip(if: $no) } } } }
    }`
    const { data, errors } = await world.ask(query, { rows: [row('SEA')], no: null })
    expect(data.delayModelV1.origin.embedding).toEqual({ statuses: ['PRESENT'], values: [null] })
    expect(errors).toHaveLength(1)
    expect(errors[0].path).toEqual(['delayModelV1', 'origin', 'embedding', 'values', 0])
  })

  test('no rows are empty lists', async () => {
    expect(await ask('{ rowCount origin { name { values } } }', [])).toEqual({
      data: { delayModelV1: { rowCount: 0, origin: { name: { values: [] } } } },
    })
  })

  test('vectors and aliases', async () => {
    const selection =
      '{ o: origin { e: embedding { v: values { dimensions values } } f: embedding { values { base64F32 } } } }'
    expect((await ask(selection, [row('SEA'), row('NONE')])).data.delayModelV1).toEqual({
      o: {
        e: { v: [{ dimensions: 3, values: [1, 2, 3] }, null] },
        f: { values: [{ base64F32: 'AACAPwAAAEAAAEBA' }, null] },
      },
    })
  })

  test('on-demand columns take their arguments from each row', async () => {
    const selection = '{ origin { distance { values statuses } fragile { values statuses } } }'
    const { data } = await ask(selection, [row('SEA', 40), row('SEA', 50), row('NONE')])
    expect(data.delayModelV1.origin).toEqual({
      distance: { values: [7, 3, null], statuses: ['PRESENT', 'PRESENT', 'NOT_FOUND'] },
      fragile: { values: [3.5, 3.5, 0.5], statuses: ['PRESENT', 'PRESENT', 'NOT_FOUND'] },
    })
  })

  test('each role is one scan with the views of its selected lists', async () => {
    world.reads.length = 0
    await ask('{ rowCount origin { meanDelay { values } name { __typename } } }', [row('SEA'), row('SEA')])
    expect(world.reads.map(({ entity, keys, cells }) => [entity, keys.length, cells.length])).toEqual([
      ['Airport', 1, 1],
    ])
  })
})

describe('errors', () => {
  test('a row that fails in a role is null in all lists of the role, with one error in the first of them', async () => {
    const selection =
      '{ origin { name { __typename s: statuses values } meanDelay { values } } route { flights { values } } }'
    const { data, errors } = await ask(selection, [row('SEA'), row('BAD'), row('\ud800')])
    expect(data.delayModelV1).toEqual({
      origin: {
        name: { __typename: 'StringColumn', s: ['PRESENT', null, null], values: ['Seattle', null, null] },
        meanDelay: { values: [2.5, null, null] },
      },
      route: { flights: { values: [3, 3, 3] } },
    })
    expect(errors.map(({ path, extensions }: any) => [path.join('.'), extensions.code])).toEqual([
      ['delayModelV1.origin.name.s.1', 'CELL_CORRUPT'],
      ['delayModelV1.origin.name.s.2', 'KEY_INVALID'],
    ])
  })

  test('a role fails by the views of its own selection', async () => {
    const { data, errors } = await ask('{ a: origin { name { values } } b: origin { meanDelay { values } } }', [
      row('BAD'),
    ])
    expect(data.delayModelV1).toEqual({ a: { name: { values: [null] } }, b: { meanDelay: { values: [null] } } })
    expect(errors.map(({ path }: any) => path.join('.'))).toEqual(['delayModelV1.b.meanDelay.values.0'])
  })

  test('a throw is null in its own lists alone, with one error in the first of them', async () => {
    const selection = '{ origin { meanDelay { values } fragile { statuses values } } }'
    const { data, errors } = await ask(selection, [row('BUSY'), row('SEA')])
    expect(data.delayModelV1.origin).toEqual({
      meanDelay: { values: [-1, 2.5] },
      fragile: { statuses: [null, 'PRESENT'], values: [null, 3.5] },
    })
    expect(errors.map(({ path, extensions }: any) => [path.join('.'), extensions.code])).toEqual([
      ['delayModelV1.origin.fragile.statuses.0', 'ON_DEMAND_FAILED'],
    ])
  })

  test('arguments that zod refuses are an error of their row and feature', async () => {
    const { data, errors } = await ask('{ origin { name { values } distance { values } } }', [
      row('SEA', -91),
      row('SEA', 46),
    ])
    expect(data.delayModelV1.origin).toEqual({
      name: { values: ['Seattle', 'Seattle'] },
      distance: { values: [null, 1] },
    })
    expect(errors.map(({ path, extensions }: any) => [path.join('.'), extensions.code])).toEqual([
      ['delayModelV1.origin.distance.values.0', 'ARGUMENTS_INVALID'],
    ])
  })
})
