import { z } from 'zod'
import { batchView } from '../../../src/definitions/batch-view.ts'
import { entity } from '../../../src/definitions/entity.ts'
import { enumOf, int32, string } from '../../../src/definitions/feature.ts'
import { airport, daily, distance, file, keys, type Rule, refTo, service } from './closing.ts'

/** Which names are legal. */
export const rulesOfNames: readonly Rule[] = [
  {
    rule: 'an entity has a legal name',
    definitions: () => [entity('Air port', { keys })],
    errors: [
      `DEFINITION_NAME_ILLEGAL  entity 'Air port': name "Air port": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "AirPort", say.`,
    ],
  },
  {
    rule: 'an entity does not begin with _',
    definitions: () => [entity('_Airport', { keys })],
    errors: [
      `DEFINITION_NAME_ILLEGAL  entity '_Airport': name "_Airport": Entity names that begin with _ are kept for the records of the online store and for federation. Name it "Airport".`,
    ],
  },
  {
    rule: 'an entity does not begin with __',
    definitions: () => [entity('__Airport', { keys })],
    errors: [
      `DEFINITION_NAME_ILLEGAL  entity '__Airport': name "__Airport": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "Airport", say.`,
    ],
  },
  {
    rule: 'an entity has no name of federation',
    definitions: () => [entity('link__Import', { keys })],
    errors: [
      `DEFINITION_NAME_ILLEGAL  entity 'link__Import': name "link__Import": Apollo Federation keeps type names that begin with link__ for itself. Choose another name.`,
    ],
  },
  {
    rule: 'a plural has a legal name',
    definitions: () => [entity('Sheep', { keys, plural: 'many sheep' })],
    errors: [
      `DEFINITION_NAME_ILLEGAL  entity 'Sheep': plural "many sheep": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "manySheep", say.`,
    ],
  },
  {
    rule: 'a key has a legal name',
    definitions: () => [entity('Airport', { keys: { 'iata-code': string() } })],
    errors: [
      `DEFINITION_NAME_ILLEGAL  entity 'Airport': key name "iata-code": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "iataCode", say.`,
    ],
  },
  {
    rule: 'a reference has a legal name',
    definitions: () => [airport, entity('Leg', { keys, references: { '1st': refTo(airport) } })],
    errors: [
      `DEFINITION_NAME_ILLEGAL  entity 'Leg': reference name "1st": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Choose another name.`,
    ],
  },
  {
    rule: 'a view has a legal name',
    definitions: () => [airport, batchView('daily rows', { entity: airport, source: file, features: { a: int32() } })],
    errors: [
      `DEFINITION_NAME_ILLEGAL  batchView 'daily rows': name "daily rows": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "dailyRows", say.`,
    ],
  },
  {
    rule: 'a feature has a legal name',
    definitions: () => [airport, daily({ features: { 'mean delay': int32(), '': int32(), ünder: int32() } })],
    errors: [
      `DEFINITION_NAME_ILLEGAL  batchView 'daily': feature name "mean delay": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "meanDelay", say.`,
      `DEFINITION_NAME_ILLEGAL  batchView 'daily': feature name "": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Choose another name.`,
      `DEFINITION_NAME_ILLEGAL  batchView 'daily': feature name "ünder": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "under", say.`,
    ],
  },
  {
    rule: 'a feature is not called as no enum value may be',
    definitions: () => [airport, daily({ features: { true: int32(), null: int32() } })],
    errors: [
      `DEFINITION_NAME_ILLEGAL  batchView 'daily': feature name "true": GraphQL enums admit any name but true, false and null. Choose another name.`,
      `DEFINITION_NAME_ILLEGAL  batchView 'daily': feature name "null": GraphQL enums admit any name but true, false and null. Choose another name.`,
    ],
  },
  {
    rule: 'a service has a legal name',
    definitions: () => [airport, daily(), service('model-1')],
    errors: [
      `DEFINITION_NAME_ILLEGAL  featureService 'model-1': name "model-1": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "model1", say.`,
    ],
  },
  {
    rule: 'a role has a legal name',
    definitions: () => [airport, daily(), service('model', { 'the origin': airport })],
    errors: [
      `DEFINITION_NAME_ILLEGAL  featureService 'model': role name "the origin": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "theOrigin", say.`,
    ],
  },
  {
    rule: 'a role is not called rowCount',
    definitions: () => [airport, daily(), service('model', { rowCount: airport })],
    errors: [
      `DEFINITION_NAME_TAKEN  featureService 'model': role name 'rowCount': Every service's answer has a field 'rowCount' of its own. Give the role another name.`,
    ],
  },
  {
    rule: 'an enum and its members have legal names',
    definitions: () => [airport, daily({ features: { season: enumOf('The Season', ['warm days', 'true', '__X']) } })],
    errors: [
      `DEFINITION_NAME_ILLEGAL  batchView 'daily': feature 'season': enum name "The Season": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "TheSeason", say.`,
      `DEFINITION_NAME_ILLEGAL  batchView 'daily': feature 'season': member of enum 'The Season' "warm days": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "warmDays", say.`,
      `DEFINITION_NAME_ILLEGAL  batchView 'daily': feature 'season': member of enum 'The Season' "true": GraphQL enums admit any name but true, false and null. Choose another name.`,
      `DEFINITION_NAME_ILLEGAL  batchView 'daily': feature 'season': member of enum 'The Season' "__X": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "X", say.`,
    ],
  },
  {
    rule: 'an argument has a legal name',
    definitions: () => [
      airport,
      distance({ args: z.object({ 'from-here': z.string(), at: z.object({ __x: z.int() }) }) }),
    ],
    errors: [
      `DEFINITION_NAME_ILLEGAL  onDemandView 'distance': argument args "from-here": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "fromHere", say.`,
      `DEFINITION_NAME_ILLEGAL  onDemandView 'distance': argument args.at "__x": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "x", say.`,
    ],
  },
  {
    rule: 'an argument enum has legal members',
    definitions: () => [airport, distance({ args: z.object({ unit: z.enum(['km/h']), other: z.enum({ A: 1 }) }) })],
    errors: [
      `DEFINITION_NAME_ILLEGAL  onDemandView 'distance': member of the enum at args.unit "km/h": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "kmH", say.`,
      `DEFINITION_INVALID  onDemandView 'distance': args.other is an enum of numbers: Arguments become GraphQL inputs, which say string, number, int, boolean, enum, array, object, optional and default. Use one of these, with checks (min, max, email, refine, …) where it is not narrow enough.`,
    ],
  },
  {
    rule: 'a prefix is a legal name',
    definitions: () => [airport],
    prefix: 'geo-',
    errors: [
      'DEFINITION_NAME_ILLEGAL  prefix "geo-": Names become GraphQL names: a letter, then letters, digits or _, and not starting with __. Name it "geo", say.',
    ],
  },
  {
    rule: 'a prefix does not begin with _',
    definitions: () => [airport],
    prefix: '_geo',
    errors: [
      'DEFINITION_NAME_ILLEGAL  prefix "_geo": Root fields that begin with _ are kept for federation. Write "geo".',
    ],
  },
]
