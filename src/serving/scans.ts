import type { ReferenceKey } from '../registry/registry.ts'
import { decodeWire } from '../values/wire.ts'
import type { Cancellation } from './cancellation.ts'
import type { ScanLoader, ScanOutcome } from './loader.ts'
import type { PlannedScan, ReferenceField, RowSelection, Stage } from './plan.ts'
import { ascending, cellsOf } from './planning.ts'
import { objectOf, type RequestState } from './request.ts'
import type { ReadTrace } from './request-trace.ts'
import { type ObjectOutcome, type Row, type RowObject, rowSettler, storedValue } from './row-set.ts'
import type { ServingCounts } from './serving-counts.ts'

/** How a request reads. */
export interface ScanOptions {
  readonly loader: ScanLoader
  readonly cancellation: Cancellation | undefined
  readonly counts: ServingCounts
  /** Undefined: nobody wants to know. */
  readonly trace: ReadTrace | undefined
}

/**
 * Reads all that a request needs, stage by stage: an entity once a stage, a cell once a request. There is a promise only
 * where the store waits.
 */
export function runStages(state: RequestState, options: ScanOptions, from = 0): Promise<void> | undefined {
  const { stages } = state.plan
  for (let index = from; index < stages.length; index += 1) {
    const stage = stages[index]!
    const reading = readStage(state, stage, options)
    if (reading !== undefined) {
      return reading.then(() => {
        settleStage(state, stage)
        return runStages(state, options, index + 1)
      })
    }
    settleStage(state, stage)
  }
  return undefined
}

function readStage(state: RequestState, { scans }: Stage, options: ScanOptions): Promise<unknown> | undefined {
  let waiting: Promise<void>[] | undefined
  for (const scan of scans) {
    const reading = runScan(state, scan, options)
    if (reading === undefined) continue
    waiting ??= []
    waiting.push(reading)
  }
  return waiting === undefined ? undefined : Promise.all(waiting)
}

function settleStage(state: RequestState, { scans }: Stage): void {
  for (const scan of scans) for (const selection of scan.selections) settle(state, selection)
}

/** The views that a selection needs in this request, in registry order: those of its `featureInfo` hang on arguments. */
export function neededViews(state: RequestState, selection: RowSelection): readonly number[] {
  if (selection.infoSites.length === 0) return selection.views
  const views = new Set(selection.views)
  for (const { slot } of selection.infoSites) {
    const features = state.sites[slot]
    if (!Array.isArray(features)) continue
    for (const feature of features) views.add(selection.entity.batchViews.indexOf(feature.view))
  }
  return ascending(views)
}

function runScan(state: RequestState, scan: PlannedScan, options: ScanOptions): Promise<void> | undefined {
  const views = scanViews(state, scan)
  const rows: Row[] = []
  // Selections may share rows.
  const known = scan.selections.length === 1 ? undefined : new Set<Row>()
  for (const selection of scan.selections) {
    for (const { row } of state.objects.of(selection)) {
      if (known?.has(row) === true || !isUnread(row, views)) continue
      known?.add(row)
      rows.push(row)
    }
  }
  return rows.length === 0 ? undefined : readRowsInto(state, { scan, rows, views }, options)
}

function isUnread({ cells }: Row, views: readonly number[]): boolean {
  for (const view of views) if (cells[view] === undefined) return true
  return false
}

/** The views of all selections that have an object. */
function scanViews(state: RequestState, scan: PlannedScan): readonly number[] {
  if (scan.selections.length === 1) return neededViews(state, scan.selections[0]!)
  const wanted = new Set<number>()
  for (const selection of scan.selections) {
    if (state.objects.of(selection).length === 0) continue
    for (const view of neededViews(state, selection)) wanted.add(view)
  }
  // The plan's own list is the one that its cells belong to.
  return wanted.size === scan.views.length && scan.views.every((view) => wanted.has(view))
    ? scan.views
    : ascending(wanted)
}

