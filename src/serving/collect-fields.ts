import {
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type NamedTypeNode,
  type SelectionSetNode,
} from 'graphql'
import { type ConditionValues, isIncluded } from './conditions.ts'

export interface CollectContext {
  readonly schema: GraphQLSchema
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>
  /** Undefined: every conditional selection is in. */
  readonly conditions: ConditionValues | undefined
}

/** For each response key, in the order of the answer, every field node that was merged into it. */
export type CollectedFields = ReadonlyMap<string, readonly FieldNode[]>

/**
 * CollectFields of the GraphQL specification for an object of a concrete type, over one or more selection sets. Throws a
 * GraphQLError where a condition is null.
 */
export function collectFields(
  context: CollectContext,
  type: GraphQLObjectType,
  selectionSets: readonly SelectionSetNode[],
): CollectedFields {
  const fields = new Map<string, FieldNode[]>()
  const visited = new Set<string>()
  const collect = (selectionSet: SelectionSetNode): void => {
    for (const selection of selectionSet.selections) {
      if (selection.kind === Kind.FRAGMENT_SPREAD && visited.has(selection.name.value)) continue
      if (!isIncluded(selection, context.conditions)) continue
      if (selection.kind === Kind.FIELD) {
        addField(fields, selection)
        continue
      }
      if (selection.kind === Kind.FRAGMENT_SPREAD) visited.add(selection.name.value)
      const fragment = selection.kind === Kind.FRAGMENT_SPREAD ? context.fragments.get(selection.name.value) : selection
      if (fragment !== undefined && applies(context.schema, fragment.typeCondition, type))
        collect(fragment.selectionSet)
    }
  }
  for (const selectionSet of selectionSets) collect(selectionSet)
  return fields
}

/** The fields below a field: the selection sets of all its merged nodes, one after another. */
export function collectSubfields(
  context: CollectContext,
  type: GraphQLObjectType,
  nodes: readonly FieldNode[],
): CollectedFields {
  return collectFields(
    context,
    type,
    nodes.flatMap(({ selectionSet }) => (selectionSet === undefined ? [] : [selectionSet])),
  )
}

function addField(fields: Map<string, FieldNode[]>, node: FieldNode): void {
  const responseKey = (node.alias ?? node.name).value
  const merged = fields.get(responseKey)
  if (merged === undefined) fields.set(responseKey, [node])
  else merged.push(node)
}

function applies(schema: GraphQLSchema, condition: NamedTypeNode | undefined, type: GraphQLObjectType): boolean {
  if (condition === undefined) return true
  const conditional = schema.getType(condition.name.value)
  return conditional === type || (isAbstractType(conditional) && schema.isSubType(conditional, type))
}
