import { describe, expect, test } from 'vitest'
import { enumOf, float32, float64, int64, list, string, uuid, vector } from '../../../src/definitions/feature.ts'
import {
  argumentTypePrefix,
  columnTypeName,
  derivedNames,
  entityFieldNames,
  entityTypeNames,
  helperTypeNames,
  printNames,
  serviceFieldName,
  serviceTypeNames,
} from '../../../src/registry/names.ts'

describe('root fields of entities', () => {
  test.each([
    ['Airport', 'airport', 'airports'],
    ['City', 'city', 'cities'],
    ['Day', 'day', 'days'],
    ['Bus', 'bus', 'buses'],
    ['Box', 'box', 'boxes'],
    ['Branch', 'branch', 'branches'],
    ['USState', 'usState', 'usStates'],
    ['URL', 'url', 'urls'],
    ['S3Bucket', 's3Bucket', 's3Buckets'],
    ['lowercase', 'lowercase', 'lowercases'],
  ])('%s is %s and %s', (entity, one, many) => {
    expect(entityFieldNames(entity, undefined, '')).toEqual({ one, many })
  })

  test('a plural that is declared is taken', () => {
    expect(entityFieldNames('Person', 'people', '')).toEqual({ one: 'person', many: 'people' })
    expect(entityFieldNames('Person', 'people', 'hr')).toEqual({ one: 'hrPerson', many: 'hrPeople' })
  })
})

describe('a prefix', () => {
  test('comes before root fields, and capitalised before helper types', () => {
    expect(entityFieldNames('Airport', undefined, 'geo')).toEqual({ one: 'geoAirport', many: 'geoAirports' })
    expect(serviceFieldName('delayModelV1', 'geo')).toBe('geoDelayModelV1')
    expect(helperTypeNames('geo').featureInfo).toBe('GeoFeatureInfo')
    expect(argumentTypePrefix('Airport', 'distance', 'geo')).toBe('GeoAirportDistance')
    expect(serviceTypeNames('model', ['origin'], 'geo')).toEqual({
      ...{ row: 'GeoModelRow', columns: 'GeoModelColumns', roles: ['GeoModelOriginColumns'] },
    })
  })

  test('leaves entities and their interfaces as they are', () => {
    expect(entityTypeNames('Airport', 'geo')).toEqual({
      ...{ type: 'Airport', features: 'AirportFeatures', past: 'AirportAt' },
      ...{ key: 'GeoAirportKey', feature: 'GeoAirportFeature' },
    })
  })

  test('may end in an underscore', () => {
    expect(entityFieldNames('Airport', undefined, 'geo_').one).toBe('geo_airport')
    expect(helperTypeNames('geo_').featureInfo).toBe('Geo_FeatureInfo')
  })
})

test.each([
  [int64(), 'Int64Column'],
  [float32(), 'FloatColumn'],
  [float64({ nonFinite: 'string' }), 'ExtendedFloatColumn'],
  [uuid(), 'IDColumn'],
  [vector(3), 'FloatVectorColumn'],
  [list(string()), 'StringListColumn'],
  [list(float64({ nonFinite: 'string' })), 'ExtendedFloatListColumn'],
  [enumOf('Season', ['A']), 'SeasonColumn'],
  [list(enumOf('Season', ['A'])), 'SeasonListColumn'],
])('columns are shared by their element: %#', ({ dtype, nonFinite }, name) => {
  expect(columnTypeName(dtype, nonFinite, '')).toBe(name)
})

test('the list of names is printed with what each is', () => {
  const names = derivedNames({
    prefix: '',
    entities: [{ name: 'Airport', plural: undefined }],
    enums: [{ name: 'Season' }],
    services: [{ name: 'model', roles: ['origin'] }],
    argumentTypes: [{ name: 'AirportNearUnitEnum', of: "view 'near'" }],
  })
  const printed = printNames(names)
  expect(printed).toContain("type AirportKey: the input object derived from entity 'Airport'\n")
  expect(printed).toContain('type _Entity: a type of Apollo Federation\n')
  expect(printed).toContain('Query field _service: a field of Apollo Federation\n')
  expect(printed.slice(printed.indexOf('type Airport:'))).toBe(
    [
      "type Airport: the type of entity 'Airport'",
      "type AirportFeatures: the interface derived from entity 'Airport'",
      "type AirportKey: the input object derived from entity 'Airport'",
      "type AirportFeature: the enum of features derived from entity 'Airport'",
      "type AirportAt: kept for the past values of entity 'Airport'",
      "Query field airport: the field derived from entity 'Airport'",
      "Query field airports: the plural derived from entity 'Airport'",
      "type Season: the type of enum 'Season'",
      "type SeasonColumn: the column type derived from enum 'Season'",
      "type SeasonListColumn: the list column type derived from enum 'Season'",
      "Query field model: the field of featureService 'model'",
      "type ModelRow: the row input derived from featureService 'model'",
      "type ModelColumns: the answer type derived from featureService 'model'",
      "type ModelOriginColumns: derived from role 'origin' of featureService 'model'",
      "type AirportNearUnitEnum: the type of an argument of view 'near'",
      '',
    ].join('\n'),
  )
})
