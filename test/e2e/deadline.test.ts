import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { FieldstoneError } from '../../src/errors.ts'
import { bodyOf, throughBothDoors } from '../support/both-doors.ts'
import { GRAPHQL_RESPONSE, post } from '../support/door-case.ts'
import { startTestGateway, type TestGateway } from '../support/http-gateway.ts'
import { sendRaw } from '../support/raw-http.ts'
import { slowStore } from '../support/slow-store.ts'
import { TRAVEL } from '../support/travel-definitions.ts'

let server: TestGateway
afterEach(() => server.close())

const QUERY =
  '{ o: city(name: "Oslo") { altitude } many: cities(keys: [{ name: "A" }, { name: "B" }]) { altitude name } }'
const NOTHING_READ = { o: null, many: [null, null] }
const PLACES = [['o'], ['many', 0], ['many', 1]]

/** Longer than any test waits, so that whoever waits for it fails. */
const NEVER_MILLIS = 3_600_000

function codesAndPlaces({ errors = [] }: ReturnType<typeof bodyOf>) {
  return errors.map(({ path, extensions }) => [extensions.code, path])
}

const late = (places: readonly unknown[]) => places.map((place) => ['DEADLINE_EXCEEDED', place])

/** The reason that ended a read. */
function reasonOf(signal: AbortSignal | undefined): unknown {
  return signal?.reason instanceof FieldstoneError ? signal.reason.code : signal?.reason
}

describe('a request whose deadline passes', () => {
  test('before anything is read gets an error in place of each entity', async () => {
    const slow = slowStore({ delayMillis: 0 })
    const hook = { name: 'slow', before: () => wait(60) }
    server = await startTestGateway({ hooks: [hook], limits: { deadlineMillis: 30 }, through: slow.through })
    const answer = await throughBothDoors(server, { query: QUERY })
    expect(answer.status).toBe(200)
    expect(bodyOf(answer).data).toEqual(NOTHING_READ)
    expect(codesAndPlaces(bodyOf(answer))).toEqual(late(PLACES))
    expect(bodyOf(answer).errors![0]!.extensions).toEqual({
      ...{ code: 'DEADLINE_EXCEEDED', retryable: true, allowedMillis: 30 },
    })
    const asGraphQL = await sendRaw(server.url, post({ query: QUERY }, { accept: GRAPHQL_RESPONSE }))
    expect([asGraphQL.status, asGraphQL.body.equals(answer.body)]).toEqual([200, true])
    expect(slow.reads).toEqual([])
  })

  test.each([
    ['that listens', true, false],
    ['that does not', false, false],
    ['that listens, its reads merged', true, true],
    ['that does not, its reads merged', false, true],
  ])('during a read of a store %s', { timeout: 10_000 }, async (_what, listens, mergeReads) => {
    const slow = slowStore({ delayMillis: NEVER_MILLIS, listens })
    server = await startTestGateway({ limits: { deadlineMillis: 80 }, through: slow.through, mergeReads })
    const startedAt = performance.now()
    const answer = await throughBothDoors(server, { query: QUERY })
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(160)
    expect([answer.status, bodyOf(answer).data]).toEqual([200, NOTHING_READ])
    expect(codesAndPlaces(bodyOf(answer))).toEqual(late(PLACES))
    expect(slow.reads.map(({ signal }) => reasonOf(signal))).toEqual(['DEADLINE_EXCEEDED', 'DEADLINE_EXCEEDED'])
  })

  test('keeps what was read before', async () => {
    const slow = slowStore({ delayMillis: NEVER_MILLIS, entity: 'City' })
    server = await startTestGateway({ definitions: TRAVEL, limits: { deadlineMillis: 80 }, through: slow.through })
    const query = '{ flight(from: "Oslo", to: "A") { passengers from origin { altitude } target { name } } }'
    const { data, errors } = bodyOf(await throughBothDoors(server, { query }))
    expect(data).toEqual({ flight: { passengers: null, from: 'Oslo', origin: null, target: { name: 'A' } } })
    expect(errors!.map(({ path, extensions }) => [path, extensions.code])).toEqual([
      [['flight', 'origin'], 'DEADLINE_EXCEEDED'],
    ])
  })

  test('by default after five seconds', { timeout: 20_000 }, async () => {
    const slow = slowStore({ delayMillis: NEVER_MILLIS })
    server = await startTestGateway({ through: slow.through })
    const startedAt = performance.now()
    const answer = bodyOf(await sendRaw(server.url, post({ query: QUERY })))
    expect(performance.now() - startedAt).toBeGreaterThan(4_900)
    expect(answer.errors![0]!.extensions).toMatchObject({ code: 'DEADLINE_EXCEEDED', allowedMillis: 5_000 })
  })

  test('is one that may be tried again', async () => {
    const slow = slowStore({ delayMillis: 60 })
    server = await startTestGateway({ limits: { deadlineMillis: 30 }, through: slow.through })
    const answer = bodyOf(await sendRaw(server.url, post({ query: QUERY })))
    expect(answer.errors!.every(({ extensions }) => extensions.retryable === true)).toBe(true)
  })
})

describe('a request in time', () => {
  test('is whole, and its reads are not ended', async () => {
    const slow = slowStore({ delayMillis: 20 })
    server = await startTestGateway({ limits: { deadlineMillis: 5_000 }, through: slow.through })
    const { data, errors } = bodyOf(await throughBothDoors(server, { query: QUERY }))
    expect([errors, data.o]).toEqual([undefined, { altitude: 23 }])
    expect(slow.reads.map(({ signal }) => signal?.aborted)).toEqual([false, false])
  })
})

describe('a client that goes away', () => {
  test.each([
    ['', false],
    [', its reads merged', true],
  ])('ends the reads of its request%s', async (_what, mergeReads) => {
    const slow = slowStore({ delayMillis: NEVER_MILLIS })
    server = await startTestGateway({ through: slow.through, mergeReads })
    for (const nth of [0, 1]) {
      const client = new AbortController()
      const asking = fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: QUERY }),
        signal: client.signal,
      })
      await vi.waitFor(() => expect(slow.reads).toHaveLength(nth + 1))
      const { signal } = slow.reads[nth]!
      const isAborted = signal!.aborted ? Promise.resolve() : once(signal!, 'abort')
      client.abort()
      await expect(asking).rejects.toThrow()
      await isAborted
      expect(reasonOf(signal)).toBe('REQUEST_ABORTED')
    }
    expect(server.doors.take()).toEqual(['long', 'warm'])
  })
})
