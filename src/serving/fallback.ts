import {
  type DocumentNode,
  execute,
  type GraphQLError,
  type GraphQLSchema,
  Kind,
  type OperationDefinitionNode,
} from 'graphql'
import { invariant } from '../lib/assert.ts'
import type { FallbackField } from './plan.ts'

/** What graphql-js said of one root field: its JSON text, with errors at their places. */
export interface FallbackAnswer {
  readonly kind: 'text'
  /** Undefined: the whole answer is null. */
  readonly json: string | undefined
  readonly errors: readonly GraphQLError[]
}

export interface FallbackRequest {
  readonly schema: GraphQLSchema
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  /** As the request gave them. */
  readonly variables: Readonly<Record<string, unknown>>
}

/** Executes one root field (introspection, `_service`) over the operation pruned to it. */
export async function executeFallback(request: FallbackRequest, field: FallbackField): Promise<FallbackAnswer> {
  const { schema, document, operation, variables } = request
  const pruned: OperationDefinitionNode = {
    ...operation,
    selectionSet: { kind: Kind.SELECTION_SET, selections: field.nodes },
  }
  const others = document.definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)
  const result = await execute({
    schema,
    document: { kind: Kind.DOCUMENT, definitions: [pruned, ...others] },
    variableValues: variables,
  })
  invariant(result.data !== undefined, 'variables were coerced before')
  const json = result.data === null ? undefined : JSON.stringify(result.data[field.responseKey])
  return { kind: 'text', json, errors: result.errors ?? [] }
}
