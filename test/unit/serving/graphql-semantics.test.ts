import { execute, graphqlSync, parse } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openWorld, type World } from './world.ts'

let world: World

beforeAll(async () => {
  world = await openWorld()
  await world.write('airportProfile', ['SEA'], { values: { name: 'Seattle', latitude: 47 } })
  await world.write('airportDaily', ['SEA'], { values: { departures: 7 } })
  await world.write('routeDaily', ['SEA', 'JFK'], { values: { flights: 3 } })
})

afterAll(() => world.close())

describe('selections', () => {
  test('fields stand where their key first appears, whichever fragment it is in', async () => {
    const text = `{ airport(iata: "SEA") { ...More departures ... on AirportFeatures { iata departures } name } }
      fragment More on Airport { name __typename t: __typename }`
    expect(await world.text(text)).toBe(
      '{"data":{"airport":{"name":"Seattle","__typename":"Airport","t":"Airport","departures":7,"iata":"SEA"}}}',
    )
  })

  test('one key from several places merges its sub-selections, at the root and below', async () => {
    const text = `query ($in: Boolean!) {
      r: route(origin: "SEA", destination: "JFK") { originAirport { name } }
      ... on Query { r: route(origin: "SEA", destination: "JFK") { flights originAirport { iata } ...R @include(if: $in) } }
    } fragment R on RouteFeatures { originAirport { latitude ... on Airport { departures } } }`
    expect(await world.text(text, { in: true })).toBe(
      '{"data":{"r":{"originAirport":{"name":"Seattle","iata":"SEA","latitude":47,"departures":7},"flights":3}}}',
    )
    expect(await world.text(text, { in: false })).toBe(
      '{"data":{"r":{"originAirport":{"name":"Seattle","iata":"SEA"},"flights":3}}}',
    )
  })

  test('a selection of which everything is skipped is an empty object, and reads nothing', async () => {
    world.reads.length = 0
    const text =
      'query ($no: Boolean!) { airport(iata: "SEA") { name @include(if: $no) featureInfo @include(if: $no) { name } } a: __typename @skip(if: true) }'
    expect(await world.text(text, { no: false })).toBe('{"data":{"airport":{}}}')
    expect(world.reads).toEqual([])
    expect(await world.text('{ __typename @skip(if: true) }')).toBe('{"data":{}}')
  })

  test('aliases may be names of properties that every object has', async () => {
    const text = '{ constructor: airport(iata: "SEA") { toString: name hasOwnProperty: iata valueOf: state { code } } }'
    expect(await world.text(text)).toBe(
      '{"data":{"constructor":{"toString":"Seattle","hasOwnProperty":"SEA","valueOf":null}}}',
    )
  })

  test('an order that conditions change is right in each request', async () => {
    const text = 'query ($in: Boolean = true) { airport(iata: "SEA") { name @include(if: $in) iata name } }'
    expect(await world.text(text)).toBe('{"data":{"airport":{"name":"Seattle","iata":"SEA"}}}')
    expect(await world.text(text, { in: false })).toBe('{"data":{"airport":{"iata":"SEA","name":"Seattle"}}}')
    expect(await world.text(text, { in: true })).toBe('{"data":{"airport":{"name":"Seattle","iata":"SEA"}}}')
  })

  test('a condition that a request makes null fails the selection that holds it', async () => {
    const text =
      'query ($in: Boolean = true) { a: airports(keys: [{ iata: "SEA" }, { iata: "X" }]) { name @include(if: $in) } b: airport(iata: "SEA") { iata } }'
    const { data, errors } = await world.ask(text, { in: null })
    expect(data).toEqual({ a: [null, null], b: { iata: 'SEA' } })
    expect(errors.map(({ path, message, locations }: any) => [path, message, locations])).toEqual([
      [
        ['a', 0],
        'Argument "if" of non-null type "Boolean!" must not be null.',
        [{ line: 1, column: text.lastIndexOf('$in') + 1 }],
      ],
      [
        ['a', 1],
        'Argument "if" of non-null type "Boolean!" must not be null.',
        [{ line: 1, column: text.lastIndexOf('$in') + 1 }],
      ],
    ])
    expect(
      await world.ask('query ($in: Boolean = true) { a: __typename b: __typename @skip(if: $in) }', { in: null }),
    ).toMatchObject({
      data: null,
      errors: [{ extensions: { code: 'BAD_USER_INPUT' } }],
    })
  })
})

