import { afterEach, expect, test } from 'vitest'
import { postGraphQL, startTestGateway, type TestGateway } from '../support/http-gateway.ts'

let server: TestGateway | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

/** The lines of requests, with what no two of them share taken out. */
function linesOf({ log }: TestGateway) {
  const lines = log.filter(({ msg }) => msg === 'graphql request')
  for (const { requestId, durationMillis } of lines)
    expect([typeof requestId, typeof durationMillis]).toEqual(['string', 'number'])
  return lines.map(
    ({ requestId: _id, durationMillis: _long, time: _when, pid: _pid, hostname: _host, ...told }) => told,
  )
}

const QUERY = 'query Facts($name: ID!) { city(name: $name) { altitude felt(outside: 200) } }'

test('each request is one line with its operation, client, cost and errors, by both doors alike', async () => {
  server = await startTestGateway()
  const headers = { 'x-fieldstone-client-name': 'app', 'x-fieldstone-client-version': '7' }
  for (let time = 0; time < 2; time += 1) {
    await (await postGraphQL(server.url, { query: QUERY, variables: { name: 'Oslo' } }, headers)).text()
  }
  expect(server.doors.take()).toEqual(['long', 'warm'])
  const [first, second] = linesOf(server)
  expect(first).toEqual({
    ...{ level: 30, msg: 'graphql request', status: 200, executed: true, waitedMillis: 0 },
    ...{ operationName: 'Facts', operationType: 'query', cost: { keys: 1, values: 2 }, fallbackFields: [] },
    client: { name: 'app', version: '7' },
    errors: { ON_DEMAND_FAILED: 1 },
  })
  expect(second).toEqual(first)
})

test('a request that is refused has a line, too, without what is not known', async () => {
  server = await startTestGateway()
  await (await postGraphQL(server.url, { query: QUERY })).text()
  await (await postGraphQL(server.url, { query: '{ nothing }' })).text()
  expect(linesOf(server)).toEqual([
    {
      ...{ level: 30, msg: 'graphql request', status: 200, executed: false, waitedMillis: 0, fallbackFields: [] },
      ...{ operationName: 'Facts', operationType: 'query', client: {}, errors: { BAD_USER_INPUT: 1 } },
    },
    {
      ...{ level: 30, msg: 'graphql request', status: 200, executed: false, waitedMillis: 0, fallbackFields: [] },
      ...{ client: {}, errors: { GRAPHQL_VALIDATION_FAILED: 1 } },
    },
  ])
})

test('what a client sends as keys, and texts, are not logged', async () => {
  server = await startTestGateway()
  await (await postGraphQL(server.url, { query: QUERY, variables: { name: 'Atlantis' } })).text()
  expect(JSON.stringify(linesOf(server))).not.toMatch(/Atlantis|altitude/)
})
