import { Kind, type OperationDefinitionNode, parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { closeRegistry } from '../../../src/registry/close.ts'
import { buildSchema } from '../../../src/sdl/schema.ts'
import { coordinatesOf } from '../../../src/serving/coordinates.ts'
import { CITIES } from '../../support/http-gateway.ts'

const schema = buildSchema(closeRegistry({ name: 'cities', definitions: CITIES }))

function coordinates(text: string, name?: string): readonly string[] {
  const document = parse(text)
  expect(validate(schema.schema, document).filter(({ message }) => !/is never used/.test(message))).toEqual([])
  const operations = document.definitions.filter(
    (definition): definition is OperationDefinitionNode => definition.kind === Kind.OPERATION_DEFINITION,
  )
  return coordinatesOf({ schema, document, operation: operations.find((one) => one.name?.value === name)! })
}

test('fields are told once each, whatever their aliases, and sorted', () => {
  const text = '{ b: city(name: "A") { x: altitude altitude } a: city(name: "B") { __typename name } __typename }'
  expect(coordinates(text)).toEqual(['City.altitude', 'City.name', 'Query.city'])
})

test('fragments count where they are spread, one within another', () => {
  const text = `query { city(name: "A") { ...F } } fragment F on City { altitude ...G ... on City { name } }
    fragment G on City { population } fragment Unused on City { nowMillis }`
  expect(coordinates(text)).toEqual(['City.altitude', 'City.name', 'City.population', 'Query.city'])
})

test('of several operations only the one is told', () => {
  const text = 'query A { city(name: "A") { altitude } } query B { city(name: "A") { population } }'
  expect(coordinates(text, 'B')).toEqual(['City.population', 'Query.city'])
})

test('what is selected by conditions is told, and introspection is not', () => {
  const text = 'query($no: Boolean!) { __schema { queryType { name } } city(name: "A") @include(if: $no) { altitude } }'
  const found = coordinates(text)
  expect(found).toContain('City.altitude')
  expect(found.filter((one) => one.startsWith('Query.'))).toEqual(['Query.city'])
})
