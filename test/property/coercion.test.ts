import fc from 'fast-check'
import {
  type FieldNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLInputType,
  GraphQLNonNull,
  type GraphQLSchema,
  getArgumentValues,
  getNullableType,
  getVariableValues,
  isObjectType,
  type OperationDefinitionNode,
  parse,
  parseValue,
  valueFromAST,
} from 'graphql'
import { afterAll, describe, expect, test } from 'vitest'
import { closeRegistry } from '../../src/registry/close.ts'
import { buildSchema } from '../../src/sdl/schema.ts'
import { compileArguments } from '../../src/serving/arguments.ts'
import { compileVariables } from '../../src/serving/coerce-variables.ts'
import { createVariableReader } from '../../src/serving/variables.ts'
import { arbitraryType, arbitraryValue, literalOf } from '../support/arbitrary-inputs.ts'
import { INPUT_SCHEMA } from '../support/input-schema.ts'
import { definitions } from '../unit/serving/definitions.ts'

const SCHEMAS: readonly (readonly [string, GraphQLSchema])[] = [
  ['a deployment', buildSchema(closeRegistry({ name: 'test', definitions })).schema],
  ['all that inputs may be', INPUT_SCHEMA],
]

/** Values for each operation, and operations for each schema. */
const GIVEN_EACH = 10
const OPERATIONS = 700

/** How often what was compared came to values, and how often to errors. */
const seen = { variables: 0, refusedVariables: 0, arguments: 0, refusedArguments: 0 }

afterAll(() => {
  expect(Object.values(seen).reduce((sum, count) => sum + count)).toBeGreaterThanOrEqual(20_000)
  for (const count of Object.values(seen)) expect(count).toBeGreaterThan(1_000)
})

/** Equal in every value, and in the order and ownership of keys. */
function isSame(one: unknown, other: unknown): boolean {
  if (typeof one !== 'object' || typeof other !== 'object' || one === null || other === null)
    return Object.is(one, other)
  if (Array.isArray(one) !== Array.isArray(other)) return false
  const keys = Reflect.ownKeys(one)
  const otherKeys = Reflect.ownKeys(other)
  return (
    keys.length === otherKeys.length &&
    keys.every((key, index) => key === otherKeys[index] && isSame(Reflect.get(one, key), Reflect.get(other, key)))
  )
}

function operationOf(text: string): OperationDefinitionNode {
  return parse(text).definitions[0] as OperationDefinitionNode
}

interface Declared {
  readonly name: string
  readonly type: GraphQLInputType
  /** As a literal, where there is one that fits. */
  readonly initial?: string | undefined
}

function declarationsText(declared: readonly Declared[]): string {
  const texts = declared.map(
    ({ name, type, initial }) => `$${name}: ${type}${initial === undefined ? '' : ` = ${initial}`}`,
  )
  return texts.length === 0 ? '' : `(${texts.join(' ')})`
}

/** Names that are not what they seem to be to an object of JavaScript. */
const VARIABLE_NAMES = ['a', 'b', 'constructor', '__proto__', 'toString'] as const

function arbitraryDeclared(schema: GraphQLSchema): fc.Arbitrary<readonly Declared[]> {
  const named = (name: string): fc.Arbitrary<Declared> =>
    arbitraryType(schema).chain((type) =>
      fc
        .option(arbitraryValue(type, 3), { freq: 2, nil: undefined })
        .map((value) => ({ name, type, initial: value === undefined ? undefined : fittingLiteral(value, type) })),
    )
  return fc
    .subarray([...VARIABLE_NAMES], { minLength: 1, maxLength: 3 })
    .chain((names) => fc.tuple(...names.map(named)))
}

/** Validation refuses a default that does not fit. */
function fittingLiteral(value: unknown, type: GraphQLInputType): string | undefined {
  const literal = literalOf(value, type)
  return valueFromAST(parseValue(literal), type) === undefined ? undefined : literal
}

/** Variables as JSON brings them: some missing, some that nobody declared. */
function arbitraryGiven(declared: readonly Declared[]): fc.Arbitrary<Record<string, unknown>> {
  const entries = declared.map(({ name, type }) =>
    fc.oneof(
      { weight: 6, arbitrary: arbitraryValue(type).map((value) => `${JSON.stringify(name)}:${JSON.stringify(value)}`) },
      { weight: 1, arbitrary: fc.constant('"undeclared":{"__proto__":1}') },
    ),
  )
  return fc.tuple(...entries).map((texts) => JSON.parse(`{${texts.join()}}`))
}

function manyGiven(declared: readonly Declared[]): fc.Arbitrary<readonly Record<string, unknown>[]> {
  return fc.array(arbitraryGiven(declared), { minLength: GIVEN_EACH, maxLength: GIVEN_EACH })
}

