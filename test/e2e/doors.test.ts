import { afterEach, describe, expect, test } from 'vitest'
import { FieldstoneError } from '../../src/errors.ts'
import { codeOf, type RequestHook, type RequestOutcome } from '../../src/server/hooks.ts'
import { type DoorCase, post } from '../support/door-case.ts'
import { CASES_OF_HTTP } from '../support/door-cases-of-http.ts'
import { CASES_OF_OPERATIONS } from '../support/door-cases-of-operations.ts'
import { CITIES, postGraphQL, startTestGateway, type TestGateway } from '../support/http-gateway.ts'
import { type RawAnswer, sendRaw } from '../support/raw-http.ts'

let server: TestGateway | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

/** What hooks are told of each request, save how long it took. */
function watchingHook() {
  const outcomes: unknown[] = []
  const tell = ({ durationMillis: _long, waitedMillis: _waited, errors, ...facts }: RequestOutcome): void =>
    void outcomes.push({ ...facts, errors: errors.map((error) => [codeOf(error), error.message]) })
  const hook: RequestHook = { name: 'watching', after: (_, outcome) => tell(outcome) }
  return { hook, take: () => outcomes.splice(0) }
}

/** What both doors have to agree in. */
function told({ status, headers, repeated, body }: RawAnswer) {
  expect(repeated).toEqual([])
  const { date: _when, 'x-request-id': _id, ...rest } = headers
  return { status, headers: rest, body: body.toString('latin1') }
}

/** Sends a request to a gateway that has not seen it, and again to the same one when it has. */
async function twice({ url, doors }: TestGateway, { request, warmedBy }: Pick<DoorCase, 'request' | 'warmedBy'>) {
  const first = await sendRaw(url, request)
  const taken = [...doors.take()]
  if (warmedBy !== undefined) await sendRaw(url, warmedBy)
  doors.take()
  const second = await sendRaw(url, request)
  return { first, second, doors: [...taken, ...doors.take()] }
}

describe.each([
  ['in development', false],
  ['in production', true],
])('at first sight and from then on, %s', (_, production) => {
  test.each([...CASES_OF_OPERATIONS, ...CASES_OF_HTTP].map((one) => [one.what, one] as const))(
    '%s',
    async (_what, one) => {
      const { hook, take } = watchingHook()
      server = await startTestGateway({ production, hooks: [hook] })
      const { first, second, doors } = await twice(server, one)
      expect(first.status, first.body.toString()).toBe(one.status)
      expect(told(second)).toEqual(told(first))
      expect(doors).toEqual(one.doors)
      const outcomes = take()
      expect(outcomes.at(-1)).toEqual(outcomes[0])
    },
  )

  test('introspection that is refused', async () => {
    server = await startTestGateway({ production, introspection: false })
    const { first, second, doors } = await twice(server, {
      request: post({ query: '{ __schema { types { name } } }' }),
    })
    expect(first.body.toString()).toContain('introspection')
    expect(told(second)).toEqual(told(first))
    expect(doors).toEqual([])
  })

  test('a store that is closed', async () => {
    server = await startTestGateway({ production })
    await server.store.close()
    const query = '{ city(name: "Oslo") { altitude } cities(keys: [{ name: "A" }, { name: "B" }]) { altitude } }'
    const { first, second, doors } = await twice(server, { request: post({ query }) })
    expect(JSON.parse(first.body.toString()).errors).toHaveLength(3)
    expect(told(second)).toEqual(told(first))
    expect(doors).toEqual(['long', 'warm'])
  })

  test.each([
    ['with a code', new FieldstoneError('SHUTTING_DOWN', { seen: 'a test' }), 503],
    ['without one', new Error('the password is swordfish'), 500],
  ])('a hook that refuses, %s', async (_what, error, status) => {
    let refuses = true
    const doorkeeper: RequestHook = {
      name: 'doorkeeper',
      before: async () => {
        if (refuses) throw error
      },
    }
    server = await startTestGateway({ production, hooks: [doorkeeper] })
    const request = post({ query: '{ city(name: "Oslo") { altitude } }' })
    const first = await sendRaw(server.url, request)
    refuses = false
    await sendRaw(server.url, request)
    refuses = true
    server.doors.take()
    const second = await sendRaw(server.url, request)
    expect(first.status).toBe(status)
    expect(told(second)).toEqual(told(first))
    expect(server.doors.take()).toEqual([])
    expect(first.body.toString().includes('swordfish')).toBe(status === 500 && !production)
  })
})

