import {
  type DirectiveNode,
  type DocumentNode,
  GraphQLError,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'

/** What the variables of `@skip` and `@include` are in one request; null only where a request overrides a default with null. */
export type ConditionValues = ReadonlyMap<string, boolean | null>

/**
 * The variables that decide which selections of a document are in, sorted. A plan is made for each combination of their
 * values that is met: then field order and merging need no thought at all when an answer is written.
 */
export function conditionVariables(document: DocumentNode): readonly string[] {
  const names = new Set<string>()
  for (const definition of document.definitions) {
    if ('selectionSet' in definition) addConditions(names, definition.selectionSet)
  }
  return [...names].sort()
}

/** By hand: a visitor costs more than planning a small operation does. */
function addConditions(names: Set<string>, { selections }: SelectionSetNode): void {
  for (const selection of selections) {
    for (const directive of selection.directives ?? []) {
      const condition = isConditional(directive) ? conditionOf(directive) : undefined
      if (condition?.kind === Kind.VARIABLE) names.add(condition.name.value)
    }
    if (selection.kind !== Kind.FRAGMENT_SPREAD && selection.selectionSet !== undefined) {
      addConditions(names, selection.selectionSet)
    }
  }
}

export function conditionValues(
  names: readonly string[],
  variables: Readonly<Record<string, unknown>>,
): ConditionValues {
  return new Map(names.map((name) => [name, (variables[name] ?? null) as boolean | null]))
}

/** One character for each variable: the name of a combination. */
export function conditionKey(names: readonly string[], variables: Readonly<Record<string, unknown>>): string {
  let key = ''
  for (const name of names) {
    const value = variables[name] ?? null
    key += value === null ? 'n' : value ? 't' : 'f'
  }
  return key
}

/**
 * Whether a selection is in. Without values (`explain` knows none) every condition on a variable lets it in. Throws a
 * GraphQLError where the condition is null, as graphql-js does.
 */
export function isIncluded(node: SelectionNode, values: ConditionValues | undefined): boolean {
  const skip = findCondition(node, GraphQLSkipDirective.name)
  if (skip !== undefined && evaluate(skip, values, false)) return false
  const include = findCondition(node, GraphQLIncludeDirective.name)
  return include === undefined || evaluate(include, values, true)
}

function isConditional(directive: DirectiveNode): boolean {
  return directive.name.value === GraphQLSkipDirective.name || directive.name.value === GraphQLIncludeDirective.name
}

function findCondition(node: SelectionNode, name: string): DirectiveNode | undefined {
  return node.directives?.find((directive) => directive.name.value === name)
}

function conditionOf(directive: DirectiveNode) {
  return directive.arguments?.find((argument) => argument.name.value === 'if')?.value
}

function evaluate(directive: DirectiveNode, values: ConditionValues | undefined, unknown: boolean): boolean {
  const condition = conditionOf(directive)
  if (condition?.kind === Kind.BOOLEAN) return condition.value
  if (condition?.kind === Kind.VARIABLE && values === undefined) return unknown
  const value = condition?.kind === Kind.VARIABLE ? values?.get(condition.name.value) : undefined
  if (typeof value === 'boolean') return value
  throw new GraphQLError('Argument "if" of non-null type "Boolean!" must not be null.', {
    nodes: condition ?? directive,
  })
}
