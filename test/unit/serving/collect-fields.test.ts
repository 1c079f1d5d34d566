import { buildSchema, type FieldNode, type GraphQLObjectType, Kind, parse } from 'graphql'
import { describe, expect, test } from 'vitest'
import { type CollectedFields, collectFields, collectSubfields } from '../../../src/serving/collect-fields.ts'
import { conditionKey, conditionValues, conditionVariables } from '../../../src/serving/conditions.ts'
import { fragmentsOf } from '../../../src/serving/planner.ts'

const schema = buildSchema(`
  type Query { dog: Dog pet: Pet self: Query a: Int b: Int c: Int }
  interface Animal { name: String }
  type Dog implements Animal { name: String barks: Boolean }
  type Cat implements Animal { name: String meows: Boolean }
  union Pet = Dog | Cat
`)
const query = schema.getQueryType()!
const dog = schema.getType('Dog') as GraphQLObjectType

function collect(text: string, variables: Record<string, unknown> = {}): CollectedFields {
  const document = parse(text)
  const operation = document.definitions.find((definition) => definition.kind === Kind.OPERATION_DEFINITION)!
  const conditions = conditionValues(conditionVariables(document), variables)
  const context = { schema, fragments: fragmentsOf(document), conditions }
  const fields = collectFields(context, query, [operation.selectionSet])
  return fields.has('below') ? collectSubfields(context, dog, fields.get('below') as FieldNode[]) : fields
}

/** Response keys in order, each with how many nodes were merged into it. */
function shape(fields: CollectedFields): readonly string[] {
  return [...fields].map(([key, nodes]) => (nodes.length === 1 ? key : `${key} x${nodes.length}`))
}

describe('order and merging', () => {
  test('a key stands where it first appears, with every node that was merged into it', () => {
    expect(shape(collect('{ b ... { a } c ...F a b } fragment F on Query { c d: a b }'))).toEqual([
      'b x3',
      'a x2',
      'c x2',
      'd',
    ])
  })

  test('a fragment is spread once into one selection set', () => {
    expect(shape(collect('{ ...F ...F self { ...F } } fragment F on Query { a }'))).toEqual(['a', 'self'])
  })

  test('sub-selections of all merged nodes follow one another', () => {
    expect(shape(collect('{ below: dog { name } below: dog { barks n: name } ... { below: dog { name } } }'))).toEqual([
      'name x2',
      'barks',
      'n',
    ])
  })

  test('aliases that name properties of every object are names like others', () => {
    expect(shape(collect('{ constructor: a toString: b hasOwnProperty: c }'))).toEqual([
      'constructor',
      'toString',
      'hasOwnProperty',
    ])
  })
})

describe('type conditions', () => {
  test('interfaces, unions and the type itself apply; other types do not', () => {
    const text = `{ below: pet {
      ... on Animal { name } ... on Dog { barks } ... on Cat { meows } ... on Pet { __typename } ... { plain: __typename }
    } }`
    expect(shape(collect(text))).toEqual(['name', 'barks', '__typename', 'plain'])
  })
})

describe('conditions', () => {
  test('a skipped occurrence leaves the place to the next one', () => {
    const text = 'query ($in: Boolean!) { a @include(if: $in) b a }'
    expect(shape(collect(text, { in: true }))).toEqual(['a x2', 'b'])
    expect(shape(collect(text, { in: false }))).toEqual(['b', 'a'])
  })

  test('skip and include must both let a selection in', () => {
    const text = 'query ($skip: Boolean!, $in: Boolean!) { a @skip(if: $skip) @include(if: $in) b }'
    expect(shape(collect(text, { skip: false, in: true }))).toEqual(['a', 'b'])
    expect(shape(collect(text, { skip: true, in: true }))).toEqual(['b'])
    expect(shape(collect(text, { skip: false, in: false }))).toEqual(['b'])
  })

  test('a fragment whose first spread is out is spread by its second', () => {
    const text = 'query ($in: Boolean!) { ...F @include(if: $in) b ...F } fragment F on Query { a }'
    expect(shape(collect(text, { in: false }))).toEqual(['b', 'a'])
    expect(shape(collect(text, { in: true }))).toEqual(['a', 'b'])
  })

  test('conditions nest', () => {
    const text = 'query ($x: Boolean!) { ... @include(if: $x) { a ... @skip(if: $x) { b } } ... @skip(if: true) { c } }'
    expect(shape(collect(text, { x: true }))).toEqual(['a'])
    expect(shape(collect(text, { x: false }))).toEqual([])
  })

  test('a condition that a request makes null is refused in the words of graphql-js', () => {
    expect(() => collect('query ($x: Boolean = true) { a @skip(if: $x) }', { x: null })).toThrow(
      'Argument "if" of non-null type "Boolean!" must not be null.',
    )
  })

  test('variables of conditions are found wherever they stand, once, sorted; literals are none', () => {
    const document = parse(
      'query ($b: Boolean!, $a: Boolean!) { a @skip(if: $b) ...F b @include(if: true) } fragment F on Query { c @include(if: $a) @skip(if: $b) }',
    )
    expect(conditionVariables(document)).toEqual(['a', 'b'])
    expect(conditionKey(['a', 'b', 'c'], { a: true, b: false, c: null })).toBe('tfn')
  })
})
