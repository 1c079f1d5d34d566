import { parse, validate } from 'graphql'
import { expect, test } from 'vitest'
import { closeRegistry } from '../../../src/registry/close.ts'
import { buildSchema } from '../../../src/sdl/schema.ts'
import { sampleOperationOf } from '../../../src/server/sample-operation.ts'
import { CITIES } from '../../support/http-gateway.ts'

test('the operation of a page that is told none fits the schema, and asks for no arguments', () => {
  const registry = closeRegistry({ name: 'cities', definitions: CITIES })
  const operation = sampleOperationOf(registry)
  expect(validate(buildSchema(registry).schema, parse(operation))).toEqual([])
  expect(operation).toContain('city(name: "1") {\n    name\n    population\n    altitude\n    nowMillis\n  }')
})

test('a deployment without entities still has a page', () => {
  expect(parse(sampleOperationOf({ entities: [] })).definitions).toHaveLength(1)
})
