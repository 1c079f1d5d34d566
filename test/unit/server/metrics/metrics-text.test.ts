import { expect, test } from 'vitest'
import { BucketCounts } from '../../../../src/lib/bucket-counts.ts'
import { family, histogramFamily } from '../../../../src/server/metrics/metric-family.ts'
import { type MetricsReport, metricsText } from '../../../../src/server/metrics/metrics-text.ts'
import { summedCounts } from '../../../../src/server/metrics/summed-counts.ts'
import { parseMetrics } from '../../../support/parse-metrics.ts'

function durations(...millis: readonly number[]): BucketCounts {
  const counts = new BucketCounts([1, 10])
  for (const one of millis) counts.add(one)
  return counts
}

const gauge = (name: string, aggregator: string, value: number) =>
  ({ name, help: 'x', type: 'gauge', aggregator, values: [{ value, labels: {} }] }) as unknown as MetricsReport[number]

/** What a worker tells, as it comes from another process. */
const report = (worker: number): MetricsReport =>
  structuredClone([
    family('fieldstone_errors_total', [
      [{ code: 'A' }, worker],
      ...(worker === 2 ? [[{ code: 'B' }, 5] as const] : []),
    ]),
    histogramFamily(
      'fieldstone_store_call_duration_seconds',
      [[{ store: 's', call: 'read' }, durations(0.5, worker, 20)]],
      1e-3,
    ),
    family('fieldstone_store_circuit_state', [[{ store: 's' }, worker === 2 ? 2 : 0]]),
    family('fieldstone_build_info', [[{ version: '1', deployment: 'd', fingerprint: 'f' }, 1]]),
    gauge('nodejs_eventloop_lag_p99_seconds', 'average', worker),
    gauge('process_start_time_seconds', 'omit', 100),
  ])

async function valuesOf(reports: readonly MetricsReport[]) {
  const { samples } = parseMetrics(await metricsText(reports))
  return Object.fromEntries(
    samples.map(({ name, labels, value }) => [`${name} ${labels.code ?? labels.le ?? ''}`.trim(), value]),
  )
}

test('one process tells all that it has', async () => {
  expect(await valuesOf([report(1)])).toEqual({
    'fieldstone_errors_total A': 1,
    'fieldstone_store_call_duration_seconds_bucket 0.001': 2,
    'fieldstone_store_call_duration_seconds_bucket 0.01': 2,
    'fieldstone_store_call_duration_seconds_bucket +Inf': 3,
    fieldstone_store_call_duration_seconds_sum: expect.closeTo(0.0215, 9),
    fieldstone_store_call_duration_seconds_count: 3,
    fieldstone_store_circuit_state: 0,
    fieldstone_build_info: 1,
    nodejs_eventloop_lag_p99_seconds: 1,
    process_start_time_seconds: 100,
  })
})

test('several are added up; of delays and circuits the worst is told', async () => {
  expect(await valuesOf([report(1), report(2), report(3)])).toEqual({
    'fieldstone_errors_total A': 6,
    'fieldstone_errors_total B': 5,
    'fieldstone_store_call_duration_seconds_bucket 0.001': 4,
    'fieldstone_store_call_duration_seconds_bucket 0.01': 6,
    'fieldstone_store_call_duration_seconds_bucket +Inf': 9,
    fieldstone_store_call_duration_seconds_sum: expect.closeTo(0.0675, 9),
    fieldstone_store_call_duration_seconds_count: 9,
    fieldstone_store_circuit_state: 2,
    fieldstone_build_info: 1,
    nodejs_eventloop_lag_p99_seconds: 3,
  })
})

test('what processes that have ended had counted goes on being told, without what they were', async () => {
  const ended = summedCounts([summedCounts([report(1)]), report(2)])
  expect(ended.map(({ name }) => name)).toEqual(['fieldstone_errors_total', 'fieldstone_store_call_duration_seconds'])
  expect(await valuesOf([report(3), ended])).toEqual({
    ...(await valuesOf([report(1), report(2), report(3)])),
    fieldstone_store_circuit_state: 0,
  })
})
