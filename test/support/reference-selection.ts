import {
  type FieldNode,
  GraphQLIncludeDirective,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  GraphQLSkipDirective,
  getArgumentValues,
  getDirectiveValues,
  getNamedType,
  isAbstractType,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** A field of a selection, merged from everywhere it stands. */
export interface SelectedField {
  readonly responseKey: string
  readonly name: string
  readonly nodes: readonly FieldNode[]
  args(schema: GraphQLSchema, typeName: string): Record<string, unknown>
  /** Of the type that the field gives. */
  typeName(schema: GraphQLSchema, parentName: string): string
}

export interface SelectionContext {
  readonly info: GraphQLResolveInfo
  readonly met: (what: string) => void
}

/** CollectFields of the GraphQL specification for an object type, over the selection sets of merged nodes. Throws a GraphQLError where a condition is null. */
export function selectedFields(
  typeName: string,
  nodes: readonly FieldNode[],
  { info, met }: SelectionContext,
): readonly SelectedField[] {
  const found = new Map<string, FieldNode[]>()
  const visited = new Set<string>()

  function collect(selectionSet: SelectionSetNode): void {
    for (const selection of selectionSet.selections) {
      // A fragment is spread once; the conditions of a second spread are not even looked at.
      if (selection.kind === 'FragmentSpread' && visited.has(selection.name.value)) continue
      noteConditions(selection, met)
      if (getDirectiveValues(GraphQLSkipDirective, selection, info.variableValues)?.if === true) continue
      if (getDirectiveValues(GraphQLIncludeDirective, selection, info.variableValues)?.if === false) continue
      if (selection.kind === 'Field') {
        const key = selection.alias?.value ?? selection.name.value
        found.set(key, [...(found.get(key) ?? []), selection])
      } else if (selection.kind === 'InlineFragment') {
        if (applies(selection.typeCondition?.name.value)) collect(selection.selectionSet)
      } else {
        visited.add(selection.name.value)
        const fragment = info.fragments[selection.name.value]!
        if (applies(fragment.typeCondition.name.value)) collect(fragment.selectionSet)
      }
    }
  }

  function applies(condition: string | undefined): boolean {
    if (condition === undefined || condition === typeName) return true
    const type = info.schema.getType(condition)!
    return isAbstractType(type) && info.schema.isSubType(type, info.schema.getType(typeName) as GraphQLObjectType)
  }

  for (const node of nodes) if (node.selectionSet !== undefined) collect(node.selectionSet)
  return [...found].map(([responseKey, merged]) => fieldOf(responseKey, merged, info))
}

function noteConditions({ directives = [] }: SelectionNode, met: (what: string) => void): void {
  for (const { name, arguments: given = [] } of directives) {
    if (given.some(({ value }) => value.kind === 'Variable')) met(`@${name.value} by variable`)
  }
}

function fieldOf(responseKey: string, nodes: readonly FieldNode[], info: GraphQLResolveInfo): SelectedField {
  const name = nodes[0]!.name.value
  const definition = (schema: GraphQLSchema, parent: string) =>
    (schema.getType(parent) as GraphQLObjectType).getFields()[name]!
  return {
    responseKey,
    name,
    nodes,
    args: (schema, parent) => getArgumentValues(definition(schema, parent), nodes[0]!, info.variableValues),
    typeName: (schema, parent) => getNamedType(definition(schema, parent).type).name,
  }
}