describe('variables and arguments', () => {
  test('defaults, single values for lists, and null by the words of graphql-js', async () => {
    const text =
      'query ($iata: ID = "SEA", $keys: [AirportKey!]! = { iata: "SEA" }) { airport(iata: $iata) { name } airports(keys: $keys) { iata } }'
    expect(await world.ask(text)).toEqual({ data: { airport: { name: 'Seattle' }, airports: [{ iata: 'SEA' }] } })
    const { data, errors } = await world.ask(text, { iata: null, keys: { iata: 5 } })
    expect(data).toEqual({ airport: null, airports: [{ iata: '5' }] })
    expect(errors).toEqual([
      {
        message: 'Argument "iata" of non-null type "ID!" must not be null.',
        locations: [{ line: 1, column: text.indexOf('$iata)') + 1 }],
        path: ['airport'],
        extensions: { code: 'BAD_USER_INPUT', retryable: false },
      },
    ])
  })

  test('variables that are refused are answered without data, in the words of graphql-js', async () => {
    const text = 'query ($keys: [AirportKey!]!, $of: Boolean!) { airports(keys: $keys) { iata @skip(if: $of) } }'
    const variables = { keys: [{ iata: 'SEA' }, null, { iota: 1 }] }
    const answer = await world.answer(text, { variables })
    const { errors, ...rest } = JSON.parse(new TextDecoder().decode(answer.body))
    expect(rest).toEqual({})
    expect(answer.executed).toBe(false)
    const reference = await execute({ schema: world.schema.schema, document: parse(text), variableValues: variables })
    expect(errors.map(({ message, locations }: any) => ({ message, locations }))).toEqual(
      reference.errors!.map(({ message, locations }) => ({ message, locations })),
    )
    expect(errors.every(({ extensions }: any) => extensions.code === 'BAD_USER_INPUT')).toBe(true)
  })

  test('arguments of fields below the root may be refused for each object', async () => {
    const text =
      'query ($from: Float = 1) { airports(keys: [{ iata: "SEA" }, { iata: "X" }]) { distance(from: $from) } }'
    const { data, errors } = await world.ask(text, { from: null })
    expect(data).toEqual({ airports: [{ distance: null }, { distance: null }] })
    expect(errors.map(({ path, message }: any) => [path, message])).toEqual([
      [['airports', 0, 'distance'], 'Argument "from" of non-null type "Float!" must not be null.'],
      [['airports', 1, 'distance'], 'Argument "from" of non-null type "Float!" must not be null.'],
    ])
  })
})

describe('documents', () => {
  test('one of several operations, with its own plan', async () => {
    const document = world.document(
      'query A { airport(iata: "SEA") { name } } query B { airport(iata: "SEA") { iata } }',
    )
    const ask = async (operationName?: string) => {
      const request = operationName === undefined ? {} : { operationName }
      const { body, executed } = await world.serving.execute({ document, nowMicros: 0, ...request })
      return { executed, ...JSON.parse(new TextDecoder().decode(body)) }
    }
    expect(await ask('A')).toEqual({ executed: true, data: { airport: { name: 'Seattle' } } })
    expect(await ask('B')).toEqual({ executed: true, data: { airport: { iata: 'SEA' } } })
    expect(await ask('C')).toMatchObject({ executed: false, errors: [{ message: 'Unknown operation named "C".' }] })
    expect(await ask()).toMatchObject({
      executed: false,
      errors: [{ extensions: { code: 'OPERATION_RESOLUTION_FAILURE', retryable: false } }],
    })
  })

  test('equal texts share a plan; another schema or text has its own', async () => {
    const text = '{ airport(iata: "SEA") { name n: name } }'
    await world.text(text)
    // The second time it gets code.
    await world.text(text)
    const { count, sizeBytes } = world.serving.plans
    await world.text(text)
    expect(world.serving.plans).toMatchObject({ count, sizeBytes })
    await world.text(`${text} `)
    expect(world.serving.plans.count).toBe(count + 1)
    expect(world.serving.plans.sizeBytes).toBeGreaterThan(sizeBytes)
  })
})

