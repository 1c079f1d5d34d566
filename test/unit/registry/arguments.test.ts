import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { argumentsOf, argumentText, namedTypesOf, spelledOutArgument } from '../../../src/registry/arguments.ts'
import { createProblems } from '../../../src/registry/problems.ts'

function read(shape: z.ZodRawShape) {
  const problems = createProblems()
  const args = argumentsOf(z.object(shape), { typeNamePrefix: 'AirportNear', problems })
  problems.throwIfAny()
  return args
}

const CASES: readonly (readonly [string, z.ZodType, string])[] = [
  ['a string', z.string(), 'String!'],
  ['a string with checks', z.email().max(100), 'String!'],
  ['a string that zod tidies', z.string().trim().toLowerCase(), 'String!'],
  ['a number', z.number().min(-90).max(90), 'Float!'],
  ['a float32', z.float32(), 'Float!'],
  ['an integer', z.int(), 'Int!'],
  ['an integer by a check', z.number().int().positive(), 'Int!'],
  ['a 32-bit integer', z.int32(), 'Int!'],
  ['a boolean', z.boolean(), 'Boolean!'],
  ['a refined value', z.number().refine((value) => value !== 13), 'Float!'],
  ['an enum', z.enum(['KM', 'MI']), 'AirportNearXEnum!'],
  ['an enum of a record', z.enum({ kilometres: 'KM', km: 'KM', miles: 'MI' }), 'AirportNearXEnum!'],
  ['an enum with an id', z.enum(['KM', 'MI']).meta({ id: 'LengthUnitOfArguments' }), 'LengthUnitOfArguments!'],
  ['an array', z.array(z.number()), '[Float!]!'],
  ['an array of arrays', z.array(z.array(z.enum(['A'])).optional()), '[[AirportNearXEnum!]]!'],
  ['an object', z.object({ at: z.string() }), 'AirportNearXInput!'],
  ['optional', z.string().optional(), 'String'],
  ['a default', z.string().default('x'), 'String = "x"'],
  ['the outermost default', z.int().default(1).optional().default(2), 'Int = 2'],
  ['a default inside of optional', z.int().default(1).optional(), 'Int = 1'],
  ['a default list', z.array(z.int()).default([1, 2]), '[Int!] = [1,2]'],
]

describe('zod to GraphQL', () => {
  test.each(CASES)('%s', (_, schema, text) => {
    const [argument] = read({ x: schema })
    expect(argumentText(argument!)).toBe(text)
    expect(argument!.name).toBe('x')
  })

  test('objects nest, and their types are named by view and path', () => {
    const [points] = read({
      points: z.array(z.object({ at: z.object({ unit: z.enum(['A', 'B']).default('A'), x: z.number() }) })).optional(),
    })
    expect(namedTypesOf([points!]).map(({ name }) => name)).toEqual([
      ...['AirportNearPointsInput', 'AirportNearPointsAtInput', 'AirportNearPointsAtUnitEnum'],
    ])
    expect(spelledOutArgument(points!)).toBe('[{ at: { unit: enum(A, B) = "A", x: Float! }! }!]')
    expect(points!.required).toBe(false)
  })

  test('one schema may stand in two places', () => {
    const point = z.object({ x: z.number() })
    expect(read({ from: point, to: point }).map(argumentText)).toEqual(['AirportNearFromInput!', 'AirportNearToInput!'])
  })

  test('descriptions are carried over, also through optional and default', () => {
    const args = read({
      a: z.string().describe('A text.'),
      b: z.string().describe('Inside.').optional(),
      c: z.string().describe('Inside.').default('x').describe('Outside.'),
    })
    expect(args.map(({ description }) => description)).toEqual(['A text.', 'Inside.', 'Outside.'])
  })

  test('members of a record are what zod takes, each once', () => {
    const [unit] = read({ unit: z.enum({ kilometres: 'KM', km: 'KM', miles: 'MI' }) })
    expect(unit!.type).toMatchObject({ kind: 'enum', members: ['KM', 'MI'] })
  })
})
