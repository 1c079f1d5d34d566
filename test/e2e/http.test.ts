import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { FieldstoneError } from '../../src/errors.ts'
import type { Clock } from '../../src/lib/clock.ts'
import { postGraphQL, startTestGateway, type TestGateway } from '../support/http-gateway.ts'

const GRAPHQL_RESPONSE = { accept: 'application/graphql-response+json' }

interface Answer {
  readonly data?: any
  readonly errors?: readonly { readonly message: string; readonly extensions: Record<string, unknown> }[]
  readonly extensions?: Record<string, unknown>
}

async function json(response: Response): Promise<Answer> {
  return (await response.json()) as Answer
}

async function refusal(response: Response): Promise<{ status: number; code: unknown; retryable: unknown }> {
  const { errors } = await json(response)
  const { code, retryable } = errors![0]!.extensions
  return { status: response.status, code, retryable }
}

describe('a gateway', () => {
  let server: TestGateway
  beforeAll(async () => {
    server = await startTestGateway()
  })
  afterAll(() => server.close())

  const post = (query: string, headers = {}) => postGraphQL(server.url, { query }, headers)

  test("sends serving's bytes as they are", async () => {
    const response = await post('{ city(name: "Bogotá") { altitude population name } }')
    expect(response.status).toBe(200)
    expect(response.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await response.text()).toBe('{"data":{"city":{"altitude":2640,"population":"7743955","name":"Bogotá"}}}')
  })

  test('answers GET', async () => {
    const query = encodeURIComponent('query($n: ID!) { city(name: $n) { altitude } }')
    const variables = encodeURIComponent('{"n":"Oslo"}')
    const response = await fetch(`${server.url}/graphql?query=${query}&variables=${variables}`)
    expect(await response.text()).toBe('{"data":{"city":{"altitude":23}}}')
  })

  test('answers introspection', async () => {
    const { data } = await json(await post('{ __type(name: "City") { name } city(name: "Oslo") { altitude } }'))
    expect(data).toEqual({ __type: { name: 'City' }, city: { altitude: 23 } })
  })

  test('runs the operation that is named', async () => {
    const query = 'query A { a: __typename } query B { b: __typename }'
    const response = await postGraphQL(server.url, { query, operationName: 'B' })
    expect(await response.text()).toBe('{"data":{"b":"Query"}}')
  })

  test('knows automatic persisted queries', async () => {
    const query = '{ city(name: "Oslo") { altitude } }'
    const sha256Hash = createHash('sha256').update(query).digest('hex')
    const extensions = { persistedQuery: { version: 1, sha256Hash } }
    const first = await json(await postGraphQL(server.url, { extensions }))
    expect(first.errors![0]!.extensions).toMatchObject({ code: 'PERSISTED_QUERY_NOT_FOUND', retryable: true })
    await postGraphQL(server.url, { query, extensions })
    const again = await postGraphQL(server.url, { extensions })
    expect(await again.text()).toBe('{"data":{"city":{"altitude":23}}}')
  })

  describe('statuses', () => {
    test.each([
      ['a document that does not parse', { query: '{' }, 'GRAPHQL_PARSE_FAILED'],
      ['a field that is not there', { query: '{ nothing }' }, 'GRAPHQL_VALIDATION_FAILED'],
      [
        'a variable that does not fit',
        { query: 'query($n: ID!) { city(name: $n) { name } }', variables: { n: null } },
        'BAD_USER_INPUT',
      ],
      [
        'an operation that is not there',
        { query: 'query A { __typename }', operationName: 'B' },
        'OPERATION_RESOLUTION_FAILURE',
      ],
    ])('%s is 200 as application/json and 400 as application/graphql-response+json', async (_what, body, code) => {
      const asJson = await postGraphQL(server.url, body)
      const asGraphQL = await postGraphQL(server.url, body, GRAPHQL_RESPONSE)
      expect([asJson.status, asGraphQL.status]).toEqual([200, 400])
      const answers = [await json(asJson), await json(asGraphQL)]
      expect(answers[0]).toEqual(answers[1])
      expect(answers[0]).not.toHaveProperty('data')
      expect(answers[0]!.errors![0]!.extensions).toMatchObject({ code, retryable: false })
      expect(Object.keys(answers[0]!.errors![0]!.extensions)).not.toContain('http')
    })

    test('an answer with errors and data is 200 in both', async () => {
      const query = '{ city(name: "Oslo") { felt(outside: 101) altitude } }'
      for (const headers of [{}, GRAPHQL_RESPONSE]) {
        const response = await postGraphQL(server.url, { query }, headers)
        expect(response.status).toBe(200)
        const { data, errors } = await json(response)
        expect(data).toEqual({ city: { felt: null, altitude: 23 } })
        expect(errors![0]!.extensions).toMatchObject({ code: 'ON_DEMAND_FAILED', retryable: false })
      }
    })

    test('an Accept that admits neither is 406', async () => {
      const response = await post('{ __typename }', { accept: 'image/png' })
      expect(await refusal(response)).toMatchObject({ status: 406, code: 'BAD_REQUEST' })
    })

    test('a text that nests deeper than the stack does not parse', async () => {
      const query = `{ city(name: ${'['.repeat(100_000)}`
      expect(await refusal(await post(query))).toMatchObject({ status: 200, code: 'GRAPHQL_PARSE_FAILED' })
      expect(await refusal(await post(query, GRAPHQL_RESPONSE))).toMatchObject({ status: 400 })
    })

    test('a mutation by GET is refused', async () => {
      const response = await fetch(`${server.url}/graphql?query=${encodeURIComponent('mutation { __typename }')}`, {
        headers: GRAPHQL_RESPONSE,
      })
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
    })

    test.each([
      ['an array', '[{"query":"{ __typename }"}]'],
      ['no query', '{"variables":{}}'],
      ['a query that is no string', '{"query":1}'],
      ['variables in a string', '{"query":"{ __typename }","variables":"{}"}'],
      ['a bare null', 'null'],
    ])('%s is 400', async (_what, body) => {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body })
      expect(await refusal(response)).toEqual({ status: 400, code: 'BAD_REQUEST', retryable: false })
    })
  })

  describe('what is not GraphQL over HTTP', () => {
    const send = (body: string | Uint8Array<ArrayBuffer>, type: string | undefined) =>
      fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: type === undefined ? {} : { 'content-type': type },
        body: typeof body === 'string' ? new TextEncoder().encode(body) : body,
      })

    test.each([
      ['broken JSON', '{"query": "{', 'application/json', 400, 'REQUEST_INVALID'],
      ['no body', '', 'application/json', 400, 'REQUEST_INVALID'],
      ['another type', 'query=1', 'application/x-www-form-urlencoded', 415, 'MEDIA_TYPE_UNSUPPORTED'],
      ['text', '{"query":"{ __typename }"}', 'text/plain', 415, 'MEDIA_TYPE_UNSUPPORTED'],
      ['no type', '{"query":"{ __typename }"}', undefined, 415, 'MEDIA_TYPE_UNSUPPORTED'],
      [
        'another charset',
        '{"query":"{ __typename }"}',
        'application/json; charset=utf-16',
        415,
        'MEDIA_TYPE_UNSUPPORTED',
      ],
      ['2 MB', JSON.stringify({ query: 'x'.repeat(2_000_000) }), 'application/json', 413, 'BODY_TOO_LARGE'],
    ])('%s', async (_what, body, type, status, code) => {
      expect(await refusal(await send(body, type))).toEqual({ status, code, retryable: false })
    })

    test('bytes that are not UTF-8', async () => {
      const body = Uint8Array.from([...new TextEncoder().encode('{"query":"'), 0xff, 0x22, 0x7d])
      expect(await refusal(await send(body, 'application/json'))).toMatchObject({
        status: 400,
        code: 'REQUEST_INVALID',
      })
    })

    test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS'])('%s', async (method) => {
      const response = await fetch(`${server.url}/graphql`, { method })
      expect(response.headers.get('allow')).toBe('GET, POST')
      expect(await refusal(response)).toEqual({ status: 405, code: 'METHOD_NOT_ALLOWED', retryable: false })
    })

    test('a path that is not there says which are', async () => {
      const response = await fetch(`${server.url}/graphq?query=1`)
      const { errors } = await json(response.clone())
      expect(await refusal(response)).toEqual({ status: 404, code: 'PATH_UNKNOWN', retryable: false })
      expect(errors![0]!.message).toBe(
        'GET /graphq: The gateway has a handful of paths. GraphQL is at /graphql, GraphiQL at /, health at /livez and /readyz.',
      )
    })

    test('a path that cannot be decoded', async () => {
      expect(await refusal(await fetch(`${server.url}/%zz`))).toMatchObject({ code: 'REQUEST_INVALID', status: 400 })
    })

    test('bytes that are not HTTP', async () => {
      const { port, hostname } = new URL(server.url)
      const answer = await new Promise<string>((resolve, reject) => {
        let text = ''
        const socket = connect(Number(port), hostname, () => socket.write('not http at all\r\n\r\n'))
        socket
          .on('data', (chunk) => (text += chunk))
          .on('end', () => resolve(text))
          .on('error', reject)
      })
      expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
      expect(JSON.parse(answer.split('\r\n\r\n')[1]!).errors[0].extensions.code).toBe('REQUEST_INVALID')
    })
  })

  test("gives each request an id, or keeps the client's where it can stand in a log", async () => {
    const own = await post('{ __typename }', { 'x-request-id': 'abc-123' })
    expect(own.headers.get('x-request-id')).toBe('abc-123')
    expect(server.log.some((line) => line.requestId === 'abc-123' && line.msg === 'graphql request')).toBe(true)
    const unfit = await post('{ __typename }', { 'x-request-id': 'a b' })
    expect(unfit.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })

  test('explains a plan where it is asked to', async () => {
    const body = { query: '{ city(name: "Oslo") { altitude } }', extensions: { explain: true } }
    const { data, extensions } = await json(await postGraphQL(server.url, body))
    expect(data).toEqual({ city: { altitude: 23 } })
    expect(JSON.stringify(extensions!.explain)).toContain('profile@1')
  })

  test('is alive and ready', async () => {
    expect((await fetch(`${server.url}/livez`)).status).toBe(200)
    const ready = await fetch(`${server.url}/readyz`)
    expect(ready.status).toBe(200)
    expect(await ready.json()).toMatchObject({
      status: 'ready',
      deployment: 'cities',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
      clock: 'fixed at 2001-07-02T00:00:00Z',
      store: { ok: true },
    })
  })

  test('a port in use gets a clear word', async () => {
    const { port } = new URL(server.url)
    const second = startTestGateway({ port: Number(port) })
    await expect(second).rejects.toMatchObject({ code: 'PORT_IN_USE' } satisfies Partial<FieldstoneError>)
    await expect(second).rejects.toThrow(`127.0.0.1 port ${port}: Another program listens there.`)
  })
})

