import type { Logger } from 'pino'
import type { GatewayOptions } from '../server/gateway.ts'
import { createMetrics, type Metrics } from '../server/metrics/metrics.ts'
import { type MetricsReport, metricsText } from '../server/metrics/metrics-text.ts'
import { createRequestTracing } from '../server/request-tracing.ts'
import { slowOperationHook } from '../server/slow-operations.ts'
import { createUsageReports } from '../server/usage-reports.ts'
import { watchedStore } from '../stores/online/watched-store.ts'
import { guardStores } from './guard-stores.ts'
import type { Deployment } from './load-config.ts'
import type { AroundStore } from './open-stores.ts'
import { packageVersion } from './package-version.ts'
import { startTracing } from './start-tracing.ts'
import type { WorkerProcess } from './worker-process.ts'

/** All that a gateway tells of itself, as its config asks for. */
export interface Telemetry {
  /** Goes around each store: it is measured, and guarded from without. */
  readonly around: AroundStore
  /** What the gateway is made with. */
  readonly gateway: Pick<GatewayOptions, 'metrics' | 'metricsText' | 'tracing' | 'hooks'>
  /** Sends what is not sent yet. Never rejects. */
  close(): Promise<void>
}

/** Throws DRIVER_MISSING where traces are asked for and what sends them is not installed. */
export async function startTelemetry(
  { config }: Deployment,
  { logger, worker }: { readonly logger: Logger; readonly worker: WorkerProcess | undefined },
): Promise<Telemetry> {
  const { server } = config
  const metrics = server.metrics ? createMetrics({ version: packageVersion() }) : undefined
  const { slowOperationMillis, tracing: traced, usage } = server
  const tracing =
    traced &&
    (await startTracing({
      ...traced,
      serviceName: traced.serviceName ?? config.name,
      version: packageVersion(),
      logger,
    }))
  const reports = usage && createUsageReports({ ...usage, logger })
  const slow = slowOperationMillis === undefined ? [] : [slowOperationHook(logger, slowOperationMillis)]
  const guard = guardStores(server.storeGuard, logger, (name) => metrics?.guardListener(name) ?? {})
  return {
    around: (store, opened) => guard(metrics === undefined ? store : measured(store, opened, metrics), opened),
    gateway: {
      metrics,
      metricsText: metrics && worker && textOfWorkers(metrics, worker),
      tracing: tracing && createRequestTracing(tracing.tracer, { system: config.online.name }),
      hooks: reports === undefined ? slow : [...slow, reports.hook],
    },
    close: async () => {
      await Promise.all([reports?.close(), tracing?.close()])
    },
  }
}

function measured(store: Parameters<AroundStore>[0], { name }: Parameters<AroundStore>[1], metrics: Metrics) {
  return watchedStore(store, metrics.storeListener(name, store.counts))
}

/** A primary that does not answer leaves a worker to tell of itself alone. */
const COLLECT_MILLIS = 3_000

function textOfWorkers(metrics: Metrics, worker: WorkerProcess): () => Promise<string> {
  worker.answerReports(() => metrics.report())
  return async () => {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<readonly MetricsReport[]>((resolve) => {
      timer = setTimeout(() => resolve([]), COLLECT_MILLIS)
    })
    const reports = (await Promise.race([worker.collect(), late])) as readonly MetricsReport[]
    clearTimeout(timer)
    const told = reports.filter((report) => Array.isArray(report))
    return metricsText(told.length > 0 ? told : [await metrics.report()])
  }
}
