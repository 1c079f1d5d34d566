import { AggregatorRegistry, type Metric, Registry } from 'prom-client'
import type { MetricFamily } from './metric-family.ts'

/** What one process tells, in a form that can be sent to another. */
export type MetricsReport = readonly MetricFamily[]

export const METRICS_CONTENT_TYPE = Registry.PROMETHEUS_CONTENT_TYPE

/**
 * What Prometheus reads, of one process or of several as one: counters, gauges and buckets are added up; of delays of the event
 * loop the greatest is given; what cannot be added (the instant of a start) is left out where there are several.
 */
export async function metricsText(reports: readonly MetricsReport[]): Promise<string> {
  const [only] = reports
  if (reports.length === 1 && only !== undefined) return textOf(only)
  const told = reports.map((report) => report.map((metric) => ({ ...metric, aggregator: aggregatorOf(metric) })))
  return AggregatorRegistry.aggregate(told).metrics()
}

function textOf(report: MetricsReport): Promise<string> {
  const registry = new Registry()
  // It asks no more of a metric than its name and `get`.
  for (const metric of report) registry.registerMetric({ name: metric.name, get: () => metric } as unknown as Metric)
  return registry.metrics()
}

/** prom-client gives the mean of quantiles, in which one worker that stands still would not show. */
function aggregatorOf({ name, aggregator }: MetricFamily): string {
  return /^nodejs_eventloop_lag_(max|mean|p\d+|stddev)?_?seconds$/.test(name) ? 'max' : aggregator
}
