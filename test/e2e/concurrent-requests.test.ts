import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { bodyOf } from '../support/both-doors.ts'
import { GRAPHQL_RESPONSE, ONE, post } from '../support/door-case.ts'
import { startTestGateway, type TestGateway } from '../support/http-gateway.ts'
import { type RawRequest, sendRaw } from '../support/raw-http.ts'

let server: TestGateway
afterEach(() => server.close())

const ASKED = post({ query: ONE })

/** A hook at which requests wait until the gate is opened. */
function gate() {
  let open: () => void = () => {}
  let opened = Promise.resolve()
  let waiting = 0
  const close = (): void => {
    waiting = 0
    const { promise, resolve } = Promise.withResolvers<void>()
    opened = promise
    open = resolve
  }
  const before = async (): Promise<void> => {
    waiting += 1
    await opened
  }
  const until = (count: number) => vi.waitFor(() => expect(waiting).toBe(count))
  return { hook: { name: 'gate', before }, close, open: () => open(), until }
}

/** Asks the same by the way of those that are no POST of JSON. */
const GET = { method: 'GET', path: `/graphql?query=${encodeURIComponent(ONE)}` }

const statusOf = async (request: RawRequest): Promise<number> => (await sendRaw(server.url, request)).status

test('so many are answered at one time; one more is refused, and health is told all the same', async () => {
  const { hook, close, open, until } = gate()
  server = await startTestGateway({ hooks: [hook], limits: { maxConcurrentRequests: 2, maxQueuedRequests: 0 } })
  // Both doors: the operation is new in the first round and known in the second.
  for (const door of ['long', 'warm']) {
    close()
    const within = [sendRaw(server.url, ASKED), sendRaw(server.url, ASKED)]
    await until(2)
    for (const accept of ['application/json', GRAPHQL_RESPONSE]) {
      const over = await sendRaw(server.url, post({ query: ONE }, { accept }))
      expect([over.status, over.headers['retry-after']]).toEqual([503, '1'])
      expect(over.headers['content-type']).toBe('application/json; charset=utf-8')
      expect(bodyOf(over).errors![0]!.extensions).toEqual({ code: 'TOO_MANY_REQUESTS', retryable: true, allowed: 2 })
    }
    const healths = ['/livez', '/readyz'].map((path) => statusOf({ method: 'GET', path }))
    expect(await Promise.all(healths)).toEqual([200, 200])
    open()
    expect((await Promise.all(within)).map(({ status }) => status)).toEqual([200, 200])
    expect(server.doors.take()).toEqual([door, door])
  }
})

test.each<[string, () => Promise<unknown>]>([
  ['is answered', () => sendRaw(server.url, ASKED)],
  ['is refused as no GraphQL', () => sendRaw(server.url, { body: 'x' })],
  ['is refused for its path', () => sendRaw(server.url, { method: 'GET', path: '/nothing' })],
  [
    'is refused as too large',
    () => sendRaw(server.url, post({ query: ONE, pad: 'x'.repeat(2_000_000) })).catch(() => {}),
  ],
  ['fails in a hook', () => sendRaw(server.url, post({ query: ONE }, { 'x-fail': '1' }))],
])('a place is free again when its request %s', async (_what, use) => {
  const failing = {
    name: 'failing',
    before: ({ headers }: { readonly headers: NodeJS.Dict<string | string[]> }) => {
      if (headers['x-fail'] !== undefined) throw new Error('a fault')
    },
  }
  server = await startTestGateway({ hooks: [failing], limits: { maxConcurrentRequests: 1 } })
  for (let count = 0; count < 3; count += 1) {
    await use()
    await vi.waitFor(async () => expect(await statusOf(ASKED)).toBe(200))
  }
})

test('a place is free again when its client goes away', async () => {
  const { hook, close, open, until } = gate()
  server = await startTestGateway({ hooks: [hook], limits: { maxConcurrentRequests: 1, maxQueuedRequests: 0 } })
  close()
  const client = new AbortController()
  const { headers = {}, body = '' } = ASKED
  const going = fetch(`${server.url}/graphql`, { method: 'POST', headers, body: String(body), signal: client.signal })
  await until(1)
  expect(await statusOf(ASKED)).toBe(503)
  client.abort()
  await expect(going).rejects.toThrow()
  // The hook of the one that is gone waits still.
  await vi.waitFor(async () => {
    expect(await statusOf({ method: 'GET', path: '/nothing' })).toBe(404)
  })
  open()
  expect(await statusOf(ASKED)).toBe(200)
})

describe('where all places are taken', () => {
  const limits = { maxConcurrentRequests: 1, maxQueuedRequests: 2, maxQueueMillis: 20_000 }

  test('so many wait and are answered in their turn, by either door; one more is refused', async () => {
    const { hook, close, open, until } = gate()
    server = await startTestGateway({ hooks: [hook], limits })
    close()
    const first = sendRaw(server.url, ASKED)
    await until(1)
    const others = [GET, ASKED, GET].map((request) => statusOf(request))
    expect(await Promise.race(others)).toBe(503)
    open()
    expect((await Promise.all(others)).toSorted()).toEqual([200, 200, 503])
    expect((await first).status).toBe(200)
  })

  test('none waits longer than it may', async () => {
    const { hook, close, open, until } = gate()
    server = await startTestGateway({ hooks: [hook], limits: { ...limits, maxQueueMillis: 50 } })
    close()
    const first = sendRaw(server.url, ASKED)
    await until(1)
    const over = await sendRaw(server.url, ASKED)
    expect([over.status, over.headers['retry-after']]).toEqual([503, '1'])
    expect(bodyOf(over).errors![0]!.extensions).toEqual({
      ...{ code: 'TOO_MANY_REQUESTS', retryable: true, allowed: 1, waitedMillis: 50 },
    })
    open()
    expect((await first).status).toBe(200)
  })

  test('one whose client goes away harms nobody', async () => {
    const { hook, close, open, until } = gate()
    server = await startTestGateway({ hooks: [hook], limits: { ...limits, maxQueuedRequests: 1 } })
    close()
    const first = statusOf(ASKED)
    await until(1)
    const client = new AbortController()
    const { headers = {}, body = '' } = ASKED
    const going = fetch(`${server.url}/graphql`, { method: 'POST', headers, body: String(body), signal: client.signal })
    await settle()
    client.abort()
    await expect(going).rejects.toThrow()
    await settle()
    const next = statusOf(ASKED)
    await settle()
    open()
    expect([await first, await next]).toEqual([200, 200])
    expect(server.log.filter(({ level }) => level >= 40)).toEqual([])
  })

  test('time in the line counts to the deadline', async () => {
    const { hook, close, open, until } = gate()
    server = await startTestGateway({ hooks: [hook], limits: { ...limits, deadlineMillis: 100 } })
    close()
    const first = sendRaw(server.url, ASKED)
    await until(1)
    const others = [sendRaw(server.url, ASKED), sendRaw(server.url, GET)]
    await settle()
    open()
    for (const late of await Promise.all([first, ...others])) {
      expect(bodyOf(late).errors![0]!.extensions).toMatchObject({ code: 'DEADLINE_EXCEEDED', allowedMillis: 100 })
    }
  })
})

/** Long enough for bytes to have crossed the loopback. */
const settle = () => wait(120)
