import type { Clock } from '../lib/clock.ts'
import type { RegistryBatchView } from '../registry/registry.ts'
import type { OfflineStore } from '../stores/offline/offline-store.ts'
import { cellComparator } from '../stores/online/cell-order.ts'
import { type ColumnLists, columnListOf, createColumnLists } from '../stores/online/column-lists.ts'
import { assertApplied } from '../stores/online/deployment.ts'
import { acquireLease } from '../stores/online/leases.ts'
import type { CellWrite, OnlineStore } from '../stores/online/online-store.ts'
import { createRecords } from '../stores/online/records.ts'
import { writeRows } from '../stores/online/row-writer.ts'
import { type BatchWinners, batchWinners } from './batch-winners.ts'
import { keepLease, type LeaseKeeper } from './lease-keeper.ts'
import { type ProgressRecords, progressRecords, reachOf } from './progress-records.ts'
import { type RejectionReport, rejectionReport } from './rejection-report.ts'
import {
  assertColumns,
  type DecodedRow,
  Rejection,
  type RejectionReason,
  type RowDecoder,
  rowDecoder,
} from './row-decoder.ts'
import { type MaterializeRange, type ScanPass, type ScanPlan, scanPlan } from './scan-plan.ts'
import { type KeptKeys, keptKeys, removeAbsentKeys } from './static-removal.ts'

export interface MaterializeOptions {
  readonly view: RegistryBatchView
  readonly online: OnlineStore
  readonly offline: OfflineStore
  /** Asked once: the run's now, after which no row is dated (SPEC V1). */
  readonly clock: Clock
  readonly range: MaterializeRange
  /** Where the file of rejected rows goes, if there are any. */
  readonly reportDirectory: string
  /** Rows that are held at once. Default 10,000. */
  readonly maxBatchRows?: number
  /** Told after each batch. */
  readonly onProgress?: (progress: MaterializeProgress) => void
  /** Stops the run between batches; it rejects with the signal's reason, and the same run goes on from there. */
  readonly signal?: AbortSignal
}

export interface MaterializeProgress {
  readonly view: string
  readonly read: number
  readonly written: number
  readonly rejected: number
  /** How much of the span of time is behind, 0 to 1; undefined where the span is not known. */
  readonly fraction: number | undefined
}

/** What a run did. Every row read is written, superseded, unchanged or rejected. */
export interface MaterializeSummary {
  /** `name@version`. */
  readonly view: string
  readonly read: number
  readonly written: number
  /** Rows that a later row of their key stood above. */
  readonly superseded: number
  /** Rows that were there already. */
  readonly unchanged: number
  readonly rejected: number
  readonly rejectedByReason: Readonly<Partial<Record<RejectionReason, number>>>
  /** JSON lines, one a rejected row; undefined where there are none. */
  readonly reportFile: string | undefined
  /** Rows that another of their key, times and tie-breaker stands above by its values alone (SPEC V4). */
  readonly ambiguous: number
  /** Keys of a static table that had left it. */
  readonly removed: number
  /** Event times that were read, both ends inclusive; undefined is unbounded. */
  readonly fromMicros: number | undefined
  readonly toMicros: number
  /** Whether an earlier, stopped run was taken up. */
  readonly resumed: boolean
  readonly durationMillis: number
}

const DEFAULT_BATCH_ROWS = 10_000

/**
 * Brings the rows of a view's source into the online store: streamed, checked one by one, never regressing (SPEC V4). Running
 * it again changes nothing; killed at any point, it is run again.
 *
 * Rejects with NOT_APPLIED, LEASE_HELD, SOURCE_INVALID and the stores' errors.
 */
