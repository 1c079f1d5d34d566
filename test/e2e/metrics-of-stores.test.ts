import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { METRICS } from '../../src/server/metrics/metric-catalogue.ts'
import {
  causeEveryMetric,
  FEW_PLACES,
  type ObservedGateway,
  startObservedGateway,
} from '../support/observed-gateway.ts'
import { type ParsedMetrics, parseMetrics } from '../support/parse-metrics.ts'

let gateway: ObservedGateway
let metrics: ParsedMetrics

beforeAll(async () => {
  gateway = await startObservedGateway({ limits: FEW_PLACES })
  await causeEveryMetric(gateway)
  metrics = parseMetrics(await (await fetch(`${gateway.url}/metrics`)).text())
})
afterAll(() => gateway.close())

function sampleOf(name: string, labels: Readonly<Record<string, string>> = {}): number | undefined {
  const found = metrics.samples.filter(
    (sample) => sample.name === name && Object.entries(labels).every(([key, value]) => sample.labels[key] === value),
  )
  expect(found.length, `${name} ${JSON.stringify(labels)}`).toBeLessThanOrEqual(1)
  return found[0]?.value
}

/** The family that a sample is of. */
function familyOf(name: string): string {
  return name in METRICS ? name : name.replace(/_(bucket|sum|count)$/, '')
}

describe('after requests of all kinds', () => {
  test('every metric of the catalogue has a value, with the type, help and labels that it says', () => {
    const own = metrics.samples.filter(({ name }) => name.startsWith('fieldstone_'))
    expect([...new Set(own.map(({ name }) => familyOf(name)))].sort()).toEqual(Object.keys(METRICS).sort())
    for (const { name, labels } of own) {
      const { labels: expected, type, help } = METRICS[familyOf(name) as keyof typeof METRICS]
      const names = Object.keys(labels).filter((label) => label !== 'le')
      expect(names.sort(), name).toEqual([...expected].sort())
      expect([metrics.types.get(familyOf(name)), metrics.helps.get(familyOf(name))]).toEqual([type, help])
    }
  })

  test('buckets are cumulated and end with the count', () => {
    const buckets = metrics.samples.filter(({ name }) => name.startsWith('fieldstone_') && name.endsWith('_bucket'))
    const series = Map.groupBy(buckets, ({ name, labels: { le: _, ...labels } }) => JSON.stringify([name, labels]))
    for (const [identity, of] of series) {
      const [name, labels] = JSON.parse(identity)
      const values = of.map(({ value }) => value)
      expect(values).toEqual(values.toSorted((a, b) => a - b))
      expect(of.at(-1)?.labels.le).toBe('+Inf')
      expect(of.at(-1)?.value).toBe(sampleOf(name.replace('_bucket', '_count'), labels))
    }
  })

  test('rows are counted by view and status, and their ages', () => {
    const rows = (view: string, status: string) => sampleOf('fieldstone_view_rows_total', { view, status })
    expect(rows('readings@1', 'PRESENT')).toBe(4)
    expect(rows('readings@1', 'OUTSIDE_MAX_AGE')).toBe(1)
    expect(rows('facts@1', 'PRESENT')).toBe(3)
    expect(rows('readings@1', 'FAILED')).toBe(5)
    expect(sampleOf('fieldstone_view_stale_rows_total', { view: 'readings@1' })).toBe(1)
    expect(sampleOf('fieldstone_view_row_age_seconds_sum', { view: 'readings@1' })).toBe(600)
    expect(sampleOf('fieldstone_view_row_age_seconds_count', { view: 'facts@1' })).toBeUndefined()
  })

  test('stores tell of reads, failures, refusals and their circuits, each by its name', () => {
    expect(sampleOf('fieldstone_store_call_duration_seconds_count', { store: 'cache', call: 'read' })).toBeGreaterThan(
      5,
    )
    expect(sampleOf('fieldstone_store_errors_total', { store: 'lmdb', call: 'read' })).toBe(1)
    expect(sampleOf('fieldstone_store_failed_cells_total', { store: 'lmdb' })).toBe(2)
    expect(sampleOf('fieldstone_store_stale_cells_total', { store: 'cache' })).toBe(1)
    expect(sampleOf('fieldstone_store_circuit_state', { store: 'lmdb' })).toBe(2)
    expect(sampleOf('fieldstone_store_circuit_state', { store: 'memory' })).toBe(0)
    expect(sampleOf('fieldstone_store_refusals_total', { store: 'lmdb', why: 'circuit open' })).toBe(4)
    expect(sampleOf('fieldstone_cache_finds_total', { store: 'cache', found: 'value' })).toBeGreaterThan(1)
    expect(sampleOf('fieldstone_cache_bytes', { store: 'cache' })).toBeGreaterThan(0)
  })

  test('requests that are turned away are told apart from those that are wrong', () => {
    expect(sampleOf('fieldstone_shed_requests_total', { reason: 'queue' })).toBe(6)
    expect(sampleOf('fieldstone_refused_requests_total', { code: 'TOO_MANY_REQUESTS' })).toBe(6)
    expect(sampleOf('fieldstone_refused_requests_total', { code: 'REQUEST_INVALID' })).toBe(1)
  })

  test('the process tells of itself', () => {
    for (const name of [
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
      'process_start_time_seconds',
    ])
      expect(sampleOf(name), name).toBeGreaterThan(0)
    expect(sampleOf('nodejs_gc_duration_seconds_count', { kind: 'minor' })).toBeGreaterThanOrEqual(0)
  })
})
