import type { Dtype } from '../../src/definitions/dtypes.ts'
import { formatTimestamp } from '../../src/lib/micros.ts'
import type { RegistryFeature, StoredFeature } from '../../src/registry/registry.ts'
import type { Column } from '../../src/stores/online/column-list.ts'
import { valueText } from '../../src/stores/online/row-codec.ts'
import { rowIn, StaleRow, type StoredRow } from '../../src/stores/online/row-reader.ts'
import { featureStatus, rowStatus } from '../../src/values/status.ts'
import { decodeWire, encodeWire, WireProblem } from '../../src/values/wire.ts'
import type { ReferenceRequest } from './reference.ts'
import { createOnDemand, type Served, withDefault } from './reference-on-demand.ts'
import type { EntityObject, Reading } from './reference-reading.ts'

export interface Values {
  /** With the default applied (SPEC V5). Rejects where the function throws or its arguments do not fit. */
  served(object: EntityObject, feature: RegistryFeature, args: Readonly<Record<string, unknown>>): Promise<Served>
  /** As GraphQL serializes it. */
  leaf(object: EntityObject, feature: RegistryFeature, args: Readonly<Record<string, unknown>>): Promise<unknown>
  info(object: EntityObject, feature: StoredFeature): Promise<Readonly<Record<string, unknown>>>
}

/** Values of features for objects whose needed cells can be read. */
export function createValues(reading: Reading, { nowMicros, met }: ReferenceRequest): Values {
  const onDemand = createOnDemand({ stored, nowMicros, met })

  async function stored(object: EntityObject, feature: StoredFeature): Promise<Served> {
    const row = rowIn(await reading.cell(object, feature.view))
    const { ttlMicros, retentionMicros, source } = feature.view
    const limits = { ttlMicros, retentionMicros, timeless: source.eventTime === undefined }
    const index = row === undefined ? undefined : columnOf(row, feature)
    const text =
      row === undefined || row.header.tombstone || index === undefined ? 'null' : valueText(row.header, index)
    const status = featureStatus(rowStatus(row?.header, limits, nowMicros), index !== undefined, text === 'null')
    return { value: status === 'PRESENT' ? decodeWire(feature.dtype, text) : null, status }
  }

  async function served(
    object: EntityObject,
    feature: RegistryFeature,
    args: Readonly<Record<string, unknown>>,
  ): Promise<Served> {
    const own =
      feature.kind === 'stored' ? await stored(object, feature) : await onDemand.computed(object, feature, args)
    return withDefault(own, feature)
  }

  async function leaf(
    object: EntityObject,
    feature: RegistryFeature,
    args: Readonly<Record<string, unknown>>,
  ): Promise<unknown> {
    const { value, status } = await served(object, feature, args)
    met(status)
    if (value !== null) met(feature.dtype.kind)
    return leafOf(feature, value)
  }

  async function info(object: EntityObject, feature: StoredFeature): Promise<Readonly<Record<string, unknown>>> {
    const { status } = await stored(object, feature)
    met(status)
    met('featureInfo')
    const outcome = await reading.cell(object, feature.view)
    const row = rowIn(outcome)
    const isKnown = status !== 'NOT_FOUND' && row !== undefined
    const hasTime = isKnown && feature.view.source.eventTime !== undefined
    return {
      name: feature.name,
      status,
      eventTime: hasTime ? formatTimestamp(row.header.eventMicros) : null,
      ingestTime: isKnown ? formatTimestamp(row.header.ingestMicros) : null,
      ageSeconds: hasTime ? (nowMicros - row.header.eventMicros) / 1_000_000 : null,
      view: feature.view.name,
      version: feature.view.version,
      stale: outcome instanceof StaleRow,
    }
  }

  return { served, leaf, info }
}

/** Where the feature's value is; undefined where the row was written without it, or with another dtype under its name (SPEC S2). */
function columnOf({ list }: StoredRow, feature: StoredFeature): number | undefined {
  const index = list.columns.findIndex(({ name }) => name === feature.name)
  return index >= 0 && isOf(list.columns[index]!, feature) ? index : undefined
}

function isOf(column: Column, feature: StoredFeature): boolean {
  return (
    shapeOf(column.dtype) === shapeOf(feature.dtype) && (column.nonFinite === 'null' || feature.nonFinite === 'string')
  )
}

function shapeOf(dtype: Dtype): string {
  if (dtype.kind === 'vector') return `vector of ${dtype.dimensions}`
  return dtype.kind === 'list' ? `list of ${dtype.of.kind}` : dtype.kind
}

/** The value that a scalar serializes: JSON of the wire text. */
function leafOf(feature: RegistryFeature, value: unknown): unknown {
  const text = encodeWire(feature, value)
  if (text instanceof WireProblem) throw new Error(text.reason)
  const leaf: unknown = JSON.parse(text)
  if (feature.dtype.kind !== 'vector' || leaf === null) return leaf
  return { dimensions: feature.dtype.dimensions, values: [...(value as Float32Array)], base64F32: leaf }
}
