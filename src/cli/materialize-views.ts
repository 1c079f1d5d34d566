import { resolve } from 'node:path'
import { FieldstoneError } from '../errors.ts'
import { type MaterializeSummary, materializeView } from '../materialize/materialize.ts'
import { materializeDue } from '../materialize/materialize-due.ts'
import type { MaterializeRange } from '../materialize/scan-plan.ts'
import type { RegistryBatchView } from '../registry/registry.ts'
import type { OfflineStore } from '../stores/offline/offline-store.ts'
import { findNamed } from './known-names.ts'
import type { Deployment } from './load-config.ts'
import { type Online, openOffline } from './open-stores.ts'
import { batchViews } from './planned-changes.ts'
import { progressReport } from './progress.ts'
import { summaryLines } from './summary-lines.ts'
import type { Terminal } from './terminal.ts'
import { waitForLease } from './wait-for-lease.ts'

export interface MaterializeViewsOptions {
  /** Names; undefined: all. */
  readonly view?: readonly string[]
  /** Event times in microseconds since 1970, both ends inclusive. */
  readonly from?: number
  readonly to?: number
  /** Whether only rows that came since the last run are read. */
  readonly incremental?: boolean
  /** Whether only views are run whose schedule says so. */
  readonly due?: boolean
  /** Whether a lease that another run holds is waited for. Default: LEASE_HELD. */
  readonly waits?: boolean
  /** Rows that may be rejected, of all views together. Undefined: any number. */
  readonly maxRejected?: number
  readonly terminal: Terminal
  readonly signal: AbortSignal
}

/**
 * Materializes views one after another and prints a summary of each. Throws NAME_UNKNOWN before anything is read,
 * ROWS_REJECTED after all is done, and what a run throws.
 */
export async function materializeViews(
  deployment: Deployment,
  online: Online,
  options: MaterializeViewsOptions,
): Promise<readonly MaterializeSummary[]> {
  const all = batchViews(deployment)
  const views = options.view === undefined ? all : findNamed('view', options.view, all)
  const offline = await openOffline(deployment)
  const summaries: MaterializeSummary[] = []
  try {
    for (const view of views) {
      const summary = await runView({ deployment, online, offline, view }, options)
      if (summary !== undefined) summaries.push(summary)
    }
  } finally {
    for (const line of summaryLines(summaries)) options.terminal.print(line)
    await offline.close()
  }
  report(summaries, options)
  return summaries
}

interface ViewRun {
  readonly deployment: Deployment
  readonly online: Online
  readonly offline: OfflineStore
  readonly view: RegistryBatchView
}

async function runView(
  { deployment, online, offline, view }: ViewRun,
  options: MaterializeViewsOptions,
): Promise<MaterializeSummary | undefined> {
  const { config, directory } = deployment
  const progress = await progressReport(options.terminal, view.id)
  const run = {
    view,
    online: online.store,
    offline,
    clock: config.clock,
    reportDirectory: resolve(directory, config.materialize.reportDirectory),
    maxBatchRows: config.materialize.maxBatchRows,
    onProgress: (at: { readonly read: number; readonly fraction: number | undefined }) =>
      progress.update(at.read, at.fraction),
    signal: options.signal,
  }
  const start = () => (options.due ? materializeDue(run) : materializeView({ ...run, range: rangeOf(options) }))
  try {
    const summary = await (options.waits ? waitForLease(start, options) : start())
    if (summary === undefined) options.terminal.note(`${view.id} is not due`)
    return summary
  } finally {
    progress.done()
  }
}

function rangeOf({ from, to, incremental }: MaterializeViewsOptions): MaterializeRange {
  if (incremental) return { kind: 'incremental' }
  if (from === undefined && to === undefined) return { kind: 'full' }
  return { kind: 'range', fromMicros: from, toMicros: to }
}

/** Names the report files, and throws ROWS_REJECTED where there are too many. */
function report(summaries: readonly MaterializeSummary[], { maxRejected, terminal }: MaterializeViewsOptions): void {
  const withReports = summaries.filter(({ reportFile }) => reportFile !== undefined)
  for (const { view, reportFile } of withReports) terminal.note(`${view}: rejected rows are in ${reportFile}`)
  const rejected = summaries.reduce((sum, summary) => sum + summary.rejected, 0)
  if (maxRejected === undefined || rejected <= maxRejected) return
  throw new FieldstoneError('ROWS_REJECTED', {
    seen: `${rejected} rows were rejected, ${maxRejected} allowed: ${withReports.map(reasonsOf).join('; ')}`,
  })
}

function reasonsOf({ view, rejectedByReason }: MaterializeSummary): string {
  const counts = Object.entries(rejectedByReason).map(([reason, count]) => `${count} ${reason}`)
  return `${view} ${counts.join(', ')}`
}
