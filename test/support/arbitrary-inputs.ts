import fc from 'fast-check'
import {
  type GraphQLEnumType,
  type GraphQLInputObjectType,
  type GraphQLInputType,
  type GraphQLSchema,
  isEnumType,
  isInputObjectType,
  isInputType,
  isListType,
  isNonNullType,
  isRequiredInputField,
  parseType,
  typeFromAST,
} from 'graphql'

/** Any input type of a schema, under up to three lists. */
export function arbitraryType(schema: GraphQLSchema): fc.Arbitrary<GraphQLInputType> {
  const names = Object.values(schema.getTypeMap())
    .filter((type) => isInputType(type) && !type.name.startsWith('__'))
    .map(({ name }) => name)
  const wrapped = fc.constantFrom('T', 'T!', '[T]', '[T!]!', '[T]!', '[[T!]]', '[[T]!]!', '[[[T]]]')
  return fc
    .tuple(fc.constantFrom(...names), wrapped)
    .map(([name, wrapping]) => inputType(schema, wrapping.replace('T', name)))
}

export function inputType(schema: GraphQLSchema, text: string): GraphQLInputType {
  return typeFromAST(schema, parseType(text)) as GraphQLInputType
}

const MAX_DEPTH = 4

const WORDS = ['', 'a', '1', '-7', '1.5', 'true', 'null', 'RED', 'red', '2001-07-01T00:00:00Z', '9223372036854775808']
const NUMBERS = [0, -0, 1, -7, 1.5, 2 ** 31, -(2 ** 31) - 1, 2 ** 53, 1e308, 5e-324, 2 ** 53 + 2]

const SCALAR = fc.oneof(
  ...[fc.constantFrom(...WORDS), fc.constantFrom(...NUMBERS), fc.integer(), fc.double({ noNaN: true })],
  ...[fc.boolean(), fc.string({ maxLength: 4 }), fc.constant(null)],
)

/** Keys that are no fields, and that objects have without being given them. */
const ODD_KEYS = ['__proto__', 'constructor', 'toString', 'hasOwnProperty', 'length', '0', 'extra', '']

const JUNK: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 4, arbitrary: SCALAR },
  { weight: 2, arbitrary: fc.array(SCALAR, { maxLength: 3 }) },
  { weight: 2, arbitrary: fc.array(fc.tuple(fc.constantFrom(...ODD_KEYS), SCALAR), { maxLength: 3 }).map(objectOf) },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) },
)

/** As JSON makes objects: `__proto__` is a key like any other. */
function objectOf(entries: readonly (readonly [string, unknown])[]): Record<string, unknown> {
  return JSON.parse(`{${entries.map(([key, value]) => `${JSON.stringify(key)}:${JSON.stringify(value)}`).join()}}`)
}

/** Values of JSON that nearly fit a type: most do, and each part of one may be missing, null, or of another kind. */
export function arbitraryValue(type: GraphQLInputType, depth = MAX_DEPTH): fc.Arbitrary<unknown> {
  return fc.oneof({ weight: 40, arbitrary: fitting(type, depth) }, { weight: 1, arbitrary: JUNK })
}

function fitting(type: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  if (isNonNullType(type)) return fitting(type.ofType, depth).filter((value) => value !== null)
  const value = isListType(type)
    ? listOf(type.ofType, depth)
    : isInputObjectType(type)
      ? fittingObject(type, depth)
      : leafOf(type)
  return fc.oneof({ weight: 1, arbitrary: fc.constant(null) }, { weight: 12, arbitrary: value })
}

function listOf(of: GraphQLInputType, depth: number): fc.Arbitrary<unknown> {
  const item = arbitraryValue(of, depth - 1)
  return fc.oneof(
    { weight: 6, arbitrary: fc.array(item, { maxLength: depth > 1 ? 3 : 1 }) },
    { weight: 2, arbitrary: item },
  )
}

