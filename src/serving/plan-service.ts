import { invariant } from '../lib/assert.ts'
import type { RegistryService } from '../registry/registry.ts'
import type {
  ColumnField,
  ColumnMember,
  RoleField,
  RoleSelection,
  Selection,
  ServiceAnswerField,
  ServiceField,
} from './plan.ts'
import { planVector } from './plan-vector.ts'
import {
  addSelection,
  addViews,
  argumentsOf,
  ascending,
  type FoundField,
  objectTypeOf,
  type Planning,
  planSelection,
} from './planning.ts'

/** Plans a feature service's field, which answers in columns. */
export function planService(planning: Planning, found: FoundField, service: RegistryService): ServiceField {
  const { responseKey, nodes, definition } = found
  const below = { type: objectTypeOf(definition), nodes }
  const selection = planSelection(planning, below, (member): ServiceAnswerField => {
    const { meaning } = member
    if (meaning?.kind === 'rowCount') return { kind: 'rowCount', responseKey: member.responseKey, nodes: member.nodes }
    invariant(meaning?.kind === 'role', 'a service answers with rowCount and roles')
    return {
      kind: 'role',
      responseKey: member.responseKey,
      nodes: member.nodes,
      roleIndex: meaning.roleIndex,
      selection: planRole(planning, member, { service, roleIndex: meaning.roleIndex }),
    }
  })
  return { kind: 'service', responseKey, nodes, ...argumentsOf(found), service, selection }
}

function planRole(
  planning: Planning,
  { definition, nodes }: FoundField,
  of: { readonly service: RegistryService; readonly roleIndex: number },
): RoleSelection {
  const { entity } = of.service.roles[of.roleIndex]!
  return addSelection(planning, (id) => {
    const below = { type: objectTypeOf(definition), nodes }
    const selection: Selection<RoleField> = planSelection(planning, below, (found) => planColumn(planning, found))
    const views = new Set<number>()
    for (const field of selection.fields) if (field.kind === 'column' && hasList(field)) addViews(views, field.feature)
    return { id, stage: 0, entity, ...selection, views: ascending(views), infoSites: [], references: [] }
  })
}

/** A column of which nothing but `__typename` is selected needs no read. */
function hasList(column: ColumnField): boolean {
  return column.selection.fields.some((member) => member.kind !== 'typename')
}

function planColumn(planning: Planning, found: FoundField): ColumnField {
  const { responseKey, nodes, definition, meaning } = found
  invariant(meaning?.kind === 'column', 'a role holds columns')
  const { feature } = meaning
  const below = { type: objectTypeOf(definition), nodes }
  const selection = planSelection(planning, below, (member): ColumnMember => {
    const isValues = member.meaning?.kind === 'columnValues'
    invariant(isValues || member.meaning?.kind === 'columnStatuses', 'a column has values and statuses')
    return {
      kind: isValues ? 'values' : 'statuses',
      responseKey: member.responseKey,
      nodes: member.nodes,
      vector: isValues ? planVector(planning, member, feature.dtype) : undefined,
    }
  })
  return { kind: 'column', responseKey, nodes, feature, selection }
}
