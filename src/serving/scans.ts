import { FieldstoneError } from '../errors.ts'
import type { ReferenceKey, RegistryEntity } from '../registry/registry.ts'
import { decodeWire } from '../values/wire.ts'
import type { ScanLoader } from './loader.ts'
import type { PlannedScan, ReferenceField, RowSelection } from './plan.ts'
import { ascending } from './planning.ts'
import { type ObjectOutcome, objectOf, type RequestState, type RowObject } from './request.ts'
import { type Row, storedValue, toViewRow } from './row-set.ts'

export interface ScanOptions {
  readonly loader: ScanLoader
  readonly signal: AbortSignal | undefined
}

/** Reads all that a request needs, stage by stage: an entity once a stage, a cell once a request. */
export async function runStages(state: RequestState, options: ScanOptions): Promise<void> {
  for (const stage of state.plan.stages) {
    await Promise.all(stage.scans.map((scan) => runScan(state, scan, options)))
    for (const scan of stage.scans) for (const selection of scan.selections) settle(state, selection)
  }
}

/** The views that a selection needs in this request, in registry order: those of its `featureInfo` hang on arguments. */
function neededViews(state: RequestState, selection: RowSelection): readonly number[] {
  if (selection.infoSites.length === 0) return selection.views
  const views = new Set(selection.views)
  for (const { slot } of selection.infoSites) {
    const features = state.sites[slot]
    if (!Array.isArray(features)) continue
    for (const feature of features) views.add(selection.entity.batchViews.indexOf(feature.view))
  }
  return ascending(views)
}

async function runScan(state: RequestState, scan: PlannedScan, options: ScanOptions): Promise<void> {
  const rows = new Set<Row>()
  const wanted = new Set<number>()
  for (const selection of scan.selections) {
    const objects = [...state.objects.of(selection)]
    if (objects.length === 0) continue
    for (const view of neededViews(state, selection)) wanted.add(view)
    for (const { row } of objects) rows.add(row)
  }
  const views = ascending(wanted)
  const unread = [...rows].filter((row) => views.some((view) => row.cells[view] === undefined))
  if (unread.length > 0) await readRowsInto({ entity: scan.entity, rows: unread, views }, state.nowMicros, options)
}

interface RowsToRead {
  readonly entity: RegistryEntity
  readonly rows: readonly Row[]
  readonly views: readonly number[]
}

async function readRowsInto(reading: RowsToRead, nowMicros: number, options: ScanOptions): Promise<void> {
  const { entity, rows } = reading
  const views = reading.views.filter((view) => rows.some((row) => row.cells[view] === undefined))
  const load = (): ReturnType<ScanLoader['load']> =>
    options.loader.load(entity.name, {
      keys: rows.map(({ key }) => key),
      views: views.map((view) => entity.batchViews[view]!.id),
    })
  try {
    const found = await untilAborted(load, options.signal)
    let at = 0
    for (const row of rows) {
      for (const view of views) {
        const outcome = found[at]
        at += 1
        row.cells[view] ??= outcome instanceof Error ? outcome : toViewRow(entity.batchViews[view]!, outcome, nowMicros)
      }
    }
  } catch (error) {
    for (const row of rows) for (const view of views) row.cells[view] ??= error as Error
  }
}

/** What is read once stays read, so a read that comes too late is simply dropped. */
async function untilAborted<T>(start: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return start()
  if (signal.aborted) throw aborted()
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(aborted())
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([start(), promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

function aborted(): FieldstoneError {
  return new FieldstoneError('REQUEST_ABORTED', { seen: 'a request' })
}

/** Decides which of a selection's objects are null, and follows the references of the others into the next stage. */
function settle(state: RequestState, selection: RowSelection): void {
  const views = neededViews(state, selection)
  for (const object of state.objects.of(selection)) {
    object.failure = failureOf(object.row, views)
    if (object.failure !== undefined) continue
    for (const field of selection.references) object.children.push(follow(state, object, field))
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