interface RowsToRead {
  readonly scan: PlannedScan
  readonly rows: readonly Row[]
  readonly views: readonly number[]
}

function readRowsInto(state: RequestState, reading: RowsToRead, options: ScanOptions): Promise<void> | undefined {
  const { loader, cancellation, counts, trace } = options
  const reason = cancellation?.reason
  if (reason !== undefined) {
    failAll(reading, reason, counts)
    return undefined
  }
  const { scan, rows } = reading
  const views = unreadViews(reading)
  const read = { scan, rows, views }
  const keys = rows.map(({ key }) => key)
  const cells = views === scan.views ? scan.cells : cellsOf(scan.entity, views)
  const ended = trace?.read({ entity: scan.entity.name, keys: keys.length, views: views.length })
  const found = loader.load(scan.entity.name, { keys, cells, cancellation })
  if (!(found instanceof Promise)) {
    ended?.()
    fillAll(state, read, { found, counts })
    return undefined
  }
  return found.then(
    (outcomes) => {
      ended?.()
      fillAll(state, read, { found: outcomes, counts })
    },
    (error) => {
      ended?.(error)
      failAll(read, error, counts)
    },
  )
}

/** Mostly all of them: the rows of a first stage are new. */
function unreadViews({ rows, views }: RowsToRead): readonly number[] {
  const isAll = views.every((view) => rows[0]!.cells[view] === undefined)
  return isAll ? views : views.filter((view) => rows.some((row) => row.cells[view] === undefined))
}

/** What is read once stays read. */
function fillAll(
  state: RequestState,
  { scan, rows, views }: RowsToRead,
  { found, counts }: { readonly found: ScanOutcome; readonly counts: ServingCounts },
): void {
  const { batchViews } = scan.entity
  const { nowMicros } = state
  const onStale = (): void => {
    state.hasStale = true
  }
  const settlers = views.map((view) => rowSettler(batchViews[view]!, nowMicros, onStale))
  const counters = views.map((view) => counts.ofView(batchViews[view]!))
  let at = 0
  for (const { cells } of rows) {
    for (let index = 0; index < views.length; index += 1) {
      const view = views[index]!
      if (cells[view] === undefined) {
        const settled = settlers[index]!(found[at])
        cells[view] = settled
        counters[index]!.count(settled, nowMicros)
      }
      at += 1
    }
  }
}

function failAll({ scan, rows, views }: RowsToRead, error: Error, counts: ServingCounts): void {
  for (const view of views) {
    const counter = counts.ofView(scan.entity.batchViews[view]!)
    for (const { cells } of rows) {
      if (cells[view] !== undefined) continue
      cells[view] = error
      counter.failed += 1
    }
  }
}

/** Decides which of a selection's objects are null, and follows the references of the others into the next stage. */
function settle(state: RequestState, selection: RowSelection): void {
  const views = neededViews(state, selection)
  const { references } = selection
  for (const object of state.objects.of(selection)) {
    object.failure = failureOf(object.row, views)
    if (references.length === 0 || object.failure !== undefined) continue
    object.children = references.map((field) => follow(state, object, field))
  }
}

function failureOf(row: Row, views: readonly number[]): Error | undefined {
  for (const view of views) {
    const cell = row.cells[view]
    if (cell instanceof Error) return cell
  }
  return undefined
}

function follow(state: RequestState, { row }: RowObject, { reference, selection }: ReferenceField): ObjectOutcome {
  const key = reference.keys.map((column) => keyColumn(row, column))
  return key.includes(null) ? null : objectOf(state.objects, selection, key)
}

function keyColumn(row: Row, column: ReferenceKey): unknown {
  if (column.from === 'key') return row.values[column.index]
  const { feature } = column
  const cell = row.cells[row.entity.batchViews.indexOf(feature.view)]
  if (cell === undefined || cell instanceof Error) return null
  const { status, text } = storedValue(cell, feature)
  return status === 'PRESENT' ? decodeWire(feature.dtype, text!) : (feature.default ?? null)
}
