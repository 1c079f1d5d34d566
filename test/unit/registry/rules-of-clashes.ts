import { z } from 'zod'
import { batchView } from '../../../src/definitions/batch-view.ts'
import { entity } from '../../../src/definitions/entity.ts'
import { enumOf, int32, list, string } from '../../../src/definitions/feature.ts'
import { airport, daily, distance, file, js, keys, type Rule, refTo, service } from './closing.ts'

/** Which names are taken. */
export const rulesOfClashes: readonly Rule[] = [
  {
    rule: 'a definition is listed once',
    definitions: () => [airport, airport],
    errors: [
      `DEFINITION_NAME_TAKEN  entity 'Airport': it is listed twice: Names of definitions are unique in a deployment. List it once.`,
    ],
  },
  {
    rule: 'names of entities are unique',
    definitions: () => [airport, entity('Airport', { keys })],
    errors: [
      `DEFINITION_NAME_TAKEN  entity 'Airport': there is another entity of this name: Names of definitions are unique in a deployment. Rename one of the two.`,
    ],
  },
  {
    rule: 'names of views are unique, whatever their kind',
    definitions: () => [airport, daily(), js({ ...distance(), name: 'daily', features: {} })],
    errors: [
      `DEFINITION_NAME_TAKEN  onDemandView 'daily': there is another batchView of this name: Names of definitions are unique in a deployment. Rename one of the two.`,
    ],
  },
  {
    rule: 'names of services are unique',
    definitions: () => [airport, daily(), service('model'), service('model')],
    errors: [
      `DEFINITION_NAME_TAKEN  featureService 'model': there is another featureService of this name: Names of definitions are unique in a deployment. Rename one of the two.`,
    ],
  },
  {
    rule: 'features of an entity are unique across its views',
    definitions: () => [airport, daily(), distance({ features: { departures: int32() } })],
    errors: [
      `DEFINITION_NAME_TAKEN  entity 'Airport': 'departures' is a feature of batchView 'daily', and a feature of onDemandView 'distance': Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
  {
    rule: 'a feature is no key',
    definitions: () => [airport, daily({ features: { iata: int32() } })],
    errors: [
      `DEFINITION_NAME_TAKEN  entity 'Airport': 'iata' is a key, and a feature of batchView 'daily': Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
  {
    rule: 'a feature is no reference',
    definitions: () => [
      airport,
      entity('Leg', { keys, references: { origin: refTo(airport) } }),
      batchView('leg', { entity: entity('Leg', { keys }), source: file, features: { origin: int32() } }),
    ],
    errors: [
      `DEFINITION_NAME_TAKEN  entity 'Leg': 'origin' is a reference, and a feature of batchView 'leg': Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
  {
    rule: 'a reference is no key',
    definitions: () => [airport, entity('Leg', { keys, references: { id: refTo(airport) } })],
    errors: [
      `DEFINITION_NAME_TAKEN  entity 'Leg': 'id' is a key, and a reference: Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
  {
    rule: 'featureInfo is no feature, key or reference',
    definitions: () => [
      airport,
      entity('Leg', { keys: { featureInfo: string() } }),
      daily({ features: { featureInfo: int32() } }),
    ],
    errors: [
      `DEFINITION_NAME_TAKEN  entity 'Airport': 'featureInfo' is a field of every entity, and a feature of batchView 'daily': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  entity 'Leg': 'featureInfo' is a field of every entity, and a key: Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
  {
    rule: 'a plural is not the field of one',
    definitions: () => [entity('Sheep', { keys, plural: 'sheep' })],
    errors: [
      `DEFINITION_NAME_TAKEN  'sheep' is the field derived from entity 'Sheep', and the plural that is declared by entity 'Sheep': Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
  {
    rule: 'a plural is no other entity',
    definitions: () => [airport, entity('Airports', { keys, plural: 'allAirports' })],
    errors: [
      `DEFINITION_NAME_TAKEN  'airports' is the plural derived from entity 'Airport', and the field derived from entity 'Airports': Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
  {
    rule: 'two entities have two root fields',
    definitions: () => [airport, entity('airport', { keys, plural: 'more' })],
    errors: [
      `DEFINITION_NAME_TAKEN  'airport' is the field derived from entity 'Airport', and the field derived from entity 'airport': Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
  {
    rule: 'an entity is no type derived from another',
    definitions: () => [
      airport,
      entity('AirportKey', { keys }),
      entity('AirportFeatures', { keys }),
      entity('AirportFeature', { keys }),
      entity('AirportAt', { keys }),
    ],
    errors: [
      `DEFINITION_NAME_TAKEN  'AirportKey' is the input object derived from entity 'Airport', and the type of entity 'AirportKey': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'AirportFeatures' is the interface derived from entity 'Airport', and the type of entity 'AirportFeatures': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'AirportFeature' is the enum of features derived from entity 'Airport', and the type of entity 'AirportFeature': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'AirportAt' is kept for the past values of entity 'Airport', and the type of entity 'AirportAt': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'airportFeatures' is the field derived from entity 'AirportFeatures', and the plural derived from entity 'AirportFeature': Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
  {
    rule: 'an entity is no scalar, root type, helper or type of federation',
    definitions: () =>
      ['Query', 'Timestamp', 'ID', 'FieldSet', 'FeatureInfo', 'IntColumn'].map((name) => entity(js(name), { keys })),
    errors: [
      `DEFINITION_NAME_TAKEN  'Query' is a root type of every schema, and the type of entity 'Query': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'Timestamp' is a scalar of every Fieldstone schema, and the type of entity 'Timestamp': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'ID' is a scalar of GraphQL, and the type of entity 'ID': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'FieldSet' is a type of Apollo Federation, and the type of entity 'FieldSet': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'FeatureInfo' is a type of every Fieldstone schema, and the type of entity 'FeatureInfo': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'IntColumn' is the column type of Int, and the type of entity 'IntColumn': Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
  {
    rule: 'under a prefix helper types are others',
    definitions: () => [
      airport,
      entity('AirportKey', { keys }),
      entity('FeatureInfo', { keys }),
      entity('GeoFloatVector', { keys }),
    ],
    prefix: 'geo',
    errors: [
      `DEFINITION_NAME_TAKEN  'GeoFloatVector' is a type of every Fieldstone schema, and the type of entity 'GeoFloatVector': Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
  {
    rule: 'an enum is no other type',
    definitions: () => [
      airport,
      daily({
        features: {
          a: enumOf('Airport', ['A']),
          b: list(enumOf('JSON', ['A'])),
          c: enumOf('SeasonColumn', ['A']),
          d: enumOf('Season', ['A']),
        },
      }),
    ],
    errors: [
      `DEFINITION_NAME_TAKEN  'Airport' is the type of entity 'Airport', and the type of enum 'Airport': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'JSON' is a scalar of every Fieldstone schema, and the type of enum 'JSON': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'JSONColumn' is the column type of JSON, and the column type derived from enum 'JSON': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'JSONListColumn' is the column type of JSONList, and the list column type derived from enum 'JSON': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'SeasonColumn' is the type of enum 'SeasonColumn', and the column type derived from enum 'Season': Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
  {
    rule: 'one enum has one list of members',
    definitions: () => [
      airport,
      daily({ features: { a: enumOf('Season', ['A', 'B']), b: list(enumOf('Season', ['B', 'A'])) } }),
    ],
    errors: [
      `DEFINITION_NAME_TAKEN  batchView 'daily': feature 'b': enum Season has the members B, A: In batchView 'daily': feature 'a' it has the members A, B; one name means one list. Declare the enum once and use it in both, or rename one of the two.`,
    ],
  },
  {
    rule: 'an enum has its members once',
    definitions: () => [airport, daily({ features: { a: enumOf('Season', ['A', 'A']) } })],
    errors: [
      `DEFINITION_NAME_TAKEN  batchView 'daily': feature 'a': enum 'Season' has the member 'A' twice: Members of an enum are distinct. Take one of the two out.`,
    ],
  },
  {
    rule: 'a service is no root field of an entity',
    definitions: () => [airport, daily(), service('airports')],
    errors: [
      `DEFINITION_NAME_TAKEN  'airports' is the plural derived from entity 'Airport', and the field of featureService 'airports': Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
  {
    rule: 'a service derives no type twice',
    definitions: () => [airport, daily(), service('model'), service('Model'), service('modelOrigin')],
    errors: [
      `DEFINITION_NAME_TAKEN  'ModelRow' is the row input derived from featureService 'model', and the row input derived from featureService 'Model': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'ModelColumns' is the answer type derived from featureService 'model', and the answer type derived from featureService 'Model': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'ModelOriginColumns' is derived from role 'origin' of featureService 'model', and derived from role 'origin' of featureService 'Model': Every name of the schema means one thing. Rename one of the two.`,
      `DEFINITION_NAME_TAKEN  'ModelOriginColumns' is derived from role 'origin' of featureService 'model', and the answer type derived from featureService 'modelOrigin': Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
  {
    rule: 'a type of arguments is no other type',
    definitions: () => [
      airport,
      distance({ args: z.object({ unit: z.enum(['A']) }) }),
      entity('AirportDistanceUnitEnum', { keys }),
    ],
    errors: [
      `DEFINITION_NAME_TAKEN  'AirportDistanceUnitEnum' is the type of entity 'AirportDistanceUnitEnum', and the type of an argument of view 'distance': Every name of the schema means one thing. Rename one of the two.`,
    ],
  },
]
