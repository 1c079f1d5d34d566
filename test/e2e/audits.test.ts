import { auditServer } from 'graphql-http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startTestGateway, type TestGateway } from '../support/http-gateway.ts'

/** Audits that may end in `warn` or `notice`, each with its reason. docs/graphql-over-http.md says the same. */
const EXPLAINED: Readonly<Record<string, string>> = {}

let server: TestGateway
beforeAll(async () => {
  server = await startTestGateway()
})
afterAll(() => server.close())

test('the audits of GraphQL over HTTP', async () => {
  const results = await auditServer({ url: `${server.url}/graphql` })
  expect(results.length).toBeGreaterThan(50)
  const failing = results.filter(({ status }) => status !== 'ok')
  expect(failing.filter(({ status }) => status === 'error').map(({ id, name }) => `${id} ${name}`)).toEqual([])
  expect(failing.map(({ id, name }) => `${id} ${name}`).filter((title) => !(title in EXPLAINED))).toEqual([])
  expect(Object.keys(EXPLAINED).filter((title) => !failing.some(({ id, name }) => title === `${id} ${name}`))).toEqual(
    [],
  )
})
