import { type AuditResult, auditServer } from 'graphql-http'
import { expect, test } from 'vitest'
import { startTestGateway } from '../support/http-gateway.ts'

/** Audits that may end in `warn` or `notice`, each with its reason. docs/graphql-over-http.md says the same. */
const EXPLAINED: Readonly<Record<string, string>> = {}

test('the audits of GraphQL over HTTP, through both doors', async () => {
  // Without room for a plan every request goes the long way.
  const cold = await audit({ planCacheBytes: 1, times: 1 })
  const warm = await audit({ times: 2 })
  expect(cold.results.length).toBeGreaterThan(50)
  const failing = cold.results.filter(({ status }) => status !== 'ok')
  expect(failing.filter(({ status }) => status === 'error')).toEqual([])
  expect(failing.map(({ title }) => title).filter((title) => !(title in EXPLAINED))).toEqual([])
  expect(Object.keys(EXPLAINED).filter((known) => !failing.some(({ title }) => title === known))).toEqual([])
  expect(warm.results).toEqual(cold.results)
  expect(cold.doors.filter((door) => door === 'warm')).toEqual([])
  expect(warm.doors).toHaveLength(cold.doors.length)
  expect(warm.doors.filter((door) => door === 'warm').length).toBeGreaterThan(10)
})

/** The last of so many rounds of audits of one gateway, and the doors that its requests took. */
async function audit({ times, ...options }: { readonly times: number; readonly planCacheBytes?: number }) {
  const server = await startTestGateway(options)
  let results: readonly AuditResult[] = []
  for (let round = 0; round < times; round += 1) {
    server.doors.take()
    results = await auditServer({ url: `${server.url}/graphql` })
  }
  const doors = server.doors.take()
  await server.close()
  return { doors, results: results.map(({ id, name, status }) => ({ title: `${id} ${name}`, status })) }
}
