import {
  type ArgumentNode,
  type FieldNode,
  type GraphQLArgument,
  GraphQLError,
  type GraphQLField,
  getArgumentValues,
  isNonNullType,
  Kind,
  type ValueNode,
  valueFromAST,
} from 'graphql'
import type { RegistryEntity, StoredFeature } from '../registry/registry.ts'
import type { Calls } from './on-demand-calls.ts'
import type { ArgumentSite } from './plan.ts'
import type { SiteOutcome } from './request.ts'

export type Variables = Readonly<Record<string, unknown>>

/** A field's arguments by GraphQL's coercion, or the error that stands in the field's place. */
export type ReadArguments = (variables: Variables) => Record<string, unknown> | GraphQLError

/** Stands for an argument that GraphQL refuses, or that only graphql-js can judge. */
const REFUSED: unique symbol = Symbol('refused')

interface CompiledArgument {
  readonly name: string
  readonly read: (variables: Variables) => unknown
}

/** Compiles a field's arguments: a variable is looked up, a constant is made once. What GraphQL refuses is told in graphql-js's words. */
export function compileArguments(definition: GraphQLField<unknown, unknown>, node: FieldNode): ReadArguments {
  const given = new Map(node.arguments?.map((argument) => [argument.name.value, argument]))
  const compiled: readonly CompiledArgument[] = definition.args.map((argument) => ({
    name: argument.name,
    read: compileArgument(argument, given.get(argument.name)),
  }))
  return (variables) => {
    const values: Record<string, unknown> = {}
    for (const { name, read } of compiled) {
      const value = read(variables)
      if (value === REFUSED) return coerceArguments(definition, node, variables)
      if (value !== undefined) values[name] = value
    }
    return values
  }
}

function compileArgument(argument: GraphQLArgument, given: ArgumentNode | undefined): CompiledArgument['read'] {
  const { type, defaultValue } = argument
  const absent = defaultValue === undefined && isNonNullType(type) ? REFUSED : defaultValue
  if (given === undefined) return () => absent
  const { value } = given
  if (value.kind === Kind.VARIABLE) {
    const name = value.name.value
    return (variables) => {
      if (!Object.hasOwn(variables, name)) return absent
      const found = variables[name]
      return found == null && isNonNullType(type) ? REFUSED : found
    }
  }
  if (hasVariable(value)) {
    return (variables) => orRefused(valueFromAST(value, type, variables as Record<string, unknown>))
  }
  const constant = orRefused(valueFromAST(value, type))
  return () => constant
}

function orRefused(value: unknown): unknown {
  return value === undefined ? REFUSED : value
}

function hasVariable(value: ValueNode): boolean {
  if (value.kind === Kind.LIST) return value.values.some(hasVariable)
  if (value.kind === Kind.OBJECT) return value.fields.some((field) => hasVariable(field.value))
  return value.kind === Kind.VARIABLE
}

function coerceArguments(
  definition: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Variables,
): Record<string, unknown> | GraphQLError {
  try {
    return getArgumentValues(definition, node, variables as Record<string, unknown>)
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}

/** What the arguments of a field below the root come to: a call, the features that `featureInfo` tells of, or an error. */
export function resolveSite(site: ArgumentSite, variables: Variables, calls: Calls): SiteOutcome {
  const args = site.readArguments(variables)
  if (args instanceof Error) return args
  if (site.view === undefined) return namedFeatures(site.entity, args.names as readonly string[] | null | undefined)
  try {
    return calls.resolve(site.view, args)
  } catch (error) {
    return error as Error
  }
}

function namedFeatures(entity: RegistryEntity, names: readonly string[] | null | undefined): readonly StoredFeature[] {
  const stored = entity.features.filter((feature) => feature.kind === 'stored')
  if (names == null) return stored
  const byName = new Map(stored.map((feature) => [feature.name, feature]))
  return names.map((name) => byName.get(name)!)
}
