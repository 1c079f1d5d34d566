import type { BatchViewDefinition } from '../definitions/batch-view.ts'
import type { FeaturesOf } from '../definitions/definition.ts'
import type { KeyDtype } from '../definitions/dtypes.ts'
import type { AnyEntity, KeyOf } from '../definitions/entity.ts'
import type { FeatureColumns } from '../definitions/view-feature.ts'
import { FieldstoneError } from '../errors.ts'
import { compareBytes } from '../lib/bytes.ts'
import { inspect } from '../lib/inspect.ts'
import { parseTimestamp } from '../lib/micros.ts'
import { closeRegistry } from '../registry/close.ts'
import type { RegistryBatchView } from '../registry/registry.ts'
import { compareValues } from '../values/order.ts'
import { type FeatureStatus, featureStatus, rowStatus } from '../values/status.ts'
import { tieBreakerBytes } from '../values/tie-breaker.ts'
import { decodeWire, encodeWire, WireProblem } from '../values/wire.ts'

type AnyBatchView = BatchViewDefinition<string, AnyEntity, FeatureColumns>

/**
 * A row as the source's columns give it: instants as RFC 3339 text or microseconds, other values as their dtype's JavaScript values.
 * A column that is left out is null.
 */
export type SourceRow = Readonly<Record<string, unknown>>

/** What a view serves for one key at one instant. */
export interface TestedKey<V extends AnyBatchView> {
  /** As it was given. */
  readonly at: string
  /** By the names of the entity's keys, in the one form of each value. */
  readonly key: KeyOf<V['entity']>
  /** After defaults (SPEC V5). */
  readonly values: FeaturesOf<V>
  readonly statuses: { readonly [K in keyof V['features']]: FeatureStatus }
}

/**
 * What a view serves at each instant for each key among the rows, in the order of the instants and then of the keys' first rows:
 * the rule of SPEC V1 and V2, without a store. Throws what materialization would reject, and what closing the definitions would.
 * @param instants RFC 3339
 */
export function testView<V extends AnyBatchView>(
  view: V,
  rows: readonly SourceRow[],
  instants: readonly string[],
): readonly TestedKey<V>[] {
  const closed = closeView(view)
  const byKey = Map.groupBy(
    rows.map((row) => readRow(closed, row)),
    ({ key }) => JSON.stringify(key.map(({ text }) => text)),
  )
  return instants.flatMap((at) =>
    [...byKey.values()].map((candidates) => serve<V>(closed, candidates, { at, atMicros: instantOf(at, 'instant') })),
  )
}

/** References lead to entities that the view does not need. */
function closeView(view: AnyBatchView): RegistryBatchView {
  const entity = { ...view.entity, references: {} }
  const registry = closeRegistry({ name: 'test', definitions: [entity, { ...view, entity }] })
  return registry.entities[0]!.batchViews[0]!
}

/** A key column's value: in its one form, and as the text that is the same for the same key alone. */
interface KeyColumn {
  readonly name: string
  readonly value: unknown
  readonly text: string
}

interface TestRow {
  readonly key: readonly KeyColumn[]
  readonly eventMicros: number
  readonly ingestMicros: number
  readonly tieBreaker: Uint8Array
  readonly tombstone: boolean
  readonly texts: readonly string[]
}

function readRow(view: RegistryBatchView, row: SourceRow): TestRow {
  const { source, entity, features } = view
  const eventMicros = source.eventTime === undefined ? 0 : instantOf(row[source.eventTime], source.eventTime)
  const tombstone = source.deletedColumn !== undefined && isDeleted(row, source.deletedColumn)
  return {
    key: entity.keys.map(({ name, dtype }, index) =>
      keyColumn(row, { name, dtype, column: source.keyColumns[index]! }),
    ),
    eventMicros,
    ingestMicros: source.ingestTime === undefined ? eventMicros : instantOf(row[source.ingestTime], source.ingestTime),
    tieBreaker: tieBreakerBytes(source.tieBreaker === undefined ? null : row[source.tieBreaker]),
    tombstone,
    texts: tombstone ? [] : features.map((feature) => textOf(feature, row)),
  }
}

