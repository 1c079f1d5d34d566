import { expect, test } from 'vitest'
import { closeRegistry } from '../../../src/registry/close.ts'
import { derivedNames } from '../../../src/registry/names.ts'
import { buildSchema } from '../../../src/sdl/schema.ts'
import { network, networkWith } from './network.ts'

/** Types that no definition can be named for: they begin with a prefix that is kept. */
const KEPT = /^(__|link__|federation__)/

test.each(['', 'geo'])("the one list holds every name of the schema, under the prefix '%s'", (prefix) => {
  const { airport, carrier, route, delayModelV1 } = network()
  const capitalised = prefix === '' ? '' : 'Geo'
  const names = derivedNames({
    prefix,
    entities: [airport, carrier, route],
    enums: [{ name: 'Season' }],
    services: [{ name: delayModelV1.name, roles: Object.keys(delayModelV1.roles) }],
    argumentTypes: [{ name: `${capitalised}AirportDistanceUnitEnum`, of: "view 'distance'" }],
  })
  const { schema } = buildSchema(closeRegistry({ name: 'flights', definitions: networkWith(), prefix }))
  const listed = (space: string) => new Set(names.filter((name) => name.space === space).map(({ name }) => name))
  const types = Object.keys(schema.getTypeMap()).filter((name) => !KEPT.test(name))
  expect(types.filter((name) => !listed('type').has(name))).toEqual([])
  const fields = Object.keys(schema.getQueryType()!.getFields())
  expect(fields.filter((name) => !listed('rootField').has(name))).toEqual([])
})
