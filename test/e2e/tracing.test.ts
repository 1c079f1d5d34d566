import { pino } from 'pino'
import { afterEach, describe, expect, test } from 'vitest'
import { startTracing, type Tracing } from '../../src/cli/start-tracing.ts'
import { FieldstoneError } from '../../src/errors.ts'
import type { RequestHook } from '../../src/server/hooks.ts'
import { createRequestTracing } from '../../src/server/request-tracing.ts'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { postGraphQL, startTestGateway, type TestGateway } from '../support/http-gateway.ts'
import { slowStore } from '../support/slow-store.ts'
import { type CollectedSpan, startTraceCollector, type TraceCollector } from '../support/trace-collector.ts'

const started: { close(): Promise<void> }[] = []
afterEach(async () => {
  for (const one of started.splice(0).reverse()) await one.close()
})

const QUERY = 'query Altitude($name: ID!) { city(name: $name) { altitude felt(outside: 150) } }'
const FINE = 'query Fine { city(name: "Oslo") { altitude } }'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'
const sampled = { traceparent: `00-${TRACE}-${PARENT}-01`, tracestate: 'vendor=abc,other=1' }

async function startTraced(
  options: Parameters<typeof startTestGateway>[0] & { readonly sampleRatio?: number; readonly endpoint?: string } = {},
): Promise<{ server: TestGateway; collector: TraceCollector; tracing: Tracing }> {
  const { sampleRatio, endpoint, ...gateway } = options
  const collector = await startTraceCollector()
  const tracing = await startTracing({
    ...{ endpoint: endpoint ?? collector.endpoint, serviceName: 'cities', version: '1.2.3', sampleRatio },
    logger: pino({ level: 'silent' }),
  })
  const server = await startTestGateway({
    ...gateway,
    tracing: createRequestTracing(tracing.tracer, { system: 'lmdb' }),
  })
  started.push(collector, tracing, server)
  return { server, collector, tracing }
}

/** A request's spans: of HTTP, of the plan, and of the reads. */
function spansOfTrace(spans: readonly CollectedSpan[], traceId: string) {
  const own = spans.filter((span) => span.traceId === traceId)
  const children = (parent: CollectedSpan | undefined) => own.filter((span) => span.parentSpanId === parent?.spanId)
  const http = own.find(({ kind }) => kind === 2)
  const [plan, ...morePlans] = children(http)
  expect(morePlans).toEqual([])
  return { http, plan, reads: plan === undefined ? [] : children(plan), count: own.length }
}

