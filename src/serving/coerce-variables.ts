import {
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLLeafType,
  type GraphQLSchema,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  type OperationDefinitionNode,
  typeFromAST,
  valueFromAST,
} from 'graphql'
import type { Variables } from './arguments.ts'

/** Stands for a value that GraphQL refuses; why is graphql-js's to say. */
const REFUSED: unique symbol = Symbol('refused')

type Coerce = (given: unknown) => unknown

/** Variables as GraphQL coerces them, or undefined where it refuses one. */
export type CoerceVariables = (given: Variables) => Record<string, unknown> | undefined

/**
 * Compiles the coercion of an operation's variables: types are looked up once, not at every value. It gives what graphql-js's
 * `getVariableValues` gives for values that came from JSON; whatever that refuses, or what no JSON could be, is undefined here, to be coerced again
 * by graphql-js for its error texts.
 */
export function compileVariables(schema: GraphQLSchema, operation: OperationDefinitionNode): CoerceVariables {
  const compiled = (operation.variableDefinitions ?? []).map((definition) => {
    const type = typeFromAST(schema, definition.type)
    if (!isInputType(type)) return { name: '', coerce: refuse, absent: REFUSED }
    const name = definition.variable.name.value
    const absent =
      definition.defaultValue === undefined
        ? isNonNullType(type)
          ? REFUSED
          : undefined
        : valueFromAST(definition.defaultValue, type)
    return { name, coerce: compileInput(type), absent }
  })
  return (given) => {
    // A variable may be called `__proto__`.
    const coerced: Record<string, unknown> = Object.create(null)
    try {
      for (const { name, coerce, absent } of compiled) {
        const value = Object.hasOwn(given, name) ? coerce(given[name]) : absent
        if (value === REFUSED) return undefined
        // Absent without a default: no entry, which is not the same as null.
        if (value !== undefined) coerced[name] = value
      }
      return coerced
    } catch {
      return undefined
    }
  }
}

const refuse: Coerce = () => REFUSED

function compileInput(type: GraphQLInputType): Coerce {
  if (isNonNullType(type)) {
    const coerce = compileInput(type.ofType)
    return (given) => (given == null ? REFUSED : coerce(given))
  }
  if (isListType(type)) return compileList(compileInput(type.ofType))
  return isInputObjectType(type) ? compileObject(type) : compileLeaf(type)
}

function compileList(coerceItem: Coerce): Coerce {
  return (given) => {
    if (given == null) return null
    if (!Array.isArray(given)) return isIterable(given) ? REFUSED : listOfOne(coerceItem(given))
    const list: unknown[] = []
    for (const item of given) {
      const value = coerceItem(item)
      if (value === REFUSED) return REFUSED
      list.push(value)
    }
    return list
  }
}

/** JSON has no iterables but arrays. */
function isIterable(given: unknown): boolean {
  return typeof given === 'object' && given !== null && Symbol.iterator in given
}

function listOfOne(value: unknown): unknown {
  return value === REFUSED ? REFUSED : [value]
}

const compiledObjects = new WeakMap<GraphQLInputObjectType, Coerce>()

/** Input types may contain themselves, so each is compiled once, when it is first met. */
function compileObject(type: GraphQLInputObjectType): Coerce {
  const known = compiledObjects.get(type)
  if (known !== undefined) return known
  let coerce: Coerce | undefined
  const lazily: Coerce = (given) => {
    coerce ??= compileFields(type)
    return coerce(given)
  }
  compiledObjects.set(type, lazily)
  return lazily
}

function compileFields(type: GraphQLInputObjectType): Coerce {
  const definitions = type.getFields()
  if (type.isOneOf) return refuse
  const fields = Object.values(definitions).map(({ name, type: of, defaultValue }) => ({
    name,
    coerce: compileInput(of),
    absent: defaultValue === undefined && isNonNullType(of) ? REFUSED : defaultValue,
  }))
  return (given) => {
    if (given == null) return null
    if (typeof given !== 'object' || Array.isArray(given)) return REFUSED
    const from = given as Readonly<Record<string, unknown>>
    for (const name of Object.keys(from)) if (definitions[name] === undefined) return REFUSED
    const object: Record<string, unknown> = {}
    for (const { name, coerce, absent } of fields) {
      const value = from[name] === undefined ? absent : coerce(from[name])
      if (value === REFUSED) return REFUSED
      if (value !== undefined) object[name] = value
    }
    return object
  }
}

function compileLeaf(type: GraphQLLeafType): Coerce {
  return (given) => {
    if (given == null) return null
    const value = type.parseValue(given)
    return value === undefined ? REFUSED : value
  }
}