export async function materializeView(options: MaterializeOptions): Promise<MaterializeSummary> {
  const startedAt = performance.now()
  const records = createRecords(options.online)
  const lease = keepLease(await acquireLease(records, `materialize ${options.view.id}`))
  try {
    // Under the lease, for an apply that drops the view holds it.
    const applied = await assertApplied(records, options.view)
    const progress = progressRecords(records, options.view)
    const run = await startRun(options, { progress, lease, newestList: applied.columnList })
    for (const pass of run.plan.passes) await runPass(run, pass)
    const removed = await finishRun(run)
    return summaryOf(run, { removed, durationMillis: performance.now() - startedAt })
  } finally {
    await lease.release()
  }
}

/** One run on its way. */
interface Run {
  readonly options: MaterializeOptions
  readonly nowMicros: number
  readonly plan: ScanPlan
  readonly progress: ProgressRecords
  /** Names the run, so that a stopped one is known again. */
  readonly name: string
  /** Whether it goes on where an earlier one was stopped. */
  readonly isResumed: boolean
  readonly staticOrderMicros: number
  readonly lists: ColumnLists
  /** Fingerprint of the list that was applied last: another process's, where that was upgraded first. */
  readonly newestList: string
  readonly decoder: RowDecoder
  readonly report: RejectionReport
  readonly winners: BatchWinners
  readonly lease: LeaseKeeper
  readonly counts: { read: number; written: number; superseded: number; unchanged: number }
  /** Greatest time of the order's first column among the rows read. */
  watermarkMicros: number | undefined
  /** Of rejected rows of a static table: what is stored for them stays. */
  readonly rejectedKeys: KeptKeys
}

async function startRun(
  options: MaterializeOptions,
  { progress, lease, newestList }: Pick<Run, 'progress' | 'lease' | 'newestList'>,
): Promise<Run> {
  const { view, online, offline, clock, range } = options
  const nowMicros = clock.nowMicros()
  const isStatic = view.source.eventTime === undefined
  const staticOrderMicros = isStatic ? await progress.staticOrder(nowMicros) : nowMicros
  const name = JSON.stringify([view.fingerprint, reachOf(view), range])
  const list = columnListOf(view)
  const lists = createColumnLists(online)
  await lists.record(list)
  const decoder = rowDecoder(view, list, staticOrderMicros)
  assertColumns(view, decoder, await offline.describe(view.source.from))
  // A static run removes what it has not seen, so it begins anew.
  const checkpoint = isStatic ? undefined : await progress.checkpoint(name, nowMicros)
  const goesOnFrom = checkpoint ?? (range.kind === 'incremental' ? await progress.watermark() : undefined)
  const report = { view: view.id, nowMicros, columns: decoder.columns, continues: checkpoint !== undefined }
  return {
    options,
    nowMicros,
    plan: scanPlan(view, range, { nowMicros, goesOnFrom }),
    progress,
    name,
    isResumed: checkpoint !== undefined,
    staticOrderMicros,
    lists,
    newestList,
    decoder,
    report: rejectionReport(options.reportDirectory, report),
    winners: batchWinners(cellComparator(lists)),
    lease,
    counts: { read: 0, written: 0, superseded: 0, unchanged: 0 },
    watermarkMicros: undefined,
    rejectedKeys: keptKeys(),
  }
}

async function runPass(run: Run, pass: ScanPass): Promise<void> {
  const { options, decoder } = run
  const batches = options.offline.scan({
    from: options.view.source.from,
    columns: decoder.columns,
    orderBy: pass.orderBy,
    bounds: pass.bounds,
    maxBatchRows: options.maxBatchRows ?? DEFAULT_BATCH_ROWS,
  })
  for await (const batch of batches) {
    options.signal?.throwIfAborted()
    let lastMicros: number | undefined
    for (const row of batch) lastMicros = takeRow(run, row) ?? lastMicros
    await flush(run, pass, lastMicros)
  }
}