describe('a traced request', () => {
  test.each([
    ['from memory', undefined],
    ['from a store that is waited for', slowStore({ delayMillis: 5 }).through],
  ])('has spans of HTTP, plan and read in its client’s trace, by both doors: %s', async (_, through) => {
    const { server, collector, tracing } = await startTraced(through === undefined ? {} : { through })
    const ids = [TRACE, TRACE.replace('4b', '5c')]
    for (const id of ids) {
      const headers = { ...sampled, traceparent: `00-${id}-${PARENT}-01` }
      await (await postGraphQL(server.url, { query: QUERY, variables: { name: 'Oslo' } }, headers)).text()
    }
    expect(server.doors.take()).toEqual(['long', 'warm'])
    await tracing.close()
    const finds: unknown[] = []
    for (const id of ids) {
      const { http, plan, reads, count } = spansOfTrace(collector.spans, id)
      expect(count).toBe(3)
      expect(http).toMatchObject({ name: 'POST /graphql', parentSpanId: PARENT, service: 'cities' })
      expect(http?.traceState).toBe('vendor=abc,other=1')
      expect(http?.attributes).toMatchObject({ 'http.request.method': 'POST', 'http.route': '/graphql' })
      expect(Number(http?.attributes['http.response.status_code'])).toBe(200)
      expect(plan).toMatchObject({ name: 'query', status: { code: 2, message: 'ON_DEMAND_FAILED' } })
      expect(plan?.attributes).toMatchObject({
        'graphql.operation.type': 'query',
        'graphql.operation.name': 'Altitude',
        'error.type': 'ON_DEMAND_FAILED',
      })
      finds.push(plan?.attributes['fieldstone.plan.find'])
      expect(reads).toHaveLength(1)
      expect(reads[0]).toMatchObject({ name: 'read City', kind: 3 })
      expect(reads[0]?.attributes).toMatchObject({ 'db.system.name': 'lmdb', 'db.collection.name': 'City' })
      expect(Number(reads[0]?.attributes['db.operation.batch.size'])).toBe(1)
    }
    expect(finds).toEqual(['made', 'warm'])
    expect(collector.bodies.join()).not.toMatch(/Oslo|altitude|secret/)
  })

  test('has a trace of its own where it comes without one, or with one that is none', async () => {
    const { server, collector, tracing } = await startTraced()
    const bad = [
      undefined,
      'nonsense',
      `00-${'0'.repeat(32)}-${PARENT}-01`,
      `00-${TRACE}-${'0'.repeat(16)}-01`,
      `ff-${TRACE}-${PARENT}-01`,
      `00-${TRACE}-${PARENT}-01-more`,
      `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    ]
    for (const traceparent of bad) {
      await (await postGraphQL(server.url, { query: FINE }, traceparent === undefined ? {} : { traceparent })).text()
    }
    await tracing.close()
    const roots = collector.spans.filter(({ kind }) => kind === 2)
    expect(roots.map(({ parentSpanId }) => parentSpanId ?? '')).toEqual(bad.map(() => ''))
    expect(new Set(roots.map(({ traceId }) => traceId)).size).toBe(bad.length)
    expect(roots.map(({ status }) => status.code ?? 0)).toEqual(bad.map(() => 0))
  })

  test('is sampled by its parent, and by the ratio where it has none', async () => {
    const { server, collector, tracing } = await startTraced({ sampleRatio: 0 })
    await (await postGraphQL(server.url, { query: FINE }, { traceparent: `00-${TRACE}-${PARENT}-00` })).text()
    await (await postGraphQL(server.url, { query: FINE })).text()
    await (await postGraphQL(server.url, { query: FINE }, sampled)).text()
    await tracing.close()
    expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]))
  })

  test('is named in the log by the id of its trace', async () => {
    const { server } = await startTraced()
    await (await postGraphQL(server.url, { query: FINE }, sampled)).text()
    expect(server.log.find(({ msg }) => msg === 'graphql request')).toMatchObject({ traceId: TRACE })
  })

  test('tells of a read that failed, and of a request that a hook refuses', async () => {
    const through = (store: OnlineStore): OnlineStore => ({
      ...store,
      read: async (request) => {
        if (request.entity.startsWith('_')) return store.read(request)
        throw new FieldstoneError('STORE_UNAVAILABLE', { seen: 'it is down' })
      },
    })
    const refuses: RequestHook = {
      name: 'refuses',
      before: ({ headers }) => {
        if (headers['x-refuse'] === '1') throw new FieldstoneError('REQUEST_INVALID', { seen: 'x' })
      },
    }
    const { server, collector, tracing } = await startTraced({ through, hooks: [refuses] })
    await (await postGraphQL(server.url, { query: FINE }, sampled)).text()
    const other = TRACE.replace('4b', '5c')
    const refused = { traceparent: `00-${other}-${PARENT}-01`, 'x-refuse': '1' }
    expect((await postGraphQL(server.url, { query: FINE }, refused)).status).toBe(400)
    await tracing.close()
    const { plan, reads } = spansOfTrace(collector.spans, TRACE)
    expect(reads[0]?.status).toEqual({ code: 2, message: 'STORE_UNAVAILABLE' })
    expect(plan?.status).toEqual({ code: 2, message: 'STORE_UNAVAILABLE' })
    const { http, count } = spansOfTrace(collector.spans, other)
    expect([count, http?.status]).toEqual([1, { code: 2, message: 'REQUEST_INVALID' }])
  })
})

describe('a collector', () => {
  test('that is not there harms nothing, and is told of once', async () => {
    const lines: string[] = []
    const logger = pino({ level: 'warn' }, { write: (line) => void lines.push(line) })
    const endpoint = 'http://127.0.0.1:1/v1/traces'
    const tracing = await startTracing({ endpoint, serviceName: 'cities', version: '1.2.3', logger })
    const server = await startTestGateway({ tracing: createRequestTracing(tracing.tracer, { system: 'lmdb' }) })
    started.push(server)
    const answers = await Promise.all(Array.from({ length: 50 }, () => postGraphQL(server.url, { query: FINE })))
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
    await tracing.close()
    expect(lines.length).toBeGreaterThan(0)
    expect(lines.length).toBeLessThan(3)
  })

  test('that never answers is not waited for at the end', async () => {
    const silent = await startTraceCollector(() => {})
    const tracing = await startTracing({
      ...{ endpoint: silent.endpoint, serviceName: 'cities', version: '1.2.3', logger: pino({ level: 'silent' }) },
    })
    const server = await startTestGateway({ tracing: createRequestTracing(tracing.tracer, { system: 'lmdb' }) })
    started.push(silent, server)
    await (await postGraphQL(server.url, { query: FINE })).text()
    await tracing.close()
    expect(silent.bodies).toHaveLength(1)
  })
})
