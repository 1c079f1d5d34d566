import { afterEach, describe, expect, test } from 'vitest'
import { bodyOf, throughBothDoors } from '../support/both-doors.ts'
import { GRAPHQL_RESPONSE, post } from '../support/door-case.ts'
import { startTestGateway, type TestGateway } from '../support/http-gateway.ts'
import { sendRaw } from '../support/raw-http.ts'
import { TRAVEL } from '../support/travel-definitions.ts'

let server: TestGateway
afterEach(() => server.close())

type Asked = Parameters<typeof throughBothDoors>[1]

const named = (count: number, name = 'Oslo') => Array.from({ length: count }, () => ({ name }))
const flown = (count: number) => Array.from({ length: count }, () => ({ from: 'Oslo', to: 'Bogotá' }))
const travelled = (count: number) => flown(count).map(({ from, to }) => ({ start: { name: from }, end: { name: to } }))

const cities = (selected: string) => (count: number) => ({
  query: `query($keys: [CityKey!]!) { cities(keys: $keys) { ${selected} } }`,
  variables: { keys: named(count) },
})
const flights = (selected: string) => (count: number) => ({
  query: `query($keys: [FlightKey!]!) { flights(keys: $keys) { ${selected} } }`,
  variables: { keys: flown(count) },
})
const trips = (selected: string) => (count: number) => ({
  query: `query($rows: [TripRow!]!) { trip(rows: $rows) { ${selected} } }`,
  variables: { rows: travelled(count) },
})
const represented = (typename: string, selected: string) => (count: number) => ({
  query: `query($r: [_Any!]!) { _entities(representations: $r) { ... on ${typename} { ${selected} } } }`,
  variables: {
    r: Array.from({ length: count }, () => ({ __typename: typename, name: 'Oslo', from: 'Oslo', to: 'Bogotá' })),
  },
})

/** The refusal that stands in both doors, with its status for each media type. */
async function refusal(asked: Asked, taken?: Parameters<typeof throughBothDoors>[2]) {
  const plain = await throughBothDoors(server, asked, taken)
  // The operation is known by now.
  const again = { headers: { accept: GRAPHQL_RESPONSE }, taken: taken?.taken ?? (['warm', 'warm'] as const) }
  const asGraphQL = await throughBothDoors(server, asked, again)
  expect(bodyOf(asGraphQL)).toEqual(bodyOf(plain))
  expect([plain.status, asGraphQL.status]).toEqual([200, 400])
  const { errors, ...rest } = bodyOf(plain)
  expect([errors?.length, rest]).toEqual([1, {}])
  const { code, retryable, ...facts } = errors![0]!.extensions
  expect([code, retryable]).toEqual(['LIMIT_EXCEEDED', false])
  expect(errors![0]!.message).toContain(`server.limits.${facts.limit} allows ${facts.allowed}.`)
  return facts
}

describe('keys are counted over all scans, duplicates and all', () => {
  test.each([
    ['a list with one key many times', cities('altitude'), 6, 7, 7],
    ['each reference of each key', flights('passengers origin { altitude } target { altitude }'), 2, 3, 9],
    ['one reference', flights('origin { altitude }'), 3, 4, 8],
    ['each role of each row', trips('start { altitude { values } } end { population { values } }'), 3, 4, 8],
    ['one role', trips('end { population { values } }'), 6, 7, 7],
    ['representations', represented('City', 'altitude'), 6, 7, 7],
    ['representations with references', represented('Flight', 'passengers target { altitude }'), 3, 4, 8],
  ])('%s', async (_what, ask, most, tooMany, value) => {
    server = await startTestGateway({ definitions: TRAVEL, limits: { maxKeys: 6 } })
    expect(bodyOf(await throughBothDoors(server, ask(most))).errors).toBeUndefined()
    server.doors.take()
    expect(await refusal(ask(tooMany), { taken: ['warm', 'warm'] })).toEqual({ limit: 'maxKeys', allowed: 6, value })
  })

  test('and over all fields of an operation', async () => {
    server = await startTestGateway({ definitions: TRAVEL, limits: { maxKeys: 6 } })
    const query = (count: number): string =>
      `{ a: city(name: "A") { name } b: city(name: "A") { altitude } cities(keys: [${'{ name: "A" } '.repeat(count)}]) { altitude } }`
    expect(bodyOf(await throughBothDoors(server, { query: query(4) })).errors).toBeUndefined()
    expect(await refusal({ query: query(5) })).toEqual({ limit: 'maxKeys', allowed: 6, value: 7 })
  })

  test('and where a condition leaves a field out, without it', async () => {
    server = await startTestGateway({ definitions: TRAVEL, limits: { maxKeys: 6 } })
    const query =
      'query($more: Boolean!, $keys: [FlightKey!]!) { flights(keys: $keys) { passengers origin @include(if: $more) { altitude } } }'
    const asked = (more: boolean) => ({ query, variables: { more, keys: flown(6) } })
    expect(bodyOf(await throughBothDoors(server, asked(false))).errors).toBeUndefined()
    expect(await refusal(asked(true), { taken: ['warm', 'warm'] })).toMatchObject({ value: 12 })
  })
})

