import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FieldstoneError } from '../../../src/errors.ts'
import type { Cancellation } from '../../../src/serving/cancellation.ts'
import { openWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
  await world.write('airportProfile', ['SEA'], {
    values: { name: 'Seattle–Tacoma "SEA" 東', latitude: 47.45, embedding: Float32Array.of(0.5, -0, 0.1) },
  })
  await world.write('airportDaily', ['SEA'], { at: '2001-06-21T00:00:00Z', values: { departures: 7, meanDelay: 1.5 } })
  await world.write('airportDaily', ['OLD'], { at: '2001-06-20T23:59:59Z', values: { departures: 9 } })
  await world.write('airportDaily', ['AGED'], { at: '2001-06-10T23:59:59Z', values: { departures: 9 } })
  await world.write('airportDaily', ['NEXT'], { at: '2001-07-01T00:00:01Z', values: { departures: 9 } })
  await world.write('airportDaily', ['GONE'], { tombstone: true })
  await world.write('airportDaily', ['NULL'], { values: {} })
  await world.write('airportProfile', ['BAD'], { values: { name: 'Bad daily' } })
  await world.corrupt('airportDaily', ['BAD'])
  await world.write('everyDtype', ['SEA'], {
    values: {
      isOpen: false,
      total: 9007199254740993n,
      small: 0.1,
      extreme: Number.POSITIVE_INFINITY,
      season: 'SUMMER',
      lastFlight: 994_000_000_123_456,
      blob: Uint8Array.of(0, 255),
      extra: { a: [1, null, 'ü'], b: {} },
      tags: ['x', null],
      counts: [1n, null],
      serial: '01890a5d-ac96-774b-bcce-b302099a8057',
    },
  })
})

afterAll(() => world.close())

describe('one and many', () => {
  test('order and duplicates of keys are kept, and what is unknown is an object all the same', async () => {
    const text = '{ airports(keys: [{ iata: "NONE" }, { iata: "SEA" }, { iata: "SEA" }]) { iata departures } }'
    expect(await world.text(text)).toBe(
      '{"data":{"airports":[{"iata":"NONE","departures":null},{"iata":"SEA","departures":7},{"iata":"SEA","departures":7}]}}',
    )
  })

  test('keys alone read nothing', async () => {
    world.reads.length = 0
    expect(await world.ask('{ airport(iata: "SEA") { iata __typename } }')).toEqual({
      data: { airport: { iata: 'SEA', __typename: 'Airport' } },
    })
    expect(world.reads).toEqual([])
  })

  test('keys are written as JSON strings whatever they hold', async () => {
    const key = '"\\\n\u2028ü😀'
    expect(await world.text('query ($key: ID!) { airport(iata: $key) { iata } }', { key })).toBe(
      JSON.stringify({ data: { airport: { iata: key } } }),
    )
  })

  test('keys of two columns and of int64', async () => {
    const text =
      '{ routes(keys: [{ origin: "A", destination: "B" }]) { destination origin } carrier(number: 12) { number } }'
    expect(await world.ask(text)).toEqual({
      data: { routes: [{ destination: 'B', origin: 'A' }], carrier: { number: '12' } },
    })
  })
})

describe('values', () => {
  test('every dtype is served as it is stored', async () => {
    const text =
      '{ airport(iata: "SEA") { isOpen total small extreme season lastFlight blob extra tags counts serial name } }'
    expect(await world.text(text)).toBe(
      '{"data":{"airport":{"isOpen":false,"total":"9007199254740993","small":0.10000000149011612,"extreme":"Infinity",' +
        '"season":"SUMMER","lastFlight":"2001-07-01T15:06:40.123456Z","blob":"AP8=","extra":{"a":[1,null,"ü"],"b":{}},' +
        '"tags":["x",null],"counts":["1",null],"serial":"01890a5d-ac96-774b-bcce-b302099a8057",' +
        '"name":"Seattle–Tacoma \\"SEA\\" 東"}}}',
    )
  })

  test('the status decides: in age, too old, far too old, to come, deleted, null', async () => {
    const keys = ['SEA', 'OLD', 'AGED', 'NEXT', 'GONE', 'NULL'].map((iata) => ({ iata }))
    const text =
      'query ($keys: [AirportKey!]!) { airports(keys: $keys) { departures meanDelay featureInfo(names: [departures]) { status } } }'
    const { data } = await world.ask(text, { keys })
    expect(
      data.airports.map((airport: any) => [airport.departures, airport.meanDelay, airport.featureInfo[0].status]),
    ).toEqual([
      [7, 1.5, 'PRESENT'],
      [null, -1, 'OUTSIDE_MAX_AGE'],
      [null, -1, 'NOT_FOUND'],
      [null, -1, 'NOT_FOUND'],
      [null, -1, 'NOT_FOUND'],
      [null, -1, 'NULL_VALUE'],
    ])
  })

  test('a vector is expanded only as far as it is selected; a default vector too; null stays null', async () => {
    const text = `{ airports(keys: [{ iata: "SEA" }, { iata: "NONE" }]) {
      embedding { __typename dimensions values base64F32 } direction { values } } }`
    const { data } = await world.ask(text)
    expect(data.airports).toEqual([
      {
        embedding: {
          __typename: 'FloatVector',
          dimensions: 3,
          values: [0.5, 0, Math.fround(0.1)],
          base64F32: 'AAAAPwAAAIDNzMw9',
        },
        direction: { values: [1, 0] },
      },
      { embedding: null, direction: { values: [1, 0] } },
    ])
  })

  test('aliases of one feature, and a long text beside short ones', async () => {
    const name = 'é'.repeat(5_000)
    await world.write('airportProfile', ['LONG'], { values: { name, latitude: 1 } })
    const { data } = await world.ask('{ airport(iata: "LONG") { a: name b: name latitude c: name } }')
    expect(data.airport).toEqual({ a: name, b: name, latitude: 1, c: name })
  })
})

