import { afterEach, describe, expect, test } from 'vitest'
import { createMetrics } from '../../src/server/metrics/metrics.ts'
import { postGraphQL, startTestGateway, type TestGateway } from '../support/http-gateway.ts'
import { parseMetrics, type Sample } from '../support/parse-metrics.ts'

let server: TestGateway | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

const QUERY = `query Altitude($name: ID!) { city(name: $name) { altitude felt(outside: 20) } }`

async function start(options: Parameters<typeof startTestGateway>[0] = {}): Promise<TestGateway> {
  server = await startTestGateway({ metrics: createMetrics({ version: '1.2.3' }), ...options })
  return server
}

async function scrape(url: string): Promise<readonly Sample[]> {
  const response = await fetch(`${url}/metrics`)
  expect(response.status).toBe(200)
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8')
  return parseMetrics(await response.text()).samples
}

/** The value of the one sample of a name that has these labels, or undefined. */
function sampleOf(samples: readonly Sample[], name: string, labels: Readonly<Record<string, string>> = {}) {
  const found = samples.filter(
    (sample) =>
      sample.name === name && Object.entries(labels).every(([label, value]) => sample.labels[label] === value),
  )
  expect(found.length, `${name} ${JSON.stringify(labels)}`).toBeLessThanOrEqual(1)
  return found[0]?.value
}

describe('/metrics', () => {
  test('counts requests by operation, type and outcome, whichever door they come by', async () => {
    const { url, doors } = await start()
    const ask = (name: string, headers = {}) => postGraphQL(url, { query: QUERY, variables: { name } }, headers)
    for (const name of ['Oslo', 'Oslo', 'Nowhere']) await (await ask(name)).text()
    await (await ask('Oslo', { 'apollographql-client-name': 'app', 'apollographql-client-version': '7' })).text()
    await (await postGraphQL(url, { query: QUERY })).text()
    await (await postGraphQL(url, { query: '{ nothing }' })).text()
    await (await postGraphQL(url, { query: '{ city(name: "Oslo") { felt(outside: 200) } }' })).text()
    expect(doors.take()).toEqual(['long', 'warm', 'warm', 'warm', 'warm', 'long'])
    const samples = await scrape(url)
    const requests = (labels: Readonly<Record<string, string>>) =>
      sampleOf(samples, 'fieldstone_request_duration_seconds_count', labels)
    expect(requests({ operation: 'Altitude', type: 'query', outcome: 'ok' })).toBe(4)
    expect(requests({ operation: 'Altitude', outcome: 'refused' })).toBe(1)
    expect(requests({ operation: 'none', type: 'none', outcome: 'refused' })).toBe(1)
    expect(requests({ operation: 'unnamed', outcome: 'errors' })).toBe(1)
    expect(sampleOf(samples, 'fieldstone_client_requests_total', { client: 'app', version: '7', outcome: 'ok' })).toBe(1)
    expect(sampleOf(samples, 'fieldstone_client_requests_total', { client: 'unnamed', outcome: 'ok' })).toBe(3)
    expect(sampleOf(samples, 'fieldstone_errors_total', { code: 'ON_DEMAND_FAILED' })).toBe(1)
    expect(sampleOf(samples, 'fieldstone_request_keys_total')).toBe(5)
    expect(sampleOf(samples, 'fieldstone_request_values_total')).toBe(9)
    expect(sampleOf(samples, 'fieldstone_view_rows_total', { view: 'profile@1', status: 'PRESENT' })).toBe(4)
    expect(sampleOf(samples, 'fieldstone_view_rows_total', { view: 'profile@1', status: 'NOT_FOUND' })).toBe(1)
    expect(sampleOf(samples, 'fieldstone_plan_finds_total', { find: 'warm' })).toBe(4)
    expect(sampleOf(samples, 'fieldstone_plan_finds_total', { find: 'made' })).toBe(2)
    expect(sampleOf(samples, 'fieldstone_store_read_keys_sum', { store: 'lmdb' })).toBe(5)
    expect(sampleOf(samples, 'fieldstone_build_info', { version: '1.2.3', deployment: 'cities' })).toBe(1)
  })
})