test('hooks stand around both doors in the same order, with one now', async () => {
  const calls: string[] = []
  const hookOf = (name: string): RequestHook => ({
    name,
    before: ({ nowMicros }) => void calls.push(`${name} before ${nowMicros}`),
    after: ({ nowMicros }, { operationName }) => void calls.push(`${name} after ${nowMicros} ${operationName}`),
  })
  let nowMicros = 0
  const clock = { kind: 'clock', description: 'ticking', nowMicros: () => ++nowMicros } as const
  server = await startTestGateway({ hooks: [hookOf('a'), hookOf('b')], clock })
  const texts: string[] = []
  for (let count = 0; count < 2; count += 1) {
    const response = await postGraphQL(server.url, { query: 'query Q { city(name: "Oslo") { nowMillis } }' })
    texts.push(await response.text())
  }
  expect(server.doors.take()).toEqual(['long', 'warm'])
  expect(texts).toEqual([1, 2].map((now) => `{"data":{"city":{"nowMillis":${now / 1000}}}}`))
  expect(calls).toEqual(
    [1, 2].flatMap((now) => [`a before ${now}`, `b before ${now}`, `b after ${now} Q`, `a after ${now} Q`]),
  )
})

test('a hook that fails when the answer is sent is logged, and the answer is whole through both doors', async () => {
  const fails: RequestHook = {
    name: 'fails',
    after: () => {
      throw new Error('a broken meter')
    },
  }
  const rejects: RequestHook = {
    name: 'rejects',
    after: async () => {
      throw new Error('a meter that hangs up')
    },
  }
  server = await startTestGateway({ hooks: [fails, rejects] })
  const keys = Array.from({ length: 5_000 }, (_, index) => ({ name: `city ${index}` }))
  const request = post({ query: 'query($k: [CityKey!]!) { cities(keys: $k) { name } }', variables: { k: keys } })
  const { first, second, doors } = await twice(server, { request })
  expect(JSON.parse(first.body.toString()).data.cities).toEqual(keys)
  expect(told(second)).toEqual(told(first))
  expect(doors).toEqual(['long', 'warm'])
  const failures = server.log.filter(({ msg }) => msg === 'a hook failed after an answer')
  expect(failures.map(({ hook }) => hook)).toEqual(['fails', 'rejects', 'fails', 'rejects'])
  expect(server.log.filter(({ level }) => level >= 40)).toHaveLength(4)
})

test('a hook that refuses with what has no text is refused alike through both doors', async () => {
  let refuses = false
  const before = (): void => {
    if (refuses) throw Object.create(null)
  }
  server = await startTestGateway({ hooks: [{ name: 'odd', before }] })
  const request = post({ query: '{ city(name: "Oslo") { altitude } }' })
  await sendRaw(server.url, request)
  refuses = true
  const warm = await sendRaw(server.url, request)
  const long = await sendRaw(server.url, { method: 'GET', path: '/graphql?query={__typename}' })
  expect(warm.status).toBe(500)
  expect(told(warm)).toEqual(told(long))
})

test('no text that is not a document has a plan, though it is put together as plans of names are kept', async () => {
  server = await startTestGateway()
  const query = 'query One { city(name: "Oslo") { name } }'
  for (let count = 0; count < 2; count += 1) await postGraphQL(server.url, { query, operationName: 'One' })
  expect(server.doors.take()).toEqual(['long', 'warm'])
  const response = await postGraphQL(server.url, { query: `\0${3}:One${query}` })
  expect(await response.text()).toContain('GRAPHQL_PARSE_FAILED')
  expect(server.doors.take()).toEqual([])
})

test('a refused first sight leaves no plan, a swap leaves none of before, and both are answered the long way', async () => {
  server = await startTestGateway()
  const query = 'query($n: ID!) { city(name: $n) { altitude } }'
  const ask = async (variables: object): Promise<string> =>
    (await postGraphQL(server!.url, { query, variables })).text()
  for (const variables of [{}, {}, { n: 'Oslo' }, { n: 'Oslo' }, {}]) await ask(variables)
  expect(server.doors.take()).toEqual(['long', 'long', 'long', 'warm', 'warm'])
  const { contentOf, gateway } = server
  await gateway.swap(contentOf(CITIES))
  for (let count = 0; count < 2; count += 1) await ask({ n: 'Oslo' })
  expect(server.doors.take()).toEqual(['long', 'warm'])
})
