import { describe, expect, test } from 'vitest'
import { int32 } from '../../../src/definitions/feature.ts'
import { FieldstoneErrors } from '../../../src/errors.ts'
import { closeRegistry } from '../../../src/registry/close.ts'
import type { RegistryBatchView, RegistryEntity, RegistryOnDemandView } from '../../../src/registry/registry.ts'
import { airport, daily, errorsOfClosing, js } from './closing.ts'
import { network, networkWith } from './network.ts'

const registry = closeRegistry({ name: 'flights', definitions: networkWith() })

function entityOf(name: string): RegistryEntity {
  return registry.entities.find((entity) => entity.name === name)!
}

function batchView(name: string): RegistryBatchView {
  return registry.entities.flatMap((entity) => entity.batchViews).find((view) => view.name === name)!
}

function onDemandView(name: string): RegistryOnDemandView {
  return registry.entities.flatMap((entity) => entity.onDemandViews).find((view) => view.name === name)!
}

describe('entities', () => {
  test('stand in declared order, with the names of their root fields', () => {
    expect(registry.entities.map(({ name, fieldName, pluralFieldName }) => [name, fieldName, pluralFieldName])).toEqual(
      [
        ['Airport', 'airport', 'airports'],
        ['Carrier', 'carrier', 'airlines'],
        ['Route', 'route', 'routes'],
      ],
    )
  })

  test('have their keys in order, ID in GraphQL unless they say otherwise', () => {
    expect(entityOf('Route').keys).toEqual([
      { name: 'origin', dtype: { kind: 'string' }, graphqlType: 'ID', description: undefined },
      { name: 'destination', dtype: { kind: 'string' }, graphqlType: 'ID', description: 'Where it ends.' },
    ])
    expect(entityOf('Carrier').keys[0]).toMatchObject({ dtype: { kind: 'int64' }, graphqlType: 'Int64' })
  })

  test('have references that are resolved, by keys and by features', () => {
    const [originAirport, destinationAirport, carrier] = entityOf('Route').references
    expect(originAirport).toMatchObject({ name: 'originAirport', description: 'Where it begins.' })
    expect(originAirport!.target).toBe(entityOf('Airport'))
    expect(originAirport!.keys).toEqual([{ from: 'key', index: 0 }])
    expect(destinationAirport!.keys).toEqual([{ from: 'key', index: 1 }])
    expect(carrier!.target).toBe(entityOf('Carrier'))
    expect(carrier!.keys).toEqual([{ from: 'feature', feature: batchView('routeDaily').features[0] }])
  })

  test('have all their features, in declared order', () => {
    expect(entityOf('Airport').features.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      ...['name', 'latitude', 'tags', 'departures7d', 'meanDelay30d', 'season', 'embedding', 'lastFlight'].map(
        (name) => `stored ${name}`,
      ),
      ...['onDemand distance', 'onDemand isNear'],
    ])
    expect(entityOf('Carrier').features).toEqual([])
  })
})

