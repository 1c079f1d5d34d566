import type { BucketCounts } from '../../lib/bucket-counts.ts'
import { METRICS, type MetricDefinition, type MetricName } from './metric-catalogue.ts'

export type Labels = Readonly<Record<string, string | number>>

/** One line of what Prometheus reads. */
export interface MetricValue {
  readonly value: number
  readonly labels: Labels
  /** Where it is not the family's own: the parts of a histogram. */
  readonly metricName?: string
}

/** A metric with all of its values, as prom-client gives and takes it. */
export interface MetricFamily extends Pick<MetricDefinition, 'help' | 'type' | 'aggregator'> {
  readonly name: string
  readonly values: readonly MetricValue[]
}

/** Of counters and gauges: the value for each set of labels. */
export function family(name: MetricName, values: Iterable<readonly [Labels, number]>): MetricFamily {
  return { name, ...told(name), values: [...values].map(([labels, value]) => ({ labels, value })) }
}

/** Of histograms: the counts for each set of labels. `scale` is what a counted unit is of the metric's, e.g. 0.001 of milliseconds for seconds. */
export function histogramFamily(
  name: MetricName,
  histograms: Iterable<readonly [Labels, BucketCounts]>,
  scale = 1,
): MetricFamily {
  const values = [...histograms].flatMap(([labels, counts]) => histogramValues(name, { labels, counts, scale }))
  return { name, ...told(name), values }
}

function told(name: MetricName): Pick<MetricDefinition, 'help' | 'type' | 'aggregator'> {
  const { help, type, aggregator } = METRICS[name]
  return { help, type, aggregator }
}

function histogramValues(
  name: string,
  { labels, counts, scale }: { readonly labels: Labels; readonly counts: BucketCounts; readonly scale: number },
): readonly MetricValue[] {
  let total = 0
  const buckets = [...counts.counts].map((count, place) => {
    total += count
    const bound = counts.bounds[place]
    const le = bound === undefined ? '+Inf' : Number((bound * scale).toPrecision(12))
    return { metricName: `${name}_bucket`, labels: { ...labels, le }, value: total }
  })
  return [
    ...buckets,
    { metricName: `${name}_sum`, labels, value: counts.sum * scale },
    { metricName: `${name}_count`, labels, value: total },
  ]
}
