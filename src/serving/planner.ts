import {
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  GraphQLError,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { invariant } from '../lib/assert.ts'
import type { Registry, RegistryEntity } from '../registry/registry.ts'
import type { FieldstoneSchema } from '../sdl/schema.ts'
import type { ConditionValues } from './conditions.ts'
import type { EntityRootField, PlannedScan, QueryPlan, RootField, RowSelection, Selection, Stage } from './plan.ts'
import { planEntity } from './plan-entity.ts'
import { planService } from './plan-service.ts'
import { argumentsOf, ascending, cellsOf, type FoundField, type Planning, planSelection } from './planning.ts'

export interface PlanRequest {
  readonly registry: Registry
  readonly schema: FieldstoneSchema
  /** Validated against the schema. */
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  /** Undefined: as if every conditional selection were in, for `explain`. */
  readonly conditions: ConditionValues | undefined
}

/** Fields that graphql-js answers, by their names: the closed list. */
const FALLBACK_FIELDS: ReadonlySet<string> = new Set(['__schema', '__type', '_service'])

/** Makes the plan of an operation under one combination of its conditions. */
export function planQuery(request: PlanRequest): QueryPlan {
  const planning = startPlanning(request)
  const root = planRoot(planning, request.operation)
  return {
    root,
    selections: planning.selections,
    sites: planning.sites,
    stages: stagesOf(planning.selections),
    fallbackFields: root.fields.filter(({ kind }) => kind === 'fallback').map(({ nodes }) => nodes[0]!.name.value),
    fieldCount: planning.fieldCount,
  }
}

function startPlanning({ registry, schema, document, conditions }: PlanRequest): Planning {
  return {
    schema: schema.schema,
    meanings: schema.meanings,
    entities: new Map(registry.entities.map((entity) => [entity.name, entity])),
    fragments: fragmentsOf(document),
    conditions,
    selections: [],
    sites: [],
    fieldCount: 0,
  }
}

export function fragmentsOf(document: DocumentNode): ReadonlyMap<string, FragmentDefinitionNode> {
  const fragments = document.definitions.filter((definition) => definition.kind === Kind.FRAGMENT_DEFINITION)
  return new Map(fragments.map((fragment) => [fragment.name.value, fragment]))
}

function planRoot(planning: Planning, operation: OperationDefinitionNode): Selection<RootField> {
  const type = planning.schema.getRootType(operation.operation)
  if (type == null) return { typeName: '', fields: [], refusal: noRootType(operation) }
  const node: FieldNode = {
    kind: Kind.FIELD,
    name: { kind: Kind.NAME, value: operation.operation },
    selectionSet: operation.selectionSet,
  }
  return planSelection(planning, { type, nodes: [node] }, (found) => planRootField(planning, found))
}

function noRootType(operation: OperationDefinitionNode): GraphQLError {
  return new GraphQLError(`Schema is not configured to execute ${operation.operation} operation.`, { nodes: operation })
}

function planRootField(planning: Planning, found: FoundField): RootField {
  const { responseKey, nodes, definition, meaning } = found
  switch (meaning?.kind) {
    case 'entityByKey':
      return entityRoot(planning, found, { kind: 'entity', entity: meaning.entity })
    case 'entitiesByKeys':
      return entityRoot(planning, found, { kind: 'entities', entity: meaning.entity })
    case 'representations':
      return {
        ...{ kind: 'representations', responseKey, nodes, ...argumentsOf(found) },
        selections: planUnion(planning, nodes),
      }
    case 'service':
      return planService(planning, found, meaning.service)
    default:
      invariant(FALLBACK_FIELDS.has(definition.name), `the root field ${definition.name} has a meaning`)
      return { kind: 'fallback', responseKey, nodes }
  }
}

function entityRoot(
  planning: Planning,
  found: FoundField,
  { kind, entity }: { readonly kind: EntityRootField['kind']; readonly entity: RegistryEntity },
): EntityRootField {
  const { responseKey, nodes } = found
  const selection = planEntity(planning, { entity, nodes, stage: 0 })
  return { kind, responseKey, nodes, ...argumentsOf(found), selection }
}

/** A representation may be of any entity: each has its own selection. */
function planUnion(planning: Planning, nodes: readonly FieldNode[]): ReadonlyMap<string, EntityRootField['selection']> {
  const entities = [...planning.entities.values()]
  return new Map(entities.map((entity) => [entity.name, planEntity(planning, { entity, nodes, stage: 0 })]))
}

/** Groups selections by stage, and within a stage by entity. */
function stagesOf(selections: readonly RowSelection[]): readonly Stage[] {
  const stages: Map<RegistryEntity, RowSelection[]>[] = []
  for (const selection of selections) {
    stages[selection.stage] ??= new Map()
    const scans = stages[selection.stage]!
    scans.set(selection.entity, [...(scans.get(selection.entity) ?? []), selection])
  }
  return stages.map((scans) => ({ scans: [...scans].map(([entity, of]) => plannedScan(entity, of)) }))
}

function plannedScan(entity: RegistryEntity, selections: readonly RowSelection[]): PlannedScan {
  const [first] = selections
  const views =
    selections.length === 1 ? first!.views : ascending(new Set(selections.flatMap((selection) => selection.views)))
  return { entity, selections, views, cells: cellsOf(entity, views) }
}
