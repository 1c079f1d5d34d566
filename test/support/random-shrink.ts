import {
  type DefinitionNode,
  type DocumentNode,
  type GraphQLSchema,
  Kind,
  parse,
  print,
  type SelectionNode,
  validate,
  visit,
} from 'graphql'
import type { RandomOperation } from './random-operation.ts'

/** Takes away what it can from an operation while `isStill` says that it shows the same fault; gives the least that does. */
export async function shrinkOperation(
  operation: RandomOperation,
  schema: GraphQLSchema,
  isStill: (smaller: RandomOperation) => Promise<boolean>,
): Promise<RandomOperation> {
  let least = operation
  let from = 0
  // Each success begins again at the same place: what stood before was already found to be needed.
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
    const smaller = without(least, from)
    if (smaller === undefined) break
    if (isValid(schema, smaller.text) && (await isStill(smaller))) least = smaller
    else from += 1
  }
  return least
}

/** What has lost its last field does not even parse. */
function isValid(schema: GraphQLSchema, text: string): boolean {
  try {
    return validate(schema, parse(text)).length === 0
  } catch {
    return false
  }
}

const MAX_ATTEMPTS = 2_000

/** The operation without the `index`-th of its parts (selections, directives, arguments), or undefined past the last. */
function without(operation: RandomOperation, index: number): RandomOperation | undefined {
  let at = -1
  const drop = (): null | undefined => {
    at += 1
    return at === index ? null : undefined
  }
  const document = visit(parse(operation.text), {
    Field: drop,
    InlineFragment: drop,
    FragmentSpread: drop,
    Directive: drop,
    Argument: (_node, _key, _parent, _path, ancestors) =>
      ancestors.some((node) => 'kind' in node && node.kind === Kind.DIRECTIVE) ? undefined : drop(),
  })
  return at < index ? undefined : { ...operation, text: print(tidied(document)) }
}

/** Without empty selection sets, and without fragments and variables that nothing uses any more. */
function tidied(document: DocumentNode): DocumentNode {
  const text = print(document)
  const used = (mark: string, name: string): boolean => new RegExp(`\\${mark}${name}\\b(?!:)`).test(text)
  const trimmed = visit(document, {
    FragmentDefinition: ({ name }) => (new RegExp(`\\.\\.\\.${name.value}\\b`).test(text) ? undefined : null),
    VariableDefinition: ({ variable }) => (used('$', variable.name.value) ? undefined : null),
    InlineFragment: { leave: ({ selectionSet }) => (isEmpty(selectionSet.selections) ? null : undefined) },
  })
  const definitions = trimmed.definitions.filter((definition: DefinitionNode) => !hasNothing(definition))
  const tidy: DocumentNode = { ...trimmed, definitions }
  return print(tidy) === text ? tidy : tidied(tidy)
}

function isEmpty(selections: readonly SelectionNode[]): boolean {
  return selections.length === 0
}

function hasNothing(definition: DefinitionNode): boolean {
  return definition.kind === Kind.FRAGMENT_DEFINITION && isEmpty(definition.selectionSet.selections)
}