describe('batch views', () => {
  test('have durations in microseconds; retention is the ttl again unless it is declared', () => {
    const day = 86_400_000_000
    expect(batchView('airportDaily')).toMatchObject({ ttlMicros: 40 * day, retentionMicros: 40 * day })
    expect(batchView('routeDaily')).toMatchObject({ ttlMicros: 40 * day, retentionMicros: day })
    expect(batchView('airportProfile')).toMatchObject({ ttlMicros: undefined, retentionMicros: undefined })
    expect(batchView('airportDaily').schedule).toEqual({
      ...{ everyMicros: day, offsetMicros: 0, availableAfterMicros: day / 12 },
    })
    expect(batchView('routeDaily').schedule).toBeUndefined()
    expect(batchView('airportDaily')).toMatchObject({ maxStalenessMicros: 600_000_000, staleIfError: true })
    expect(batchView('routeDaily')).toMatchObject({ maxStalenessMicros: undefined, staleIfError: false })
  })

  test('have their version in their id', () => {
    expect(batchView('routeDaily')).toMatchObject({ id: 'routeDaily@2', version: 2, kind: 'batch' })
    expect(batchView('routeDaily').entity).toBe(entityOf('Route'))
  })

  test('have a source with a column for each key', () => {
    expect(batchView('airportProfile').source).toEqual({
      from: { file: 'airports.csv' },
      keyColumns: ['code'],
      ...{ eventTime: undefined, ingestTime: undefined, tieBreaker: undefined, deletedColumn: undefined },
    })
    expect(batchView('routeDaily').source).toMatchObject({
      ...{ keyColumns: ['origin', 'destination'], eventTime: 'asOf', deletedColumn: 'gone' },
    })
    expect(batchView('airportDaily').source).toMatchObject({ ingestTime: 'storedAt', tieBreaker: 'seq' })
  })

  test('have features that inherit tags and owner, and know their place', () => {
    const [departures7d, meanDelay30d, season, embedding, lastFlight] = batchView('airportDaily').features
    expect(departures7d).toMatchObject({
      ...{ index: 0, column: 'departures7d', nullable: false, nonFinite: 'null', default: undefined, scopes: [] },
      ...{ owner: 'network@example.com', tags: ['operations'], description: 'Departures over 7 days.' },
    })
    expect(departures7d!.view).toBe(batchView('airportDaily'))
    expect(departures7d!.entity).toBe(entityOf('Airport'))
    expect(meanDelay30d).toMatchObject({ owner: 'delays@example.com', tags: [], nonFinite: 'string', index: 1 })
    expect(season).toMatchObject({ default: 'WINTER', dtype: { kind: 'enum', name: 'Season' } })
    expect(embedding).toMatchObject({ deprecated: 'Use name.' })
    expect(lastFlight).toMatchObject({ column: 'last_flight' })
  })
})

describe('on-demand views', () => {
  test('have inputs that are resolved, stored and on-demand', () => {
    expect(onDemandView('distance').inputs).toEqual([
      { name: 'latitude', feature: batchView('airportProfile').features[1] },
    ])
    expect(onDemandView('nearness').inputs[0]!.feature).toBe(onDemandView('distance').features[0])
    expect(onDemandView('nearness').whenMissing).toBe('call')
  })

  test('have the arguments of their inputs too', () => {
    expect(onDemandView('nearness').args.map(({ name }) => name)).toEqual(['within'])
    expect(onDemandView('nearness').fieldArgs.map(({ name }) => name)).toEqual(['within', 'latitude', 'unit'])
    expect(onDemandView('distance').fieldArgs).toEqual(onDemandView('distance').args)
  })

  test('may be declared before what they need', () => {
    const { nearness, ...others } = network()
    const reordered = closeRegistry({ name: 'flights', definitions: [nearness, ...Object.values(others)] })
    expect(reordered.entities[0]!.onDemandViews.map(({ name }) => name)).toEqual(['nearness', 'distance'])
    expect(reordered.entities[0]!.features[0]).toMatchObject({ name: 'isNear', kind: 'onDemand' })
  })

  test('keep their function and their zod schema', () => {
    const { distance } = network()
    const view = closeRegistry({ name: 'flights', definitions: networkWith({ distance }) }).entities[0]!
      .onDemandViews[0]!
    expect(view.compute).toBe(distance.compute)
    expect(view.argsSchema).toBe(distance.args)
    expect(onDemandView('nearness').args[0]).toMatchObject({ type: { kind: 'Int' }, required: false })
  })
})