describe('values are counted by keys and selected features', () => {
  test.each([
    ['two features', cities('name altitude population'), 8, 9, 18],
    ['vectors by their dimensions', cities('embedding { dimensions }'), 2, 3, 24],
    ['a list of any size', cities('tags'), 16, 17, 17],
    ['on-demand features', cities('felt(outside: 1) altitude'), 8, 9, 18],
    ['all that featureInfo tells of', cities('featureInfo { status }'), 4, 5, 20],
    ['the features that it names', cities('featureInfo(names: [altitude, tags]) { status }'), 8, 9, 18],
    ['what references lead to', flights('passengers origin { altitude } target { embedding { values } }'), 1, 2, 20],
    [
      'columns of a service',
      trips('start { embedding { values { dimensions } } altitude { values statuses } }'),
      1,
      2,
      18,
    ],
    ['representations', represented('City', 'altitude population'), 8, 9, 18],
  ])('%s', async (_what, ask, most, tooMany, value) => {
    server = await startTestGateway({ definitions: TRAVEL, limits: { maxValues: 16 } })
    const passing = await throughBothDoors(server, ask(most))
    expect(bodyOf(passing).errors).toBeUndefined()
    expect(await refusal(ask(tooMany), { taken: ['warm', 'warm'] })).toEqual({ limit: 'maxValues', allowed: 16, value })
  })

  test('keys and type names are none', async () => {
    server = await startTestGateway({ definitions: TRAVEL, limits: { maxValues: 1 } })
    const { data, errors } = bodyOf(await throughBothDoors(server, cities('name __typename')(50)))
    expect([errors, data.cities.length]).toEqual([undefined, 50])
  })
})

describe('the default limits', () => {
  test('let 5,000 keys pass, and 10,000, and no more', async () => {
    server = await startTestGateway()
    for (const count of [5_000, 10_000]) {
      const taken = count === 5_000 ? (['long', 'warm'] as const) : (['warm', 'warm'] as const)
      const { data, errors } = bodyOf(await throughBothDoors(server, cities('population altitude')(count), { taken }))
      expect(errors).toBeUndefined()
      expect(data.cities).toHaveLength(count)
      expect(data.cities[count - 1]).toEqual({ population: '709037', altitude: 23 })
    }
    expect(await refusal(cities('population altitude')(10_001), { taken: ['warm', 'warm'] })).toEqual({
      ...{ limit: 'maxKeys', allowed: 10_000, value: 10_001 },
    })
  })

  test('refuse more than 1,000,000 values before anything is read', async () => {
    server = await startTestGateway()
    const aliased = Array.from({ length: 100 }, (_, index) => `a${index}: altitude`).join(' ')
    expect(await refusal(cities(`${aliased} altitude`)(10_000))).toEqual({
      ...{ limit: 'maxValues', allowed: 1_000_000, value: 1_010_000 },
    })
  })
})

describe('the text of an operation', () => {
  const aliases = (count: number) =>
    `{ city(name: "Oslo") { ${Array.from({ length: count }, (_, index) => `a${index}: altitude`).join(' ')} } }`
  const directives = (count: number) => `{ city(name: "Oslo") { ${'altitude @skip(if: false) '.repeat(count)} } }`
  /** Of 9,999 tokens, and as many more as are wanted. */
  const tokens = (count: number) =>
    `{ cities(keys: [${'{ name: "A" } '.repeat(1_997)}]) { altitude __typename name ${'population '.repeat(count - 9_999)} } }`
  const nested = (depth: number) =>
    depth === 2
      ? '{ __type(name: "City") { name } }'
      : `{ __typename flight(from: "A", to: "B") { origin { altitude } } }`

  test.each([
    ['maxTokens', 10_000, tokens],
    ['maxAliases', 100, aliases],
    ['maxDirectives', 50, directives],
  ] as const)('%s', async (limit, allowed, textOf) => {
    server = await startTestGateway()
    expect(bodyOf(await throughBothDoors(server, { query: textOf(allowed) })).errors).toBeUndefined()
    const facts = await refusal({ query: textOf(allowed + 1) }, { taken: [] })
    expect(facts).toEqual({ limit, allowed, value: allowed + 1 })
  })

  test('depth', async () => {
    server = await startTestGateway({ definitions: TRAVEL, limits: { maxDepth: 2 } })
    expect(bodyOf(await throughBothDoors(server, { query: nested(2) })).errors).toBeUndefined()
    expect(await refusal({ query: nested(3) }, { taken: [] })).toEqual({ limit: 'maxDepth', allowed: 2, value: 3 })
  })
})