describe('one now a request', () => {
  test('though the clock goes on', async () => {
    let micros = 1_000_000
    const clock: Clock = { kind: 'clock', description: 'ticking', nowMicros: () => (micros += 1000) }
    const server = await startTestGateway({ clock })
    const query = '{ a: city(name: "Oslo") { nowMillis } b: city(name: "Bogotá") { nowMillis } }'
    const seen: unknown[] = []
    for (let count = 0; count < 2; count += 1) seen.push((await json(await postGraphQL(server.url, { query }))).data)
    await server.close()
    expect(seen).toEqual([
      { a: { nowMillis: 1001 }, b: { nowMillis: 1001 } },
      { a: { nowMillis: 1002 }, b: { nowMillis: 1002 } },
    ])
  })
})

describe('a client that goes away', () => {
  test('aborts the signal of its request', async () => {
    let noticed = (_aborted: boolean): void => {}
    const isAborted = new Promise<boolean>((resolve) => {
      noticed = resolve
    })
    const client = new AbortController()
    const server = await startTestGateway({
      hooks: [
        {
          name: 'waits',
          before: async ({ cancellation: { signal } }) => {
            client.abort()
            await once(signal, 'abort')
            noticed(signal.aborted)
          },
        },
      ],
    })
    await expect(fetch(`${server.url}/graphql?query={__typename}`, { signal: client.signal })).rejects.toThrow()
    expect(await isAborted).toBe(true)
    await server.close()
  })
})