interface WithArguments {
  readonly field: GraphQLField<unknown, unknown>
  readonly text: string
  readonly declared: readonly Declared[]
}

function fieldsWithArguments(schema: GraphQLSchema): readonly GraphQLField<unknown, unknown>[] {
  const types = Object.values(schema.getTypeMap()).filter((type) => isObjectType(type))
  return types.flatMap((type) => Object.values(type.getFields())).filter(({ args }) => args.length > 0)
}

/** A field with some of its arguments: literals, with variables in the place of any part. */
function arbitraryArguments(schema: GraphQLSchema): fc.Arbitrary<WithArguments> {
  return fc.constantFrom(...fieldsWithArguments(schema)).chain((field) => {
    const values = fc.tuple(
      ...field.args.map(({ type }) => fc.option(arbitraryValue(type), { freq: 5, nil: undefined })),
    )
    const holes = fc.array(fc.constantFrom('', '', '', '$', '$', '$!', '$?'), { minLength: 1, maxLength: 12 })
    return fc.tuple(values, holes).map(([given, kinds]) => ({ field, ...fieldText(field, given, kinds) }))
  })
}

/** Each kind says of one part whether it is a variable, of the part's type, of that and never null, or of that and nullable. */
function fieldText(
  { name, args }: GraphQLField<unknown, unknown>,
  given: readonly unknown[],
  kinds: readonly string[],
) {
  const declared: Declared[] = []
  let at = 0
  const hole = (type: GraphQLInputType): string | undefined => {
    const kind = kinds[at++ % kinds.length]!
    if (kind === '') return undefined
    const variable = `v${declared.length}`
    const nullable = getNullableType(type) as GraphQLInputType
    declared.push({ name: variable, type: kind === '$' ? type : kind === '$?' ? nullable : nonNull(nullable) })
    return `$${variable}`
  }
  const texts = args.flatMap((argument, index) =>
    given[index] === undefined ? [] : [`${argument.name}: ${literalOf(given[index], argument.type, hole)}`],
  )
  return { text: texts.length === 0 ? name : `${name}(${texts.join(' ')})`, declared }
}

function nonNull(type: GraphQLInputType): GraphQLInputType {
  return new GraphQLNonNull(type as never)
}

function referenceArguments(...args: Parameters<typeof getArgumentValues>): Record<string, unknown> | GraphQLError {
  try {
    return getArgumentValues(...args)
  } catch (error) {
    if (error instanceof GraphQLError) return error
    throw error
  }
}

describe.each(SCHEMAS)('compiled coercion over %s', (_, schema) => {
  test('of variables is as graphql-js does it', () => {
    const asked = arbitraryDeclared(schema).chain((declared) => fc.tuple(fc.constant(declared), manyGiven(declared)))
    const property = fc.property(asked, ([declared, givens]) => {
      const operation = operationOf(`query${declarationsText(declared)} { __typename }`)
      const coerce = compileVariables(schema, operation)
      const read = createVariableReader(schema, operation)
      for (const given of givens) {
        const { coerced, errors } = getVariableValues(schema, operation.variableDefinitions ?? [], given)
        const told = read(given)
        if (errors === undefined) {
          seen.variables += 1
          expect(isSame(coerce(given), coerced)).toBe(true)
          expect('coerced' in told && isSame(told.coerced, coerced)).toBe(true)
        } else {
          seen.refusedVariables += 1
          expect(coerce(given)).toBeUndefined()
          const messages = (of: readonly Error[]) => of.slice(0, 50).map(({ message }) => message)
          expect('errors' in told && messages(told.errors)).toEqual(messages(errors))
        }
      }
    })
    fc.assert(property, { numRuns: OPERATIONS })
  })

  test('of arguments is as graphql-js does it', () => {
    const asked = arbitraryArguments(schema).chain((one) => fc.tuple(fc.constant(one), manyGiven(one.declared)))
    const property = fc.property(asked, ([{ field, text, declared }, givens]) => {
      const operation = operationOf(`query${declarationsText(declared)} { ${text} }`)
      const node = operation.selectionSet.selections[0] as FieldNode
      const readArguments = compileArguments(field, node)
      for (const given of givens) {
        const { coerced } = getVariableValues(schema, operation.variableDefinitions ?? [], given)
        if (coerced === undefined) continue
        const expected = referenceArguments(field, node, coerced)
        const got = readArguments(coerced)
        if (expected instanceof GraphQLError) {
          seen.refusedArguments += 1
          expect([got instanceof GraphQLError, (got as GraphQLError).message]).toEqual([true, expected.message])
        } else {
          seen.arguments += 1
          expect(isSame(got, expected)).toBe(true)
        }
      }
    })
    fc.assert(property, { numRuns: OPERATIONS })
  })
})