function fittingObject(type: GraphQLInputObjectType, depth: number): fc.Arbitrary<unknown> {
  if (depth <= 0) return JUNK
  const fields = Object.values(type.getFields()).map((field) => {
    const value = arbitraryValue(field.type, depth - 1).map((given) => [[field.name, given] as const])
    const isDeep = depth < 3 && !isRequiredInputField(field)
    const present = isRequiredInputField(field) ? 30 : isDeep ? 1 : 3
    return fc.oneof({ weight: present, arbitrary: value }, { weight: 1, arbitrary: fc.constant([]) })
  })
  const odd = fc.oneof(
    { weight: 25, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.tuple(fc.constantFrom(...ODD_KEYS), SCALAR).map((entry) => [entry]) },
  )
  return fc.tuple(...fields, odd, fc.boolean()).map((drawn) => {
    const isReversed = drawn.pop() as boolean
    const entries = (drawn as (readonly (readonly [string, unknown])[])[]).flat()
    return objectOf(isReversed ? entries.reverse() : entries)
  })
}

function leafOf(type: GraphQLInputType): fc.Arbitrary<unknown> {
  if (isEnumType(type)) return enumOf(type)
  switch (String(type)) {
    case 'Int':
      return fc.oneof({ weight: 20, arbitrary: fc.integer() }, { weight: 1, arbitrary: SCALAR })
    case 'Float':
      return fc.oneof(
        { weight: 20, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }) },
        { weight: 1, arbitrary: SCALAR },
      )
    case 'Boolean':
      return fc.oneof({ weight: 20, arbitrary: fc.boolean() }, { weight: 1, arbitrary: SCALAR })
    case 'Int64':
      return fc.oneof({ weight: 20, arbitrary: fc.integer().map(String) }, { weight: 1, arbitrary: SCALAR })
    case 'String':
    case 'ID':
      return fc.oneof({ weight: 20, arbitrary: fc.string({ maxLength: 4 }) }, { weight: 1, arbitrary: SCALAR })
    default:
      return fc.oneof(fc.constantFrom('2001-07-01T00:00:00Z', '2001-07-01T00:00:00.123456Z'), SCALAR)
  }
}

function enumOf(type: GraphQLEnumType): fc.Arbitrary<unknown> {
  const names = type.getValues().map(({ name }) => name)
  return fc.oneof({ weight: 20, arbitrary: fc.constantFrom(...names) }, { weight: 1, arbitrary: SCALAR })
}

/** Says what stands in the place of a value of this type, such as a variable; undefined: the value itself. */
export type Hole = (type: GraphQLInputType) => string | undefined

const NAME = /^[A-Za-z_]\w*$/

/** A value of JSON in GraphQL's own words, as far as it can be: what is no enum's name stands in quotes, for example. */
export function literalOf(value: unknown, type: GraphQLInputType, hole?: Hole): string {
  const instead = hole?.(type)
  if (instead !== undefined) return instead
  if (isNonNullType(type)) return literalOf(value, type.ofType, hole)
  if (value === null || typeof value === 'boolean') return String(value)
  if (typeof value === 'number') return JSON.stringify(value)
  if (typeof value === 'string') return isEnumType(type) && NAME.test(value) ? value : JSON.stringify(value)
  if (!Array.isArray(value)) return objectLiteral(value as object, innermost(type), hole)
  const of = isListType(type) ? type.ofType : type
  return `[${value.map((item) => literalOf(item, of, hole)).join(' ')}]`
}

function objectLiteral(value: object, type: GraphQLInputType, hole: Hole | undefined): string {
  const fields = isInputObjectType(type) ? type.getFields() : {}
  const texts = Object.entries(value).map(([key, item]) => {
    const of = Object.hasOwn(fields, key) ? fields[key]!.type : type
    return NAME.test(key) ? `${key}: ${literalOf(item, of, hole)}` : ''
  })
  return `{${texts.join(' ')}}`
}

function innermost(type: GraphQLInputType): GraphQLInputType {
  return isListType(type) || isNonNullType(type) ? innermost(type.ofType) : type
}
