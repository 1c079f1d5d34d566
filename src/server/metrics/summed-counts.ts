import type { MetricFamily, MetricValue } from './metric-family.ts'
import type { MetricsReport } from './metrics-text.ts'

/**
 * What only grows of several reports, added up: counters and histograms. It stands for processes that have ended. Without it the sums
 * over all processes would fall, which Prometheus takes for a new beginning: it would count all that the others have counted once more.
 */
export function summedCounts(reports: readonly MetricsReport[]): MetricsReport {
  const families = new Map<string, MetricFamily>()
  for (const family of reports.flat()) {
    if (family.type !== 'counter' && family.type !== 'histogram') continue
    const values = [...(families.get(family.name)?.values ?? []), ...family.values]
    families.set(family.name, { ...family, values: summed(values) })
  }
  return [...families.values()]
}

function summed(values: readonly MetricValue[]): readonly MetricValue[] {
  const sums = new Map<string, MetricValue>()
  for (const value of values) {
    const name = JSON.stringify([value.metricName, Object.entries(value.labels).sort()])
    sums.set(name, { ...value, value: value.value + (sums.get(name)?.value ?? 0) })
  }
  return [...sums.values()]
}