describe('in production', () => {
  let server: TestGateway
  beforeAll(async () => {
    server = await startTestGateway({
      production: true,
      introspection: false,
      graphiql: false,
      hooks: [
        {
          name: 'doorkeeper',
          before: ({ headers }) => {
            if (headers['x-break'] !== undefined) throw new Error('the password is swordfish')
          },
        },
      ],
    })
  })
  afterAll(() => server.close())

  test('what an on-demand function threw is in the log and not in the answer', async () => {
    const query = '{ city(name: "Oslo") { felt(outside: 101) } }'
    const response = await postGraphQL(server.url, { query }, { 'x-request-id': 'masked-1' })
    const text = await response.text()
    expect(text).toContain('ON_DEMAND_FAILED')
    expect(text).not.toContain('secret thermometer')
    const lines = server.log.filter((line) => line.requestId === 'masked-1' && line.level === 50)
    expect(JSON.stringify(lines)).toContain('the secret thermometer broke')
    expect(JSON.stringify(lines)).toContain('http-gateway.ts')
  })

  test('an unexpected error is in the log and not in the answer', async () => {
    const headers = { 'x-break': '1', 'x-request-id': 'masked-2' }
    const response = await postGraphQL(server.url, { query: '{ __typename }' }, headers)
    const { errors } = await json(response.clone())
    expect(await refusal(response)).toEqual({ status: 500, code: 'INTERNAL_SERVER_ERROR', retryable: false })
    expect(errors![0]!.message).toBe('Internal server error')
    const [line] = server.log.filter((entry) => entry.requestId === 'masked-2' && entry.level === 50)
    expect(JSON.stringify(line)).toContain('the password is swordfish')
  })

  test('introspection can be refused', async () => {
    const response = await postGraphQL(server.url, { query: '{ __schema { types { name } } }' }, GRAPHQL_RESPONSE)
    expect(await refusal(response)).toMatchObject({ status: 400, code: 'GRAPHQL_VALIDATION_FAILED' })
  })

  test('plans are not explained', async () => {
    const body = { query: '{ city(name: "Oslo") { altitude } }', extensions: { explain: true } }
    const response = await postGraphQL(server.url, body)
    expect(await response.text()).toBe('{"data":{"city":{"altitude":23}}}')
  })

  test('what readyz says names no folder; the log does where the store is down', async () => {
    expect(await (await fetch(`${server.url}/readyz`)).json()).toMatchObject({ store: { ok: true } })
    const down = await startTestGateway({ production: true })
    await down.store.close()
    const ready = await fetch(`${down.url}/readyz`)
    expect([ready.status, (await ready.json()).store]).toEqual([503, { ok: false }])
    expect(JSON.stringify(down.log)).toContain('lmdb at ')
    const text = await (await postGraphQL(down.url, { query: '{ city(name: "Oslo") { altitude } }' })).text()
    expect(text).toContain('STORE_CLOSED')
    expect(text).not.toContain('lmdb')
    await down.close()
  })

  test('there is no page where the config wants none', async () => {
    const response = await fetch(`${server.url}/`)
    expect((await refusal(response)).code).toBe('PATH_UNKNOWN')
  })
})

describe('a store that is down', () => {
  test('is told by readyz, and by an error at each entity that can be tried again', async () => {
    const server = await startTestGateway()
    await server.store.close()
    const ready = await fetch(`${server.url}/readyz`)
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({ status: 'the online store is down', store: { ok: false } })
    expect((await fetch(`${server.url}/livez`)).status).toBe(200)
    const { data, errors } = await json(await postGraphQL(server.url, { query: '{ city(name: "Oslo") { altitude } }' }))
    expect(data).toEqual({ city: null })
    expect(errors).toMatchObject([{ extensions: { retryable: true } }])
    await server.close()
  })
})
