import { formatTimestamp } from '../../lib/micros.ts'
import type { StoredFeature } from '../../registry/registry.ts'
import type { FeatureInfoField } from '../../sdl/field-meaning.ts'
import type { FeatureStatus } from '../../values/status.ts'
import { addErrorBelow } from '../errors-in-place.ts'
import type { FeatureInfoListField, FeatureInfoMember, Selection } from '../plan.ts'
import { type RowObject, storedStatus, type ViewRow } from '../row-set.ts'
import {
  CLOSE_LIST,
  COMMA,
  compileObject,
  constantField,
  fieldPrefix,
  NULL,
  OPEN_LIST,
  type Write,
  writeErrorBelow,
} from './write-context.ts'
import { viewPosition, viewRowOf } from './write-stored.ts'

/** One stored feature of one row, as FeatureInfo tells of it. */
interface Told {
  readonly feature: StoredFeature
  readonly cell: ViewRow
  readonly status: FeatureStatus
}

/** Compiles `featureInfo`: for each named feature one object. */
export function compileFeatureInfo(field: FeatureInfoListField, index: number): Write<RowObject> {
  const prefix = fieldPrefix(field.responseKey, index)
  const writeInfo = compileInfo(field.selection)
  const { refusal } = field.selection
  return ({ row }, context) => {
    const { out, state } = context
    out.raw(prefix)
    const features = state.sites[field.site.slot] as Error | readonly StoredFeature[]
    if (features instanceof Error) return writeErrorBelow(context, features, field)
    // The elements are non-null: the first that is refused makes the whole list null.
    if (refusal !== undefined && features.length > 0) {
      addErrorBelow(context, refusal, { steps: [field.responseKey, 0], nodes: field.nodes })
      return out.raw(NULL)
    }
    out.raw(OPEN_LIST)
    for (const [place, feature] of features.entries()) {
      if (place > 0) out.raw(COMMA)
      const cell = viewRowOf(row, viewPosition({ feature }))
      writeInfo({ feature, cell, status: storedStatus(cell, feature) }, context)
    }
    out.raw(CLOSE_LIST)
  }
}

function compileInfo(selection: Selection<FeatureInfoMember>): Write<Told> {
  return compileObject(selection, (member, index): Write<Told> => {
    if (member.kind === 'typename') return constantField(member.responseKey, index, `"${selection.typeName}"`)
    const prefix = fieldPrefix(member.responseKey, index)
    const { field } = member
    return (told, { out, state }) => {
      out.raw(prefix)
      out.text(JSON.stringify(tell(field, told, state.nowMicros)))
    }
  })
}

function tell(field: FeatureInfoField, told: Told, nowMicros: number): string | number | boolean | null {
  const { feature, status } = told
  switch (field) {
    case 'name':
      return feature.name
    case 'status':
      return status
    case 'view':
      return feature.view.name
    case 'version':
      return feature.view.version
    case 'stale':
      return told.cell.staleMillis !== undefined
    case 'eventTime':
      return whenTimed(told, ({ eventMicros }) => formatTimestamp(eventMicros))
    case 'ageSeconds':
      return whenTimed(told, ({ eventMicros }) => (nowMicros - eventMicros) / 1_000_000)
    case 'ingestTime':
      return status === 'NOT_FOUND' ? null : formatTimestamp(told.cell.header!.ingestMicros)
    default:
      return field satisfies never
  }
}

/** Rows that are not there have no time, and those of a static table hold at every instant. */
function whenTimed<T>({ feature, cell, status }: Told, of: (header: NonNullable<ViewRow['header']>) => T): T | null {
  const isTimeless = feature.view.source.eventTime === undefined
  return status === 'NOT_FOUND' || isTimeless ? null : of(cell.header!)
}