describe('services', () => {
  test('have roles with features, and the arguments of all of them once', () => {
    const [service] = registry.services
    expect(service).toMatchObject({ name: 'delayModelV1', fieldName: 'delayModelV1', version: 1 })
    expect(
      service!.roles.map(({ name, entity, features }) => [name, entity, features.map((feature) => feature.name)]),
    ).toEqual([
      ['route', entityOf('Route'), ['flights30d']],
      ['origin', entityOf('Airport'), ['departures7d', 'isNear']],
      ['destination', entityOf('Airport'), ['departures7d']],
    ])
    expect(service!.rowArgs.map(({ name }) => name)).toEqual(['within', 'latitude', 'unit'])
  })
})

test('every enum stands once', () => {
  expect(registry.enums).toEqual([{ kind: 'enum', name: 'Season', members: ['WINTER', 'SUMMER'] }])
})

test('a prefix is put before root fields', () => {
  const prefixed = closeRegistry({ name: 'flights', definitions: networkWith(), prefix: 'geo' })
  expect(prefixed.prefix).toBe('geo')
  expect(prefixed.entities.map(({ fieldName, pluralFieldName }) => [fieldName, pluralFieldName])).toEqual([
    ['geoAirport', 'geoAirports'],
    ['geoCarrier', 'geoAirlines'],
    ['geoRoute', 'geoRoutes'],
  ])
  expect(prefixed.services[0]!.fieldName).toBe('geoDelayModelV1')
})

test('a deployment has definitions', () => {
  expect(errorsOfClosing([])).toEqual([
    "DEFINITION_INVALID  deployment 'test' has no definitions: There is nothing to serve. Export entities and views from the module that the config names under 'definitions'.",
  ])
})

test('an entity that was loaded twice is the same where its key is', () => {
  expect(errorsOfClosing([network().airport, daily()])).toEqual([])
})

describe('errors', () => {
  test('are all told at once, each under its own code', () => {
    const definitions = networkWith({
      airport: undefined,
      airportProfile: daily({ version: 0, features: { 'mean delay': int32({ default: 0.5 }) } }),
    })
    const codes = new Set(errorsOfClosing(definitions).map((error) => error.split('  ')[0]))
    expect([...codes].sort()).toEqual([
      ...['DEFINITION_INVALID', 'DEFINITION_NAME_ILLEGAL', 'DEFINITION_REFERENCE_UNRESOLVED'],
    ])
  })

  test('are FieldstoneErrors whose message holds every line', () => {
    try {
      closeRegistry({ name: 'test', definitions: [airport, airport, daily({ version: -1 })] })
      expect.unreachable()
    } catch (error) {
      expect(error).toBeInstanceOf(FieldstoneErrors)
      expect((error as FieldstoneErrors).message.split('\n')).toHaveLength(2)
    }
  })

  test('of a wrong shape name the path, the value and the mend, and are not followed by others', () => {
    const mend =
      'Make definitions by entity(), batchView(), onDemandView() and featureService(), whose types say what they take.'
    expect(errorsOfClosing([js({ ...airport, keys: 5 }), daily()])).toEqual([
      `DEFINITION_INVALID  entity 'Airport': keys is 5: Invalid input: expected record, received number. ${mend}`,
    ])
    expect(errorsOfClosing([airport, js({ ...daily(), entity: undefined, tags: [1] })])).toEqual([
      `DEFINITION_INVALID  batchView 'daily': tags.0 is 1: Invalid input: expected string, received number. ${mend}`,
      `DEFINITION_INVALID  batchView 'daily': entity is undefined: Invalid input: expected object, received undefined. ${mend}`,
    ])
  })

  test('name what is no definition by its place', () => {
    const rest =
      'A deployment is made of entities, batch views, on-demand views and feature services. Take it out of the list.'
    expect(errorsOfClosing([airport, null, { kind: 'table' }])).toEqual([
      `DEFINITION_INVALID  definition 1 is null: ${rest}`,
      `DEFINITION_INVALID  definition 2 is { kind: "table" }: ${rest}`,
    ])
    expect(errorsOfClosing([{ kind: 'entity' }])[0]).toMatch(
      /^DEFINITION_INVALID {2}definition 0, of kind entity: name/,
    )
  })
})
