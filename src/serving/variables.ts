import { GraphQLError, type GraphQLSchema, getVariableValues, type OperationDefinitionNode } from 'graphql'
import type { ErrorCode } from '../errors.ts'
import type { Variables } from './arguments.ts'
import { type CoerceVariables, compileVariables } from './coerce-variables.ts'

/** Variables that GraphQL refuses, in graphql-js's words. */
export interface RefusedVariables {
  readonly errors: readonly GraphQLError[]
}

export type ReadVariables = (given: Variables) => { readonly coerced: Variables } | RefusedVariables

/** graphql-js stops at so many errors in variables, too. */
const MAX_COERCION_ERRORS = 50

/** Coerces the variables of one operation: by graphql-js at its first sight and wherever something is refused, else compiled. */
export function createVariableReader(schema: GraphQLSchema, operation: OperationDefinitionNode): ReadVariables {
  let coerce: CoerceVariables | undefined
  let isSeen = false

  function compiled(given: Variables): Variables | undefined {
    if (isSeen) coerce ??= compileVariables(schema, operation)
    isSeen = true
    return coerce?.(given)
  }

  return (given) => {
    const coerced = compiled(given)
    if (coerced !== undefined) return { coerced }
    const definitions = operation.variableDefinitions ?? []
    const result = getVariableValues(schema, definitions, given, { maxErrors: MAX_COERCION_ERRORS })
    return result.errors === undefined ? result : { errors: result.errors.map(withCode) }
  }
}

function withCode(error: GraphQLError): GraphQLError {
  const { message, nodes = null, originalError } = error
  const code = 'BAD_USER_INPUT' satisfies ErrorCode
  return new GraphQLError(message, { nodes, originalError, extensions: { ...error.extensions, code } })
}
