import { invariant } from '../../lib/assert.ts'
import type { OnDemandFeature, RegistryFeature, StoredFeature } from '../../registry/registry.ts'
import { FEATURE_STATUSES, type FeatureStatus } from '../../values/status.ts'
import type { Call } from '../on-demand-calls.ts'
import type { ColumnList } from '../plan.ts'
import { type Row, storedStatus } from '../row-set.ts'
import { encoded, NULL, otherwiseText, type WriteContext } from './write-context.ts'
import { compileComputed, isServed } from './write-on-demand.ts'
import { storedBytes, viewPosition, viewRowOf } from './write-stored.ts'
import { compileVector, wholeOf } from './write-vector.ts'

/**
 * Writes an element, or writes nothing and gives the error that stands in its place. `call` is undefined for stored
 * features.
 */
export type WriteCell = (row: Row, call: Call | undefined, context: WriteContext) => Error | undefined

const STATUS_TEXTS = Object.fromEntries(
  FEATURE_STATUSES.map((status) => [status, encoded(JSON.stringify(status))]),
) as Readonly<Record<FeatureStatus, Buffer>>

/** Compiles what a list holds of one row: a value or a status. Values of stored leaves are not for it. */
export function compileColumnCell(list: ColumnList, feature: RegistryFeature): WriteCell {
  if (feature.kind === 'stored')
    return list.kind === 'values' ? storedVectorCell(list, feature) : storedStatusCell(feature)
  return list.kind === 'values' ? computedCell(list, feature) : computedStatusCell(feature)
}

/** Leaves have a loop of their own: see `compileStoredColumn`. */
function storedVectorCell({ vector }: ColumnList, feature: StoredFeature): WriteCell {
  invariant(vector !== undefined && feature.dtype.kind === 'vector', `${feature.name} is a vector`)
  const position = viewPosition({ feature })
  const writeVector = compileVector(vector, feature.dtype.dimensions)
  const fallback = feature.default === undefined ? undefined : wholeOf(otherwiseText(feature))
  return (row, _, context) => {
    const bytes = storedBytes(viewRowOf(row, position), feature) ?? fallback
    if (bytes !== undefined && vector.refusal !== undefined) return vector.refusal
    if (bytes === undefined) context.out.raw(NULL)
    else writeVector(bytes, context)
    return undefined
  }
}

function storedStatusCell(feature: StoredFeature): WriteCell {
  const position = viewPosition({ feature })
  return (row, _, { out }) => {
    out.raw(STATUS_TEXTS[storedStatus(viewRowOf(row, position), feature)])
    return undefined
  }
}

function computedCell({ vector }: ColumnList, feature: OnDemandFeature): WriteCell {
  const write = compileComputed(feature, vector)
  return (row, call, context) => {
    const outcome = context.state.calls.evaluate(call!, row)[feature.index]!
    if ('error' in outcome) return outcome.error
    if (vector?.refusal !== undefined && isServed(feature, outcome)) return vector.refusal
    write(outcome, context)
    return undefined
  }
}

function computedStatusCell(feature: OnDemandFeature): WriteCell {
  return (row, call, { out, state }) => {
    const outcome = state.calls.evaluate(call!, row)[feature.index]!
    if ('error' in outcome) return outcome.error
    out.raw(STATUS_TEXTS[outcome.status])
    return undefined
  }
}