describe('the body of a request', () => {
  const maxBodyBytes = 300
  const ofBytes = (bytes: number): string => {
    const request = { query: '{ city(name: "Oslo") { altitude } }', pad: '' }
    return JSON.stringify({ ...request, pad: 'x'.repeat(bytes - JSON.stringify(request).length) })
  }

  test('has so many bytes and not one more', async () => {
    server = await startTestGateway({ limits: { maxBodyBytes } })
    const headers = { 'content-type': 'application/json' }
    const fits = await sendRaw(server.url, { headers, body: ofBytes(maxBodyBytes) })
    expect(fits.status).toBe(200)
    const over = await sendRaw(server.url, { headers, body: ofBytes(maxBodyBytes + 1) })
    expect(over.status).toBe(413)
    expect(bodyOf(over).errors![0]!.extensions).toEqual({
      ...{ code: 'BODY_TOO_LARGE', retryable: false, limit: 'maxBodyBytes', allowed: 300, value: 301 },
    })
  })

  test('also where it comes in pieces', async () => {
    server = await startTestGateway({ limits: { maxBodyBytes } })
    const headers = { 'content-type': 'application/json', 'transfer-encoding': 'chunked' }
    expect((await sendRaw(server.url, { headers, body: ofBytes(maxBodyBytes) })).status).toBe(200)
    const over = await sendRaw(server.url, { headers, body: ofBytes(maxBodyBytes + 1) })
    expect(over.status).toBe(413)
    expect(bodyOf(over).errors![0]!.extensions).toMatchObject({ code: 'BODY_TOO_LARGE', limit: 'maxBodyBytes' })
  })

  test('is 1 MB by default', async () => {
    server = await startTestGateway()
    const sizes = [1_048_576, 1_048_577].map((bytes) =>
      sendRaw(server.url, { headers: { 'content-type': 'application/json' }, body: ofBytes(bytes) }),
    )
    expect((await Promise.all(sizes)).map(({ status }) => status)).toEqual([200, 413])
  })
})

describe('errors', () => {
  const LONG = 'x'.repeat(2_000)
  const failing = (count: number) => ({
    query: `query($keys: [CityKey!]!) { first: cities(keys: $keys) { altitude } last: city(name: "${LONG}") { altitude } }`,
    variables: { keys: named(count, LONG) },
  })

  test('are told up to 100, the first by place, and one more says how many were left out', async () => {
    server = await startTestGateway()
    const answer = await throughBothDoors(server, failing(150))
    expect(answer.status).toBe(200)
    const { data, errors } = bodyOf(answer)
    expect(data).toEqual({ first: Array.from({ length: 150 }, () => null), last: null })
    expect(errors).toHaveLength(101)
    expect(errors!.slice(0, 100).map(({ path }) => path)).toEqual(
      Array.from({ length: 100 }, (_, index) => ['first', index]),
    )
    const last = errors![100]!
    expect(last).not.toHaveProperty('path')
    expect(last).not.toHaveProperty('locations')
    expect(last.message).toMatch(/^51 more errors were left out: server.limits.maxErrors allows 100/)
    expect(last.extensions).toEqual({ code: 'ERRORS_OMITTED', retryable: false, allowed: 100, omitted: 51 })
    const asGraphQL = await sendRaw(server.url, post(failing(150), { accept: GRAPHQL_RESPONSE }))
    expect([asGraphQL.status, asGraphQL.body.equals(answer.body)]).toEqual([200, true])
  })

  test.each([
    [99, 100, undefined],
    [100, 101, 1],
  ])('that many and no more leave none out: %i and one', async (count, told, omitted) => {
    server = await startTestGateway()
    const { errors } = bodyOf(await throughBothDoors(server, failing(count)))
    expect([errors!.length, errors![100]?.extensions.omitted]).toEqual([told, omitted])
  })

  test('of functions are counted like any others', async () => {
    server = await startTestGateway({ limits: { maxErrors: 2 } })
    const query =
      '{ b: city(name: "Bogotá") { felt(outside: 101) f: felt(outside: 102) } o: city(name: "Oslo") { felt(outside: 103) } }'
    const { data, errors } = bodyOf(await throughBothDoors(server, { query }))
    expect(data).toEqual({ b: { felt: null, f: null }, o: { felt: null } })
    expect(errors!.map(({ path, extensions }) => path ?? extensions.omitted)).toEqual([['b', 'felt'], ['b', 'f'], 1])
  })

  test('of variables are too', async () => {
    server = await startTestGateway({ limits: { maxErrors: 2 } })
    const asked = (keys: readonly object[]) => ({ ...cities('altitude')(0), variables: { keys } })
    await throughBothDoors(server, asked([]))
    const answer = await throughBothDoors(server, asked([{}, {}, {}, {}]), { taken: ['warm', 'warm'] })
    const { errors, data } = bodyOf(answer)
    expect([answer.status, data]).toEqual([200, undefined])
    expect(errors!.map(({ extensions }) => extensions.code)).toEqual([
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
      'ERRORS_OMITTED',
    ])
    expect(errors![2]!.extensions.omitted).toBe(2)
  })
})
