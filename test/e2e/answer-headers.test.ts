import { afterEach, describe, expect, test, vi } from 'vitest'
import { parseTimestamp } from '../../src/lib/micros.ts'
import { bodyOf, throughBothDoors } from '../support/both-doors.ts'
import { BY_NAME, ONE, post, THROWS } from '../support/door-case.ts'
import { CITIES, startTestGateway, type TestGateway } from '../support/http-gateway.ts'
import { type RawRequest, sendRaw } from '../support/raw-http.ts'
import { slowStore } from '../support/slow-store.ts'
import { TRAVEL } from '../support/travel-definitions.ts'

let server: TestGateway
afterEach(() => server.close())

const HASH_UNKNOWN = { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } }

describe('x-fieldstone-registry', () => {
  test.each<[string, RawRequest]>([
    ['good', post({ query: ONE })],
    ['with errors in place', post({ query: THROWS })],
    ['to refused variables', post({ query: BY_NAME })],
    ['to a text that does not parse', post({ query: '{' })],
    ['to a field that is not there', post({ query: '{ nothing }' })],
    ['to an operation that is not there', post({ query: ONE, operationName: 'X' })],
    ['to an unknown hash', post({ extensions: HASH_UNKNOWN })],
    ['to a body without a query', post({ variables: {} })],
    ['not acceptable', post({ query: ONE }, { accept: 'text/html' })],
    ['by GET', { method: 'GET', path: `/graphql?query=${encodeURIComponent(ONE)}` }],
  ])('is on an answer %s', async (_what, request) => {
    server = await startTestGateway()
    const { fingerprint } = server.contentOf(CITIES).registry
    for (let count = 0; count < 2; count += 1) {
      const { headers, repeated } = await sendRaw(server.url, request)
      expect([headers['x-fieldstone-registry'], repeated]).toEqual([fingerprint, []])
    }
  })

  test('tells of a swap from the next request on, through either door', async () => {
    server = await startTestGateway()
    const contents = [CITIES, TRAVEL].map((definitions) => server.contentOf(definitions))
    const [before, after] = contents.map(({ registry }) => registry.fingerprint)
    expect(before).not.toBe(after)
    const seen: unknown[] = []
    const ask = async (): Promise<void> => {
      const { headers } = await sendRaw(server.url, post({ query: ONE }))
      seen.push(headers['x-fieldstone-registry'])
    }
    for (const content of [contents[1]!, contents[0]!]) {
      await ask()
      await ask()
      await server.gateway.swap(content)
    }
    await ask()
    expect(seen).toEqual([before, before, after, after, before])
    expect(server.doors.take()).toEqual(['long', 'warm', 'long', 'warm', 'long'])
  })
})

test('a request that is being read when another registry comes is answered by its own', async () => {
  const slow = slowStore({ delayMillis: 60 })
  server = await startTestGateway({ through: slow.through })
  const [before, after] = [CITIES, TRAVEL].map((definitions) => server.contentOf(definitions))
  const seen: unknown[] = []
  for (const [content, next] of [
    [before!, after!],
    [after!, before!],
  ] as const) {
    await server.gateway.swap(content)
    for (const nth of [0, 1]) {
      slow.reads.length = 0
      const asking = sendRaw(server.url, post({ query: ONE }))
      await vi.waitFor(() => expect(slow.reads).toHaveLength(1))
      if (nth === 1) await server.gateway.swap(next)
      const { headers, body } = await asking
      expect(JSON.parse(body.toString()).data.city.altitude).toBe(23)
      seen.push(headers['x-fieldstone-registry'] === content.registry.fingerprint)
    }
  }
  expect(seen).toEqual([true, true, true, true])
  expect(server.doors.take()).toEqual(['long', 'warm', 'long', 'warm'])
})

describe('x-fieldstone-info', () => {
  const FLIGHTS = {
    query:
      'query($keys: [FlightKey!]!) { flights(keys: $keys) { passengers origin { altitude embedding { dimensions } } } }',
    variables: { keys: [1, 2, 3].map(() => ({ from: 'Oslo', to: 'A' })) },
  }
  const headers = { 'x-fieldstone-info': '1' }

  test('1 adds the now of the request and its cost', async () => {
    server = await startTestGateway({ definitions: TRAVEL })
    const asked = bodyOf(await throughBothDoors(server, FLIGHTS, { headers }))
    expect(asked.extensions).toEqual({
      fieldstone: { now: '2001-07-02T00:00:00Z', cost: { keys: 6, values: 30 } },
    })
    const { data, extensions } = bodyOf(await throughBothDoors(server, FLIGHTS, { taken: ['warm', 'warm'] }))
    expect([data, extensions]).toEqual([asked.data, undefined])
  })

  test('tells the now that the answer was made with', async () => {
    let nowMicros = parseTimestamp('2001-07-02T00:00:00Z')!
    const clock = { kind: 'clock', description: 'ticking', nowMicros: () => (nowMicros += 1_000_001) } as const
    server = await startTestGateway({ clock })
    for (const now of ['2001-07-02T00:00:01.000001Z', '2001-07-02T00:00:02.000002Z']) {
      const { data, extensions } = bodyOf(
        await sendRaw(server.url, post({ query: '{ city(name: "Oslo") { nowMillis } }' }, headers)),
      )
      expect(extensions!.fieldstone).toEqual({ now, cost: { keys: 1, values: 1 } })
      expect(data.city.nowMillis).toBe(nowMicros / 1_000)
    }
    expect(server.doors.take()).toEqual(['long', 'warm'])
  })

  test('stands beside errors in place', async () => {
    server = await startTestGateway()
    const { errors, extensions } = bodyOf(await throughBothDoors(server, { query: THROWS }, { headers }))
    expect([errors?.length, extensions!.fieldstone.cost]).toEqual([2, { keys: 2, values: 3 }])
  })

  test('tells the cost of what was refused for it, and none where variables were refused', async () => {
    server = await startTestGateway({ limits: { maxKeys: 2 } })
    const query = 'query($keys: [CityKey!]!) { cities(keys: $keys) { altitude } }'
    const ofKeys = (keys: unknown) => ({ query, variables: { keys } })
    const over = await throughBothDoors(server, ofKeys([1, 2, 3].map((name) => ({ name }))), { headers })
    expect(bodyOf(over).extensions!.fieldstone.cost).toEqual({ keys: 3, values: 3 })
    const refused = await throughBothDoors(server, ofKeys([{}]), { headers, taken: ['warm', 'warm'] })
    expect(bodyOf(refused).extensions).toEqual({ fieldstone: { now: '2001-07-02T00:00:00Z' } })
  })

  test.each(['0', 'true', '', '1, 1'])('%j adds nothing', async (info) => {
    server = await startTestGateway()
    const answer = await throughBothDoors(server, { query: ONE }, { headers: { 'x-fieldstone-info': info } })
    expect(bodyOf(answer).extensions).toBeUndefined()
  })
})

test('no answer is to be kept or guessed at, and none is for pages of other origins', async () => {
  server = await startTestGateway()
  const good = post({ query: ONE }, { origin: 'https://elsewhere.example' })
  const refused = [post({ query: '{' }), { body: 'x' }, { method: 'OPTIONS' }, { method: 'GET', path: '/nothing' }]
  for (const request of [good, good, ...refused]) {
    const { headers, repeated } = await sendRaw(server.url, request)
    expect([headers['cache-control'], headers['x-content-type-options'], repeated]).toEqual(['no-store', 'nosniff', []])
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([])
  }
  expect(server.doors.take()).toEqual(['long', 'warm'])
})