/** Gives the row's time in the order of the scan, where it has one. */
function takeRow(run: Run, row: Parameters<RowDecoder['decode']>[0]): number | undefined {
  run.counts.read += 1
  const decoded = run.decoder.decode(row)
  if (decoded instanceof Rejection) {
    run.report.add(decoded, row)
    if (isStatic(run) && decoded.key !== undefined) run.rejectedKeys.add(decoded.key)
    return undefined
  }
  run.winners.add(decoded)
  return run.options.view.source.ingestTime === undefined ? decoded.eventMicros : decoded.ingestMicros
}

function isStatic({ options }: Run): boolean {
  return options.view.source.eventTime === undefined
}

/** Writes the batch's winners, and only then notes how far the run has come. */
async function flush(run: Run, pass: ScanPass, lastMicros: number | undefined): Promise<void> {
  const { options, report, counts, progress } = run
  run.lease.assertHeld()
  await report.flush()
  const written = await writeRows(options.online, run.lists, {
    entity: options.view.entity.name,
    view: options.view.id,
    newestList: run.newestList,
    exclusive: true,
    rows: run.winners.take().map((row) => toWrite(options.view, row)),
  })
  counts.written += written.written
  counts.superseded += written.superseded
  counts.unchanged += written.unchanged
  if (lastMicros !== undefined && !isStatic(run)) {
    // Not past now: one row with an ingest time far ahead would hide all that come before that time.
    const micros = Math.min(lastMicros, run.nowMicros)
    run.watermarkMicros = Math.max(run.watermarkMicros ?? micros, micros)
    // Where the last pass has come says that those before it are done.
    if (pass === run.plan.passes.at(-1)) await progress.keep({ run: run.name, micros, nowMicros: run.nowMicros })
  }
  options.onProgress?.(progressOf(run, lastMicros))
}

function toWrite(view: RegistryBatchView, { key, cell, eventMicros }: DecodedRow): CellWrite {
  const reachMicros = reachOf(view)
  return { key, cell, removableAfterMicros: reachMicros === null ? undefined : eventMicros + reachMicros }
}

function progressOf(run: Run, lastMicros: number | undefined): MaterializeProgress {
  const { counts, report, plan, options } = run
  const { fromMicros, toMicros } = plan
  const isKnown = fromMicros !== undefined && lastMicros !== undefined && toMicros > fromMicros
  const fraction = isKnown ? Math.min(1, Math.max(0, (lastMicros - fromMicros) / (toMicros - fromMicros))) : undefined
  return { view: options.view.id, read: counts.read, written: counts.written, rejected: report.count, fraction }
}

/** Removes what left a static table, and notes where the next incremental run begins. Gives how many keys were removed. */
async function finishRun(run: Run): Promise<number> {
  const { options, progress, nowMicros, watermarkMicros } = run
  await run.lease.renew()
  if (isStatic(run)) {
    return removeAbsentKeys(options.online, options.view, {
      orderMicros: run.staticOrderMicros,
      kept: run.rejectedKeys,
      onBatch: () => {
        options.signal?.throwIfAborted()
        run.lease.assertHeld()
      },
    })
  }
  // Cleared first: beside a watermark that has moved, a checkpoint would let the next run begin where this one ended.
  await progress.clear()
  if (options.range.kind !== 'range' && watermarkMicros !== undefined) {
    await progress.advance({ micros: watermarkMicros, nowMicros })
  }
  return 0
}

function summaryOf(run: Run, end: { readonly removed: number; readonly durationMillis: number }): MaterializeSummary {
  const { counts, winners, report, plan, options } = run
  return {
    view: options.view.id,
    read: counts.read,
    written: counts.written,
    superseded: counts.superseded + winners.superseded,
    unchanged: counts.unchanged + winners.unchanged,
    rejected: report.count,
    rejectedByReason: report.byReason,
    reportFile: report.file,
    ambiguous: winners.ambiguous,
    removed: end.removed,
    fromMicros: plan.fromMicros,
    toMicros: plan.toMicros,
    resumed: run.isResumed,
    durationMillis: end.durationMillis,
  }
}