describe('failures', () => {
  test('a row that cannot be read nulls the selections that need it, with one error each, and no others', async () => {
    const text = `{
      whole: airport(iata: "BAD") { name departures meanDelay }
      part: airport(iata: "BAD") { name }
      many: airports(keys: [{ iata: "SEA" }, { iata: "BAD" }]) { departures }
    }`
    const { data, errors } = await world.ask(text)
    expect(data).toEqual({ whole: null, part: { name: 'Bad daily' }, many: [{ departures: 7 }, null] })
    expect(errors.map(({ path, extensions }: any) => [path, extensions.code])).toEqual([
      [['whole'], 'CELL_CORRUPT'],
      [['many', 1], 'CELL_CORRUPT'],
    ])
  })

  test('a key that is refused is null with one error; the others stand', async () => {
    const keys = [{ iata: 'SEA' }, { iata: '\ud800' }, { iata: 'x'.repeat(2_000) }]
    const { data, errors } = await world.ask('query ($keys: [AirportKey!]!) { airports(keys: $keys) { iata } }', {
      keys,
    })
    expect(data).toEqual({ airports: [{ iata: 'SEA' }, null, null] })
    expect(errors.map(({ path, extensions, locations }: any) => [path, extensions.code, locations])).toEqual([
      [['airports', 1], 'KEY_INVALID', [{ line: 1, column: 33 }]],
      [['airports', 2], 'KEY_INVALID', [{ line: 1, column: 33 }]],
    ])
  })

  test('errors carry the locations of every node that was merged into the field', async () => {
    const text = '{ airport(iata: "BAD") { departures } ... { airport(iata: "BAD") { iata } } }'
    const { errors } = await world.ask(text)
    expect(errors).toHaveLength(1)
    expect(errors[0].locations).toEqual([
      { line: 1, column: 3 },
      { line: 1, column: 45 },
    ])
  })

  test('a store that does not answer fails what needs it, by one error an object', async () => {
    const closing = await openWorld()
    await closing.store.close()
    const text = '{ airports(keys: [{ iata: "A" }, { iata: "B" }]) { name } airport(iata: "A") { iata } }'
    const { data, errors } = await closing.ask(text)
    expect(data).toEqual({ airports: [null, null], airport: { iata: 'A' } })
    expect(errors.map(({ path, extensions }: any) => [path, extensions])).toEqual([
      [['airports', 0], { code: 'STORE_CLOSED', retryable: true }],
      [['airports', 1], { code: 'STORE_CLOSED', retryable: true }],
    ])
    await closing.close()
  })

  test('a request that was given up reads nothing more', async () => {
    world.reads.length = 0
    const answer = await world.answer('{ airport(iata: "SEA") { name } other: airport(iata: "SEA") { iata } }', {
      cancellation: cancellationOf(AbortSignal.abort(gaveUp())),
    })
    const { data, errors } = JSON.parse(new TextDecoder().decode(answer.body))
    expect(data).toEqual({ airport: null, other: { iata: 'SEA' } })
    expect(errors[0].extensions).toEqual({ code: 'REQUEST_ABORTED', retryable: true })
    expect(world.reads).toEqual([])
  })

  test('a request that is given up while it reads is answered at once', async () => {
    const merging = await openWorld({ mergesReads: true })
    const controller = new AbortController()
    const cancellation = cancellationOf(controller.signal)
    const pending = merging.answer('{ airport(iata: "SEA") { name } }', { cancellation })
    controller.abort(gaveUp())
    const { errors } = await pending
    expect(errors).toHaveLength(1)
    expect(merging.reads[0]?.signal?.aborted).not.toBe(false)
    await merging.close()
  })
})

function gaveUp(): FieldstoneError {
  return new FieldstoneError('REQUEST_ABORTED', { seen: 'a request' })
}

function cancellationOf(signal: AbortSignal): Cancellation {
  return {
    signal,
    get reason() {
      return signal.aborted ? signal.reason : undefined
    },
  }
}
