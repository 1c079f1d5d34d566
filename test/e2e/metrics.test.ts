import { afterEach, describe, expect, test } from 'vitest'
import { clientOf } from '../../src/server/client.ts'
import type { RequestHook } from '../../src/server/hooks.ts'
import { createMetrics } from '../../src/server/metrics/metrics.ts'
import { metricsText } from '../../src/server/metrics/metrics-text.ts'
import { postGraphQL, startTestGateway, type TestGateway } from '../support/http-gateway.ts'
import { parseMetrics, type Sample } from '../support/parse-metrics.ts'
import { slowStore } from '../support/slow-store.ts'

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

/** What hooks are told of one request, and metrics that have counted nothing. */
async function countingOne() {
  const seen: Parameters<NonNullable<RequestHook['after']>>[] = []
  const watching: RequestHook = { name: 'watching', after: (...told) => void seen.push(told) }
  const watched = await startTestGateway({ hooks: [watching] })
  await (await postGraphQL(watched.url, { query: QUERY, variables: { name: 'Oslo' } })).text()
  await watched.close()
  return { metrics: createMetrics({ version: '1.2.3' }), seen }
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
    expect(sampleOf(samples, 'fieldstone_client_requests_total', { client: 'app', version: '7', outcome: 'ok' })).toBe(
      1,
    )
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
  test('takes GET alone, without parameters or with some', async () => {
    const { url } = await start()
    expect((await fetch(`${url}/metrics?name=x`)).status).toBe(200)
    for (const method of ['POST', 'HEAD', 'PUT', 'DELETE', 'OPTIONS']) {
      const response = await fetch(`${url}/metrics`, { method })
      expect([method, response.status, response.headers.get('allow')]).toEqual([method, 405, 'GET'])
    }
  })

  test('is not there where nothing is counted', async () => {
    server = await startTestGateway()
    const response = await fetch(`${server.url}/metrics`)
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'PATH_UNKNOWN' } }] })
  })

  test('is answered while every place is taken, and while the gateway drains', async () => {
    const { through, reads } = slowStore({ delayMillis: 400 })
    const { url, gateway } = await start({ through, limits: { maxConcurrentRequests: 1, maxQueuedRequests: 0 } })
    const answering = postGraphQL(url, { query: QUERY, variables: { name: 'Oslo' } })
    await expect.poll(() => reads.length).toBe(1)
    expect(sampleOf(await scrape(url), 'fieldstone_requests_in_flight')).toBe(1)
    expect((await postGraphQL(url, { query: QUERY, variables: { name: 'Oslo' } })).status).toBe(503)
    const closing = gateway.close()
    expect((await postGraphQL(url, { query: QUERY, variables: { name: 'Oslo' } })).status).toBe(503)
    const samples = await scrape(url)
    expect(sampleOf(samples, 'fieldstone_shed_requests_total', { reason: 'queue' })).toBe(1)
    expect(sampleOf(samples, 'fieldstone_shed_requests_total', { reason: 'draining' })).toBe(1)
    expect((await answering).status).toBe(200)
    await closing
  })

  test('tells of scans, the reads that they became, and their keys', async () => {
    const { url } = await start({ mergeReads: true })
    for (const name of ['Oslo', 'Bogotá']) await (await postGraphQL(url, { query: QUERY, variables: { name } })).text()
    await (await postGraphQL(url, { query: '{ cities(keys: [{name: "Oslo"}, {name: "Rome"}]) { altitude } }' })).text()
    const samples = await scrape(url)
    const told = (what: string) => sampleOf(samples, `fieldstone_loader_${what}_total`, { entity: 'City' })
    expect(['scans', 'reads', 'keys_asked', 'keys_read'].map(told)).toEqual([3, 3, 4, 4])
    expect(sampleOf(samples, 'fieldstone_store_read_keys_sum')).toBe(4)
  })

  test('keeps names of clients apart however they are spelt', async () => {
    const { url } = await start()
    const names = ['a"b', 'a\\b', 'a\\"n', '{x="1"}', 'é']
    for (const name of names) {
      await (await postGraphQL(url, { query: '{ __typename }' }, { 'x-fieldstone-client-name': name })).text()
    }
    const samples = await scrape(url)
    for (const client of names) {
      expect(sampleOf(samples, 'fieldstone_client_requests_total', { client, outcome: 'ok' }), client).toBe(1)
    }
  })

  test('counts a client that is called other among all the others, so that no line is there twice', async () => {
    const { metrics, seen } = await countingOne()
    const [[request, outcome]] = seen as [Parameters<NonNullable<RequestHook['after']>>]
    const names = ['other', ...Array.from({ length: 300 }, (_, index) => `c${index}`)]
    for (const name of names) {
      metrics.hook.after!({ ...request, client: clientOf({ 'x-fieldstone-client-name': name }) }, outcome)
    }
    const { samples } = parseMetrics(await metricsText([await metrics.report()]))
    expect(sampleOf(samples, 'fieldstone_client_requests_total', { client: 'other' })).toBe(101)
  })

  test('has a bound on names, which 10,000 operations and clients do not pass', async () => {
    const { metrics, seen } = await countingOne()
    const [[request, outcome]] = seen as [Parameters<NonNullable<RequestHook['after']>>]
    const count = (from: number, to: number): void => {
      for (let index = from; index < to; index += 1) {
        const client = clientOf({ 'x-fieldstone-client-name': `c${index}`, 'x-fieldstone-client-version': `${index}` })
        metrics.hook.after!({ ...request, client }, { ...outcome, operationName: `Operation${index}` })
      }
    }
    count(0, 1_000)
    const before = (await metricsText([await metrics.report()])).length
    count(1_000, 10_000)
    const text = await metricsText([await metrics.report()])
    expect(text.length - before).toBeLessThan(1_000)
    const { samples } = parseMetrics(text)
    const operations = samples.filter(({ name }) => name === 'fieldstone_request_duration_seconds_count')
    expect(operations).toHaveLength(201)
    expect(operations.reduce((total, { value }) => total + value, 0)).toBe(10_000)
    expect(sampleOf(samples, 'fieldstone_request_duration_seconds_count', { operation: 'other' })).toBe(9_800)
    expect(sampleOf(samples, 'fieldstone_client_requests_total', { client: 'other' })).toBe(9_800)
  })
})
