import type { ErrorCode } from '../../errors.ts'
import type { Registry } from '../../registry/registry.ts'
import type { Serving } from '../../serving/serving.ts'
import type { ViewCounts } from '../../serving/serving-counts.ts'
import type { RequestHook } from '../hooks.ts'
import { family, histogramFamily, type MetricFamily } from './metric-family.ts'
import type { MetricsReport } from './metrics-text.ts'
import { processMetrics } from './process-metrics.ts'
import { createRequestMetrics } from './request-metrics.ts'
import { createStoreMetrics, type StoreMetrics } from './store-metrics.ts'

/** What is asked when metrics are collected. */
export interface Served {
  readonly serving: Serving
  readonly registry: Registry
  readonly inFlight: number
}

/** Counts what a gateway does. Made before its stores are opened, so that it can listen to them. */
export interface Metrics extends Pick<StoreMetrics, 'storeListener' | 'guardListener'> {
  readonly hook: RequestHook
  /** A request was refused before GraphQL saw it. */
  refused(code: string): void
  /** Says what is served from now on. */
  observe(served: () => Served): void
  /** Everything counted so far, of this process alone. */
  report(): Promise<MetricsReport>
}

/** What does not change while a gateway runs. */
export interface MetricsOptions {
  /** Of Fieldstone. */
  readonly version: string
}

/** Codes of requests that nothing is wrong with: why they are turned away all the same. */
const SHED_REASONS: ReadonlyMap<string, string> = new Map<ErrorCode, string>([
  ['OVERLOADED', 'event loop'],
  ['TOO_MANY_REQUESTS', 'queue'],
  ['SHUTTING_DOWN', 'draining'],
])

export function createMetrics(options: MetricsOptions): Metrics {
  // What it tells of is counted from now on.
  processMetrics()
  const requests = createRequestMetrics()
  const stores = createStoreMetrics()
  const shed = new Map<string, number>()
  const refused = new Map<string, number>()
  let served: (() => Served) | undefined

  function collect(): MetricsReport {
    return [
      ...requests.collect(),
      ...stores.collect(),
      family('fieldstone_shed_requests_total', labelled('reason', shed)),
      family('fieldstone_refused_requests_total', labelled('code', refused)),
      ...(served === undefined ? [] : collectServed(served(), options)),
    ]
  }

  return {
    hook: requests.hook,
    storeListener: stores.storeListener,
    guardListener: stores.guardListener,
    refused: (code) => {
      countIn(refused, code)
      const reason = SHED_REASONS.get(code)
      if (reason !== undefined) countIn(shed, reason)
    },
    observe: (next) => {
      served = next
    },
    report: async () => [...collect(), ...((await processMetrics().getMetricsAsJSON()) as unknown as MetricsReport)],
  }
}

function countIn(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1)
}

function labelled(label: string, counts: ReadonlyMap<string, number>) {
  return [...counts].map(([name, count]) => [{ [label]: name }, count] as const)
}

function collectServed(served: Served, { version }: MetricsOptions): readonly MetricFamily[] {
  const { serving, registry, inFlight } = served
  const { plans, counts } = serving
  const { name: deployment, fingerprint } = registry
  return [
    family('fieldstone_requests_in_flight', [[{}, inFlight]]),
    family('fieldstone_unknown_column_list_cells_total', [[{}, counts.unknownColumnLists]]),
    family('fieldstone_plans', [[{}, plans.count]]),
    family('fieldstone_plan_cache_bytes', [[{}, plans.sizeBytes]]),
    family(
      'fieldstone_plan_finds_total',
      Object.entries(counts.finds).map(([find, count]) => [{ find }, count]),
    ),
    ...collectReads(serving),
    family('fieldstone_build_info', [[{ version, deployment, fingerprint }, 1]]),
  ]
}

function collectReads({ counts }: Serving): readonly MetricFamily[] {
  const entities = [...counts.entities]
  const views = [...counts.views]
  const each = (pick: (reads: (typeof entities)[number]) => number) =>
    entities.map((reads) => [{ entity: reads.entity }, pick(reads)] as const)
  return [
    family(
      'fieldstone_loader_scans_total',
      each(({ scans }) => scans),
    ),
    family(
      'fieldstone_loader_reads_total',
      each(({ reads }) => reads),
    ),
    family(
      'fieldstone_loader_keys_asked_total',
      each(({ keysAsked }) => keysAsked),
    ),
    family(
      'fieldstone_loader_keys_read_total',
      each(({ keysRead }) => keysRead),
    ),
    family('fieldstone_view_rows_total', views.flatMap(rowsByLabels)),
    family(
      'fieldstone_view_stale_rows_total',
      views.map(({ view, stale }) => [{ view }, stale] as const),
    ),
    histogramFamily(
      'fieldstone_view_row_age_seconds',
      views.flatMap(({ view, ages }) => (ages === undefined ? [] : [[{ view }, ages] as const])),
    ),
  ]
}

function rowsByLabels({ view, present, outsideMaxAge, notFound, failed }: ViewCounts) {
  return [
    [{ view, status: 'PRESENT' }, present],
    [{ view, status: 'OUTSIDE_MAX_AGE' }, outsideMaxAge],
    [{ view, status: 'NOT_FOUND' }, notFound],
    [{ view, status: 'FAILED' }, failed],
  ] as const
}