function keyColumn(
  row: SourceRow,
  { name, dtype, column }: { readonly name: string; readonly dtype: KeyDtype; readonly column: string },
): KeyColumn {
  const given = row[column]
  if (given === undefined || given === null) throw keyInvalid(`a row without '${column}': ${inspect(row)}`)
  const value = canonicalKey(dtype, given)
  const text = encodeWire({ dtype, nonFinite: 'null' }, value)
  if (text instanceof WireProblem) throw keyInvalid(`${column} ${inspect(given)}, which is no ${dtype.kind}`)
  return { name, value, text }
}

function keyInvalid(seen: string): FieldstoneError {
  return new FieldstoneError('KEY_INVALID', { seen })
}

/** As materialization takes keys: whole numbers of any type for int64, uuids in any case. */
function canonicalKey({ kind }: KeyDtype, given: unknown): unknown {
  if (kind === 'int64' && typeof given === 'number' && Number.isSafeInteger(given)) return BigInt(given)
  return kind === 'uuid' && typeof given === 'string' ? given.toLowerCase() : given
}

function isDeleted(row: SourceRow, column: string): boolean {
  const value = row[column] ?? false
  if (typeof value === 'boolean') return value
  throw new FieldstoneError('VALUE_INVALID', { seen: `${column} ${inspect(value)}`, why: 'It is no boolean.' })
}

function instantOf(value: unknown, column: string): number {
  const micros = typeof value === 'string' ? parseTimestamp(value) : value
  if (typeof micros === 'number' && Number.isSafeInteger(micros)) return micros
  throw new FieldstoneError('VALUE_INVALID', { seen: `${column} ${inspect(value)}`, why: 'It is no instant.' })
}

function textOf(feature: RegistryBatchView['features'][number], row: SourceRow): string {
  const given = row[feature.column]
  const value = feature.dtype.kind === 'timestamp' && typeof given === 'string' ? parseTimestamp(given) : given
  const text = encodeWire(feature, value)
  if (text instanceof WireProblem) throw misfit(feature.name, text.reason)
  if (text === 'null' && !feature.nullable) throw misfit(feature.name, 'null where nullable is false')
  return text
}

function misfit(feature: string, reason: string): FieldstoneError {
  return new FieldstoneError('VALUE_INVALID', { seen: `feature '${feature}': ${reason}` })
}

function serve<V extends AnyBatchView>(
  view: RegistryBatchView,
  rows: readonly TestRow[],
  { at, atMicros }: { readonly at: string; readonly atMicros: number },
): TestedKey<V> {
  const known = rows.filter(({ eventMicros }) => view.source.eventTime === undefined || eventMicros <= atMicros)
  const newest = known.toSorted((a, b) => compareRows(view, b, a))[0]
  const { ttlMicros, retentionMicros } = view
  const limits = { ttlMicros, retentionMicros, timeless: view.source.eventTime === undefined }
  const status = rowStatus(newest, limits, atMicros)
  const served = view.features.map((feature, index) => {
    const text = newest?.texts[index] ?? 'null'
    const ownStatus = featureStatus(status, true, text === 'null')
    const value = ownStatus === 'PRESENT' ? decodeWire(feature.dtype, text) : (feature.default ?? null)
    return { name: feature.name, value, status: ownStatus }
  })
  return {
    at,
    key: Object.fromEntries(rows[0]!.key.map(({ name, value }) => [name, value])) as KeyOf<V['entity']>,
    values: Object.fromEntries(served.map(({ name, value }) => [name, value])) as FeaturesOf<V>,
    statuses: Object.fromEntries(served.map((feature) => [feature.name, feature.status])) as TestedKey<V>['statuses'],
  }
}

/** SPEC V1. */
function compareRows({ features }: RegistryBatchView, a: TestRow, b: TestRow): number {
  return (
    a.eventMicros - b.eventMicros ||
    a.ingestMicros - b.ingestMicros ||
    compareBytes(a.tieBreaker, b.tieBreaker) ||
    Number(a.tombstone) - Number(b.tombstone) ||
    compareValues(a.texts, b.texts, a.tombstone ? [] : features)
  )
}
