import type { OperationDefinitionNode } from 'graphql'
import { explainCost, isSelected } from './explain-cost.ts'
import type {
  ArgumentSite,
  EntityField,
  EntitySelection,
  PlannedScan,
  QueryPlan,
  RoleSelection,
  RootField,
  RowSelection,
} from './plan.ts'

export interface ExplainOptions {
  readonly operation: OperationDefinitionNode
  /** Variables of `@skip` and `@include` that the plan was not made for: it is made as if all let their selections in. */
  readonly openConditions: readonly string[]
}

/** A plan as text: what is read in which stage and why, what is computed, and what graphql-js answers. */
export function explainPlan(plan: QueryPlan, { operation, openConditions }: ExplainOptions): string {
  const places = placesOf(plan)
  const reads = plan.stages.flatMap(({ scans }) => scans.filter(isRead))
  const lines = [
    [operation.operation, operation.name?.value].filter(Boolean).join(' '),
    ...(openConditions.length === 0
      ? []
      : [`conditions ${openConditions.map((name) => `$${name}`).join(', ')}: shown with all that they let in`]),
    ...plan.stages.flatMap(({ scans }, index) => explainStage(scans, index, places)),
    ...section('computed', computedLines(plan, places)),
    ...section('by graphql-js', plan.fallbackFields),
    ...section('cost', explainCost(plan)),
    `reads: ${reads.length === 0 ? 'none' : `${reads.length} at most`}`,
  ]
  return lines.join('\n')
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [title, ...indent(lines)]
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`)
}

/** For each selection of rows where it is in the answer, and how its keys are found. */
type Places = ReadonlyMap<RowSelection, string>

function placesOf({ root }: QueryPlan): Places {
  const places = new Map<RowSelection, string>()
  for (const field of root.fields) addRootPlaces(places, field)
  return places
}

function addRootPlaces(places: Map<RowSelection, string>, field: RootField): void {
  switch (field.kind) {
    case 'entity':
      addPlaces(places, field.selection, field.responseKey)
      return
    case 'entities':
      addPlaces(places, field.selection, `${field.responseKey}[]`)
      return
    case 'representations':
      for (const selection of field.selections.values()) {
        if (isSelected(selection)) addPlaces(places, selection, `${field.responseKey}[] of ${selection.entity.name}`)
      }
      return
    case 'service':
      for (const member of field.selection.fields) {
        if (member.kind === 'role') places.set(member.selection, `${field.responseKey}.${member.responseKey}`)
      }
      return
    case 'typename':
    case 'fallback':
      return
    default:
      field satisfies never
  }
}

function addPlaces(places: Map<RowSelection, string>, selection: EntitySelection, place: string): void {
  places.set(selection, place)
  for (const { responseKey, selection: target } of selection.references)
    addPlaces(places, target, `${place}.${responseKey}`)
}

function explainStage(scans: readonly PlannedScan[], index: number, places: Places): readonly string[] {
  const lines = scans.flatMap((scan) => explainScan(scan, places))
  return section(`stage ${index}`, lines)
}

function isRead({ views, selections }: PlannedScan): boolean {
  return views.length > 0 || selections.some(({ infoSites }) => infoSites.length > 0)
}

function explainScan(scan: PlannedScan, places: Places): readonly string[] {
  const { entity, selections, views } = scan
  const told = selections.filter((selection) => places.has(selection))
  if (told.length === 0) return []
  const ids = views.map((view) => entity.batchViews[view]!.id)
  const infos = told.flatMap(({ infoSites }) => infoSites)
  return [
    `scan ${entity.name}${isRead(scan) ? '' : ': keys alone, no read'}`,
    ...indent([
      ...told.map((selection) => `for ${places.get(selection)}`),
      ...(ids.length === 0 ? [] : [`views ${ids.join(', ')}`]),
      ...infos.map(explainInfo),
    ]),
  ]
}

function explainInfo({ responseKey, nodes }: ArgumentSite): string {
  const hasNames = nodes[0]!.arguments?.some(({ name }) => name.value === 'names') === true
  return `views of ${hasNames ? 'the features that' : 'all features, for'} ${responseKey}${hasNames ? ' names' : ''}`
}

function computedLines({ selections }: QueryPlan, places: Places): readonly string[] {
  return selections.flatMap((selection) => {
    const place = places.get(selection)
    if (place === undefined || !('fields' in selection)) return []
    const { fields } = selection as EntitySelection | RoleSelection
    return fields.flatMap((field) => explainComputed(field, place))
  })
}

function explainComputed(field: EntityField | RoleSelection['fields'][number], place: string): readonly string[] {
  if (field.kind !== 'onDemand' && field.kind !== 'column') return []
  const { feature, responseKey } = field
  if (feature.kind === 'stored') return []
  const inputs = feature.view.inputs.map(({ feature: input }) => input.name)
  return [`${place}.${responseKey} by ${feature.view.id}${inputs.length === 0 ? '' : ` from ${inputs.join(', ')}`}`]
}
