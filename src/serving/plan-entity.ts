import type { FieldNode } from 'graphql'
import { invariant } from '../lib/assert.ts'
import type { RegistryEntity, RegistryFeature } from '../registry/registry.ts'
import type {
  EntityField,
  EntitySelection,
  FeatureInfoListField,
  FeatureInfoMember,
  ReferenceField,
  Selection,
} from './plan.ts'
import { planVector } from './plan-vector.ts'
import {
  addSelection,
  addSite,
  addViews,
  ascending,
  entityType,
  type FoundField,
  objectTypeOf,
  type Planning,
  planSelection,
} from './planning.ts'

interface EntityPlace {
  readonly entity: RegistryEntity
  readonly nodes: readonly FieldNode[]
  readonly stage: number
}

/** Plans what is selected of an entity below the merged nodes of a field. */
export function planEntity(planning: Planning, place: EntityPlace): EntitySelection {
  const { entity, nodes, stage } = place
  return addSelection(planning, (id) => {
    let referenceCount = 0
    const selection: Selection<EntityField> = planSelection(
      planning,
      { type: entityType(planning, entity), nodes },
      (found) => planEntityField(planning, found, { ...place, nextReference: () => referenceCount++ }),
    )
    return { id, stage, entity, ...selection, ...readsOf(selection.fields) }
  })
}

/** What a selection's fields need to be read, and what they lead to. */
function readsOf(fields: readonly EntityField[]): Pick<EntitySelection, 'views' | 'infoSites' | 'references'> {
  const views = new Set<number>()
  for (const feature of fields.flatMap(neededFeatures)) addViews(views, feature)
  return {
    views: ascending(views),
    infoSites: fields.filter((field) => field.kind === 'featureInfo').map(({ site }) => site),
    references: fields.filter((field) => field.kind === 'reference'),
  }
}

function neededFeatures(field: EntityField): readonly RegistryFeature[] {
  switch (field.kind) {
    case 'stored':
    case 'onDemand':
      return [field.feature]
    case 'reference':
      return field.reference.keys.flatMap((key) => (key.from === 'feature' ? [key.feature] : []))
    case 'typename':
    case 'key':
    case 'featureInfo':
      return []
    default:
      return field satisfies never
  }
}

function planEntityField(
  planning: Planning,
  found: FoundField,
  place: EntityPlace & { readonly nextReference: () => number },
): EntityField {
  const { responseKey, nodes, meaning } = found
  switch (meaning?.kind) {
    case 'key':
      return { kind: 'key', responseKey, nodes, index: meaning.index }
    case 'feature':
      return planFeature(planning, found, meaning.feature)
    case 'reference':
      return planReference(planning, found, { ...meaning, index: place.nextReference(), stage: place.stage + 1 })
    case 'featureInfo':
      return planFeatureInfo(planning, found, meaning.entity)
    default:
      invariant(false, `an entity has no field that means ${meaning?.kind}`)
  }
}

function planFeature(planning: Planning, found: FoundField, feature: RegistryFeature): EntityField {
  const { responseKey, nodes } = found
  const vector = planVector(planning, found, feature.dtype)
  if (feature.kind === 'stored') return { kind: 'stored', responseKey, nodes, feature, vector }
  const site = addSite(planning, found, feature)
  return { kind: 'onDemand', responseKey, nodes, feature, vector, site }
}

function planReference(
  planning: Planning,
  { responseKey, nodes }: FoundField,
  of: Pick<ReferenceField, 'reference' | 'index'> & { readonly stage: number },
): ReferenceField {
  const { reference, index, stage } = of
  const selection = planEntity(planning, { entity: reference.target, nodes, stage })
  return { kind: 'reference', responseKey, nodes, reference, index, selection }
}

function planFeatureInfo(planning: Planning, found: FoundField, entity: RegistryEntity): FeatureInfoListField {
  const { responseKey, nodes, definition } = found
  const below = { type: objectTypeOf(definition), nodes }
  const selection = planSelection(planning, below, (member): FeatureInfoMember => {
    invariant(member.meaning?.kind === 'featureInfoField', 'FeatureInfo has its own fields alone')
    return { kind: 'info', responseKey: member.responseKey, nodes: member.nodes, field: member.meaning.field }
  })
  return {
    kind: 'featureInfo',
    responseKey,
    nodes,
    site: addSite(planning, found, { entity, view: undefined }),
    selection,
  }
}
