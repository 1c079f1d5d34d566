import {
  buildSchema as buildGraphQL,
  graphqlSync,
  isInterfaceType,
  isObjectType,
  lexicographicSortSchema,
  parse,
  print,
  printSchema,
} from 'graphql'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { batchView } from '../../../src/definitions/batch-view.ts'
import type { Definition } from '../../../src/definitions/definition.ts'
import { entity, ref } from '../../../src/definitions/entity.ts'
import {
  bytes,
  enumOf,
  float64,
  int32,
  int64,
  json,
  list,
  string,
  timestamp,
  uuid,
  vector,
} from '../../../src/definitions/feature.ts'
import { featureService } from '../../../src/definitions/feature-service.ts'
import { onDemandView } from '../../../src/definitions/on-demand-view.ts'
import { staticTable } from '../../../src/definitions/sources.ts'
import { closeRegistry } from '../../../src/registry/close.ts'
import { FEATURE_STATUS_DESCRIPTIONS } from '../../../src/sdl/feature-statuses.ts'
import { buildSchema } from '../../../src/sdl/schema.ts'
import { FEATURE_STATUSES } from '../../../src/values/status.ts'

const airport = entity('Airport', {
  keys: { iata: string({ description: 'IATA "code".' }) },
  description: 'An airport.',
})
const route = entity('Route', {
  keys: { origin: string({ graphqlType: 'String' }), number: int64({ graphqlType: 'Int64' }) },
  references: { originAirport: ref(airport, { iata: 'origin' }, { description: 'Where it begins.' }) },
  plural: 'allRoutes',
})
const profile = batchView('profile', {
  entity: airport,
  source: staticTable({ table: 'airports' }),
  features: {
    name: string({ deprecated: 'Use "fullName".' }),
    gates: int32({ nullable: false, description: 'Gates, öffentliche ones.' }),
    id: uuid(),
    opened: timestamp(),
    logo: bytes(),
    more: json(),
    big: int64(),
    odd: float64({ nonFinite: 'string' }),
    season: enumOf('Season', ['WINTER', 'SUMMER']),
    embedding: vector(3),
    tags: list(string()),
  },
})
const onDemand = onDemandView('scaled', {
  entity: airport,
  inputs: { gates: profile.features.gates },
  args: z.object({
    by: z.number().describe('How much.').default(2),
    mode: z.enum(['UP', 'DOWN']),
    at: z.object({ x: z.number(), y: z.int().optional() }).optional(),
    names: z.array(z.string()).default(['a']),
  }),
  features: { scaledGates: int32() },
  compute: () => ({ scaledGates: 1 }),
})
const service = featureService('model', {
  roles: { from: airport },
  features: {
    from: [
      profile.features.name,
      profile.features.gates,
      profile.features.tags,
      profile.features.embedding,
      onDemand.features.scaledGates,
    ],
  },
})
const definitions = [airport, route, profile, onDemand, service] as readonly Definition[]
const schemaOf = (prefix = '') => buildSchema(closeRegistry({ name: 'test', definitions, prefix }))

describe('the schema', () => {
  test('is printed whole', async () => {
    await expect(schemaOf().sdl).toMatchFileSnapshot('../../golden/sdl/schema.graphql')
  })

  test('takes a prefix for root fields and helper types', async () => {
    await expect(schemaOf('geo').sdl).toMatchFileSnapshot('../../golden/sdl/prefixed.graphql')
  })

  test('is the same for the same definitions, and reads back as it was printed', () => {
    const { sdl } = schemaOf()
    expect(schemaOf().sdl).toBe(sdl)
    expect(`${print(parse(sdl))}\n`).toBe(sdl)
  })

  test('is an executable subgraph with _entities and _service', () => {
    const { schema, sdl } = schemaOf()
    const fields = schema.getQueryType()!.getFields()
    expect(Object.keys(fields)).toEqual(
      expect.arrayContaining(['_entities', '_service', 'airport', 'airports', 'allRoutes', 'model']),
    )
    expect(() => buildGraphQL(printSchema(schema))).not.toThrow()
    expect(sdl).toContain('@link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])')
  })

  test('tells a router its text, which makes the same schema', () => {
    const { schema } = schemaOf()
    const { data } = graphqlSync({ schema, source: '{ _service { sdl } }' })
    const { sdl } = data!._service as { readonly sdl: string }
    expect(printSchema(lexicographicSortSchema(buildGraphQL(sdl)))).toBe(printSchema(lexicographicSortSchema(schema)))
    expect(sdl).toContain('@key(fields: "origin number")')
    expect(sdl).toContain('https://specs.apollo.dev/federation/v2.9')
  })

  test('every feature is nullable, whatever its rows promise', () => {
    const type = schemaOf().schema.getType('Airport')
    if (!isObjectType(type)) throw new Error('no type')
    expect(String(type.getFields().gates!.type)).toBe('Int')
    expect(String(type.getFields().iata!.type)).toBe('ID!')
  })

  test('a reference has an interface as type in the interface, a type in the type', () => {
    const { schema } = schemaOf()
    const [of, at] = [schema.getType('Route'), schema.getType('RouteFeatures')]
    if (!isObjectType(of) || !isInterfaceType(at)) throw new Error('no types')
    expect(String(of.getFields().originAirport!.type)).toBe('Airport')
    expect(String(at.getFields().originAirport!.type)).toBe('AirportFeatures')
  })

  test('every field has a meaning but those of graphql-js', () => {
    const { schema, meanings } = schemaOf()
    const fields = Object.values(schema.getTypeMap())
      .filter((type) => (isObjectType(type) || isInterfaceType(type)) && !type.name.startsWith('_'))
      .flatMap((type) =>
        Object.keys(isObjectType(type) || isInterfaceType(type) ? type.getFields() : {}).map(
          (name) => `${type.name}.${name}`,
        ),
      )
    expect(fields.filter((name) => !meanings.has(name))).toEqual(['Query._service'])
  })

  test('has the statuses that there are', () => {
    expect(Object.keys(FEATURE_STATUS_DESCRIPTIONS).toSorted()).toEqual([...FEATURE_STATUSES].toSorted())
  })

  test('has only the types that are used', () => {
    const described = int32({ description: 'Not as in `opened: Timestamp`, `more: JSON` or logo: [Bytes].' })
    const plain = batchView('plain', {
      entity: airport,
      source: staticTable({ table: 't' }),
      features: { n: described },
    })
    const { sdl } = buildSchema(closeRegistry({ name: 'test', definitions: [airport, plain] }))
    expect(sdl).not.toMatch(/scalar (Int64|JSON|Bytes|ExtendedFloat)|FloatVector|Column/)
  })
})
