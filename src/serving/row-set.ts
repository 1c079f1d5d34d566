import type { Dtype } from '../definitions/dtypes.ts'
import type { RegistryBatchView, RegistryEntity, StoredFeature } from '../registry/registry.ts'
import type { ColumnList } from '../stores/online/column-list.ts'
import { canonicalKeyValue, encodeKey, type KeyValues } from '../stores/online/key-codec.ts'
import { type CellHeader, isNullValue, valueText } from '../stores/online/row-codec.ts'
import { type RowOutcome, StaleRow } from '../stores/online/row-reader.ts'
import { type FeatureStatus, featureStatus, type RowStatus, rowStatus } from '../values/status.ts'

/** One key of an entity within one request. Every view of it is read at most once, whoever asks. */
export interface Row {
  readonly entity: RegistryEntity
  readonly values: KeyValues
  readonly key: Uint8Array
  /** By position in `entity.batchViews`; undefined: not read yet. An Error says why it could not be read. */
  readonly cells: (ViewRow | Error | undefined)[]
  /** By the ids of selections: what each makes of the row. */
  readonly objects: (RowObject | undefined)[]
}

/** A row as one selection sees it. */
export interface RowObject {
  readonly row: Row
  /** Why the object is null: the first view that this selection needs and that could not be read. */
  failure: Error | undefined
  /** By `ReferenceField.index`: what the row refers to. Filled once the row is read. */
  children: readonly ObjectOutcome[]
}

/** Null: a reference whose key is null. An Error: a key that was refused. */
export type ObjectOutcome = RowObject | Error | null

/** What one view holds for one key, with all that its features need settled. */
export interface ViewRow {
  /** Undefined: there is no row. */
  readonly header: CellHeader | undefined
  readonly status: RowStatus
  /** For each feature of the view its column in the cell; -1 where the row was written without it. */
  readonly columns: Int32Array
  /** Of a cache's copy, which stands in for a row that could not be read: how long ago the store was asked. */
  readonly staleMillis: number | undefined
}

/** The rows of one entity in one request. */
export interface RowSet {
  /** Finds or adds the row of a key as GraphQL or a feature gave it. Throws KEY_INVALID. */
  find(given: readonly unknown[]): Row
}

/** An empty set. A key that is given in two forms (an int64 as number and as digits) is one row. */
export function createRowSet(entity: RegistryEntity): RowSet {
  const rows = new Map<string | bigint, Row>()
  const viewCount = entity.batchViews.length
  return {
    find: (given) => {
      const values: (string | bigint)[] = []
      for (let index = 0; index < given.length; index += 1) values.push(canonicalKeyValue(entity, index, given[index]))
      const name = values.length === 1 ? values[0]! : compositeName(values)
      const known = rows.get(name)
      if (known !== undefined) return known
      const cells: Row['cells'] = []
      for (let view = 0; view < viewCount; view += 1) cells.push(undefined)
      const row: Row = { entity, values, key: encodeKey(entity, values), cells, objects: [] }
      rows.set(name, row)
      return row
    },
  }
}

/** Lengths stand first, so that no two keys share a name. */
function compositeName(values: KeyValues): string {
  const texts = values.map(String)
  return `${texts.map(({ length }) => length).join(',')}:${texts.join('')}`
}

/** Settles what was read of one view, once for all of its features. */
export type SettleRow = (outcome: RowOutcome) => ViewRow | Error

/** Makes what settles the rows of a view at one instant: a row's status, and where its features are in it. `onStale` is told of copies. */
export function rowSettler(view: RegistryBatchView, nowMicros: number, onStale: () => void): SettleRow {
  const { ttlMicros, retentionMicros } = view
  const limits = { ttlMicros, retentionMicros, timeless: view.source.eventTime === undefined }
  const absent = absentRow(view)
  // Rows of one view are nearly always of one list.
  let lastList: ColumnList | undefined
  let lastColumns = absent.columns
  const settle: SettleRow = (outcome) => {
    if (outcome === undefined) return absent
    if (outcome instanceof Error) return outcome
    if (outcome instanceof StaleRow) {
      onStale()
      return { ...(settle(outcome.row) as ViewRow), staleMillis: outcome.ageMillis }
    }
    const { header, list } = outcome
    if (list !== lastList) {
      lastList = list
      lastColumns = columnsOf(view, list)
    }
    return { header, status: rowStatus(header, limits, nowMicros), columns: lastColumns, staleMillis: undefined }
  }
  return settle
}

const absentRows = new WeakMap<RegistryBatchView, ViewRow>()

function absentRow(view: RegistryBatchView): ViewRow {
  const known = absentRows.get(view)
  if (known !== undefined) return known
  const columns = new Int32Array(view.features.length).fill(-1)
  const row: ViewRow = { header: undefined, status: 'NOT_FOUND', columns, staleMillis: undefined }
  absentRows.set(view, row)
  return row
}

const ownColumns = new WeakMap<RegistryBatchView, Int32Array>()

/** The columns of every row that was written with the view's features as they are now: each feature at its own place. */
export function ownColumnsOf(view: RegistryBatchView): Int32Array {
  const known = ownColumns.get(view)
  if (known !== undefined) return known
  const columns = Int32Array.from(view.features, (_, index) => index)
  ownColumns.set(view, columns)
  return columns
}

const knownColumns = new WeakMap<RegistryBatchView, WeakMap<ColumnList, Int32Array>>()

function columnsOf(view: RegistryBatchView, list: ColumnList): Int32Array {
  const ofView = knownColumns.get(view) ?? new WeakMap<ColumnList, Int32Array>()
  knownColumns.set(view, ofView)
  const known = ofView.get(list)
  if (known !== undefined) return known
  const found = Int32Array.from(view.features, (feature) => columnOf(feature, list))
  const columns = found.every((column, index) => column === index) ? ownColumnsOf(view) : found
  ofView.set(list, columns)
  return columns
}

/** A column of another kind under the feature's name is not its column: it is never misread (SPEC S2). */
function columnOf(feature: StoredFeature, list: ColumnList): number {
  const index = list.indexOf.get(feature.name)
  if (index === undefined) return -1
  const { dtype, nonFinite } = list.columns[index]!
  const isSame = isOneKind(dtype, feature.dtype) && (nonFinite === 'null' || feature.nonFinite === 'string')
  return isSame ? index : -1
}

/** Members of an enum may be added within a version, so they are not compared. */
function isOneKind(stored: Dtype, declared: Dtype): boolean {
  if (stored.kind === 'vector') return declared.kind === 'vector' && declared.dimensions === stored.dimensions
  if (stored.kind === 'list') return declared.kind === 'list' && declared.of.kind === stored.of.kind
  return stored.kind === declared.kind
}

/** A stored feature of a row: its status, and its text where it is PRESENT. */
export interface StoredValue {
  readonly status: FeatureStatus
  readonly text: string | undefined
}

/** The status of a stored feature (SPEC V2): NOT_FOUND also where the row was written without it. */
export function storedStatus(row: ViewRow, feature: StoredFeature): FeatureStatus {
  const column = row.columns[feature.index]!
  return featureStatus(row.status, column >= 0, column >= 0 && isNullValue(row.header!, column))
}

/** The text is made anew for each call: for on-demand inputs and keys of references, never for answers. */
export function storedValue(row: ViewRow, feature: StoredFeature): StoredValue {
  const status = storedStatus(row, feature)
  const text = status === 'PRESENT' ? valueText(row.header!, row.columns[feature.index]!) : undefined
  return { status, text }
}