describe('introspection', () => {
  test('it is spliced among the fields of the plan, and told of', async () => {
    const text = `query ($n: String!) {
      a: __type(name: $n) { ...T } airport(iata: "SEA") { name } __schema { queryType { name } } __typename _service { sdl }
    } fragment T on __Type { name kind fields { name } }`
    const answer = await world.answer(text, { variables: { n: 'State' } })
    const { data } = JSON.parse(new TextDecoder().decode(answer.body))
    expect(Object.keys(data)).toEqual(['a', 'airport', '__schema', '__typename', '_service'])
    expect(data).toMatchObject({ a: { name: 'State', kind: 'OBJECT' }, airport: { name: 'Seattle' } })
    expect(data._service.sdl).toContain('type State implements StateFeatures')
    expect(answer.fallbackFields).toEqual(['__type', '__schema', '_service'])
  })

  test('alone it is what graphql-js gives', async () => {
    const text =
      '{ a: __type(name: "Nothing") { name } __schema { types { name kind ofType { name } } directives { name } } }'
    const reference = graphqlSync({ schema: world.schema.schema, source: text })
    expect(await world.text(text)).toBe(JSON.stringify(reference))
  })

  test('an argument that is refused is an error at its place', async () => {
    const text = 'query ($n: String = "Query") { airport(iata: "SEA") { iata } __type(name: $n) { name } }'
    const { data, errors } = await world.ask(text, { n: null })
    expect(data).toEqual({ airport: { iata: 'SEA' }, __type: null })
    expect(errors).toMatchObject([{ path: ['__type'], extensions: { code: 'BAD_USER_INPUT' } }])
  })
})

describe('the body', () => {
  test('errors stand first and in the order of the answer, with all of their properties', async () => {
    const text = '{ b: airport(iata: "SEA") { distance(from: -91) state { code } } a: carrier(number: 1) { number } }'
    expect(await world.text(text)).toMatch(
      /^\{"errors":\[\{"message":".*","locations":\[\{"line":1,"column":29\}\],"path":\["b","distance"\],"extensions":\{"code":"ARGUMENTS_INVALID","retryable":false,"arguments":\["from"\]\}\}\],"data":\{"b":\{"distance":null,"state":null\},"a":\{"number":"1"\}\}\}$/,
    )
  })

  test('the plan is told where it is asked for, except in production', async () => {
    const request = { explain: true }
    const answer = await world.answer('{ airport(iata: "SEA") { name } }', request)
    const body = JSON.parse(new TextDecoder().decode(answer.body))
    expect(body.extensions.explain).toContain('scan Airport')
    expect(Object.keys(body)).toEqual(['data', 'extensions'])
    const production = await openWorld({ production: true })
    const silent = await production.answer('{ airport(iata: "SEA") { name } }', request)
    expect(JSON.parse(new TextDecoder().decode(silent.body))).toEqual({ data: { airport: { name: null } } })
    await production.close()
  })
})

test('a prefix before root fields and helper types changes names alone', async () => {
  const prefixed = await openWorld({ prefix: 'geo' })
  await prefixed.write('airportProfile', ['SEA'], { values: { name: 'Seattle', embedding: Float32Array.of(1, 2, 3) } })
  const text = `query ($rows: [GeoDelayModelV1Row!]!) {
    geoAirport(iata: "SEA") { __typename name embedding { __typename } featureInfo(names: [name]) { __typename status } }
    geoDelayModelV1(rows: $rows) { __typename origin { __typename name { __typename values } } }
  }`
  const rows = [{ route: { origin: 'A', destination: 'B' }, origin: { iata: 'SEA' }, from: 1 }]
  const { data } = await prefixed.ask(text, { rows })
  expect(data.geoAirport).toEqual({
    __typename: 'Airport',
    name: 'Seattle',
    embedding: { __typename: 'GeoFloatVector' },
    featureInfo: [{ __typename: 'GeoFeatureInfo', status: 'PRESENT' }],
  })
  expect(data.geoDelayModelV1.origin.name).toEqual({ __typename: 'GeoStringColumn', values: ['Seattle'] })
  await prefixed.close()
})
