import { type DocumentNode, GraphQLError, Kind, type OperationDefinitionNode, print } from 'graphql'
import type { ErrorCode } from '../errors.ts'

/** The operation of a document that a request means, or why there is none, in graphql-js's words. */
export function findOperation(
  document: DocumentNode,
  operationName: string | undefined,
): OperationDefinitionNode | GraphQLError {
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  if (operationName != null) {
    const named = operations.findLast(({ name }) => name?.value === operationName)
    return named ?? unresolved(`Unknown operation named "${operationName}".`)
  }
  if (operations.length > 1) return unresolved('Must provide operation name if query contains multiple operations.')
  return operations[0] ?? unresolved('Must provide an operation.')
}

function unresolved(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'OPERATION_RESOLUTION_FAILURE' satisfies ErrorCode } })
}

const texts = new WeakMap<DocumentNode, string>()

/** The text of a document, by which equal documents are known: its source, or printed where it was made without one. */
export function textOf(document: DocumentNode): string {
  const known = texts.get(document)
  if (known !== undefined) return known
  const text = document.loc?.source.body ?? print(document)
  texts.set(document, text)
  return text
}

/** Of a syntax tree for each character of its text; measured over thousands of documents. */
const BYTES_PER_CHARACTER = 100

/** About how much memory a parsed document takes. */
export function documentBytes(document: DocumentNode): number {
  return BYTES_PER_CHARACTER * textOf(document).length
}
