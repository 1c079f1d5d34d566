import { entity } from '../../../src/definitions/entity.ts'
import {
  bytes,
  enumOf,
  float32,
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
import { staticTable, tableSource } from '../../../src/definitions/sources.ts'
import { airport, daily, distance, js, type Rule } from './closing.ts'

const rows = tableSource({ sql: 'select 1', eventTime: 'at' })
const feature = (name: string, view: string, entityName = 'Airport') =>
  js({ kind: 'viewFeature', entity: entityName, view, name, definition: int32() })
const onDemand = (
  name: string,
  inputs: Readonly<Record<string, unknown>>,
  more: Readonly<Record<string, unknown>> = {},
) => js({ ...distance({ inputs, ...more }), name, features: { [name]: feature(name, name) } })

/** What views and their features may be. */
export const rulesOfViews: readonly Rule[] = [
  {
    rule: 'the entity of a view is among the definitions',
    definitions: () => [daily()],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  batchView 'daily': its entity is 'Airport': The definitions hold no entity 'Airport'; they hold none. Define it, export it from the definitions the config names, or mend the name.`,
    ],
  },
  {
    rule: 'the entity of a view is the one that is listed',
    definitions: () => [entity('Airport', { keys: { icao: string() } }), daily()],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  batchView 'daily': its entity is 'Airport': The definitions hold another entity 'Airport', with other keys. Define it, export it from the definitions the config names, or mend the name.`,
    ],
  },
  {
    rule: 'a view has features',
    definitions: () => [airport, daily({ features: {} })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': it has no features: A view gives at least one feature. Declare one, or take the view out.`,
    ],
  },
  {
    rule: 'a view has its own features',
    definitions: () => [airport, js({ ...daily(), features: { other: feature('departures', 'weekly') } })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': feature 'other' is 'departures' of view 'weekly' of Airport: A view holds its own features, under their own names. Make the view by batchView(), and declare its features there.`,
    ],
  },
  {
    rule: 'a version is a positive whole number',
    definitions: () => [airport, daily({ version: 0 }), distance({ version: '2' })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': version is 0: Versions are whole numbers from 1 on. Write version: 1, and one more at every breaking change.`,
      `DEFINITION_INVALID  onDemandView 'distance': version is "2": Versions are whole numbers from 1 on. Write version: 1, and one more at every breaking change.`,
    ],
  },
  {
    rule: 'a ttl and a retention are durations',
    definitions: () => [airport, daily({ source: rows, ttl: '5 minutes', retention: 60 })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': ttl is "5 minutes": A duration is a whole number and a unit: us, ms, s, m, h or d. Write it like '5m' or '40d'.`,
      `DEFINITION_INVALID  batchView 'daily': retention is 60: A duration is a whole number and a unit: us, ms, s, m, h or d. Write it like '5m' or '40d'.`,
    ],
  },
  {
    rule: 'a ttl is above zero',
    definitions: () => [airport, daily({ source: rows, ttl: '0s' })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': ttl is "0s": A duration is a whole number above 0 and a unit: us, ms, s, m, h or d. Write it like '5m' or '40d'.`,
    ],
  },
  {
    rule: 'retention needs a ttl',
    definitions: () => [airport, daily({ source: rows, retention: '5m' })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': retention is "5m" and ttl is undefined: Retention counts from the ttl; without a ttl rows never grow old. Declare a ttl, or take retention out.`,
    ],
  },
  {
    rule: 'a static table has neither ttl nor retention',
    definitions: () => [airport, daily({ ttl: '5m', retention: '5m' })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': ttl is "5m": The rows of a staticTable hold at every instant. Take ttl out, or use tableSource() with an event time.`,
      `DEFINITION_INVALID  batchView 'daily': retention is "5m": The rows of a staticTable hold at every instant. Take retention out, or use tableSource() with an event time.`,
    ],
  },
  {
    rule: 'a schedule is made of durations',
    definitions: () => [airport, daily({ schedule: { offset: '-1h', availableAfter: 'soon' } })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': schedule.every is undefined: A schedule says how often the view is run. Write schedule: { every: '1d' }.`,
      `DEFINITION_INVALID  batchView 'daily': schedule.offset is "-1h": A duration is a whole number and a unit: us, ms, s, m, h or d. Write it like '5m' or '40d'.`,
      `DEFINITION_INVALID  batchView 'daily': schedule.availableAfter is "soon": A duration is a whole number and a unit: us, ms, s, m, h or d. Write it like '5m' or '40d'.`,
    ],
  },
  {
    rule: 'a bound of copies is a duration above zero',
    definitions: () => [airport, daily({ maxStaleness: '0s', staleIfError: true })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': maxStaleness is "0s": A duration is a whole number above 0 and a unit: us, ms, s, m, h or d. Write it like '5m' or '40d'.`,
    ],
  },
  {
    rule: 'copies that stand in for a store have a bound',
    definitions: () => [airport, daily({ staleIfError: true })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': staleIfError is true and maxStaleness is undefined: A copy that stands in for a store that fails is served up to a certain age. Declare it, e.g. maxStaleness: '10m', or take staleIfError out.`,
    ],
  },
  {
    rule: 'a source reads from exactly one thing',
    definitions: () => [airport, daily({ source: staticTable(js({ file: 'a.csv', sql: 'select 1' })) })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': source reads from { file: "a.csv", sql: "select 1" }: A source names exactly one of table, file and sql, and none of them is empty. Write tableSource({ sql: 'select …', eventTime: '…' }), say.`,
    ],
  },
  {
    rule: 'a source reads from something',
    definitions: () => [airport, daily({ source: staticTable(js({})) })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': source reads from {}: A source names exactly one of table, file and sql, and none of them is empty. Write tableSource({ sql: 'select …', eventTime: '…' }), say.`,
    ],
  },
  {
    rule: 'what a source reads from is not empty',
    definitions: () => [airport, daily({ source: staticTable({ sql: ' ' }) })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': source reads from { sql: " " }: A source names exactly one of table, file and sql, and none of them is empty. Write tableSource({ sql: 'select …', eventTime: '…' }), say.`,
    ],
  },
  {
    rule: 'a source renames keys of the entity alone',
    definitions: () => [airport, daily({ source: staticTable({ file: 'a.csv', keys: { icao: 'code' } }) })],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  batchView 'daily': source.keys.icao is "code": The entity has no key 'icao'; its keys are iata. Write the name of the key first, then the column that holds it.`,
    ],
  },
  {
    rule: 'a table source has an event time',
    definitions: () => [airport, daily({ source: js({ ...rows, eventTime: undefined }) })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': source.eventTime is undefined: A row of a table has the instant from which its value may be used. Name its column by eventTime, or use staticTable() for rows without a time.`,
    ],
  },
  {
    rule: 'columns have names',
    definitions: () => [
      airport,
      daily({
        source: tableSource({ table: 't', eventTime: '', tieBreaker: '', keys: { iata: '' } }),
        features: { departures: int32({ column: '' }) },
      }),
    ],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': feature 'departures': column is '': A column has a name. Name the source's column, or leave it out where it is called like the feature.`,
      `DEFINITION_INVALID  batchView 'daily': source.keys.iata is '': A column has a name. Name the column that the source has.`,
      `DEFINITION_INVALID  batchView 'daily': source.eventTime is '': A column has a name. Name the column that the source has.`,
      `DEFINITION_INVALID  batchView 'daily': source.tieBreaker is '': A column has a name. Name the column that the source has.`,
    ],
  },
  {
    rule: 'a dtype is one of those there are',
    definitions: () => [airport, daily({ features: { a: js({ ...int32(), dtype: { kind: 'int128' } }) } })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': feature 'a': dtype { kind: "int128" }: There is no such dtype. Declare features by the builders: bool(), int32(), string(), enumOf(), vector(), list() and so on.`,
    ],
  },
  {
    rule: 'a vector has 1 to 65,536 dimensions',
    definitions: () => [
      airport,
      daily({ features: { a: vector(0), b: vector(65_537), c: vector(1.5), d: vector(65_536) } }),
    ],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': feature 'a': a vector of 0 dimensions: A vector has 1 to 65,536 dimensions. Write how many numbers the embedding has, e.g. vector(384).`,
      `DEFINITION_INVALID  batchView 'daily': feature 'b': a vector of 65537 dimensions: A vector has 1 to 65,536 dimensions. Write how many numbers the embedding has, e.g. vector(384).`,
      `DEFINITION_INVALID  batchView 'daily': feature 'c': a vector of 1.5 dimensions: A vector has 1 to 65,536 dimensions. Write how many numbers the embedding has, e.g. vector(384).`,
    ],
  },
  {
    rule: 'a list holds scalars',
    definitions: () => [
      airport,
      daily({
        features: {
          a: list(js(list(int32()))),
          b: list(js(vector(3))),
          c: js({ ...int32(), dtype: { kind: 'list' } }),
        },
      }),
    ],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': feature 'a': a list of { kind: "list", of: { kind: "int32" } }: A list holds scalars. Flatten it, or declare it as json().`,
      `DEFINITION_INVALID  batchView 'daily': feature 'b': a list of { kind: "vector", dimensions: 3 }: A list holds scalars. Flatten it, or declare it as json().`,
      `DEFINITION_INVALID  batchView 'daily': feature 'c': a list of undefined: A list holds scalars. Flatten it, or declare it as json().`,
    ],
  },
  {
    rule: 'an enum has members',
    definitions: () => [airport, daily({ features: { a: enumOf('Season', []), b: enumOf('Other', js([1])) } })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': feature 'a': enum "Season" with the members []: An enum has a name and at least one member, each a text. Write enumOf('Season', ['WINTER', 'SUMMER']).`,
      `DEFINITION_INVALID  batchView 'daily': feature 'b': enum "Other" with the members [1]: An enum has a name and at least one member, each a text. Write enumOf('Season', ['WINTER', 'SUMMER']).`,
    ],
  },
  {
    rule: 'nonFinite is for floats',
    definitions: () => [
      airport,
      daily({ features: { a: int32(js({ nonFinite: 'string' })), b: list(float32({ nonFinite: 'string' })) } }),
    ],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': feature 'a': nonFinite is 'string': Only floats and lists of floats may be infinite or NaN. Take nonFinite out.`,
    ],
  },
  {
    rule: 'graphqlType is for keys',
    definitions: () => [airport, daily({ features: { a: string({ graphqlType: 'String' }) } })],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': feature 'a': graphqlType is "String": Only keys choose their GraphQL type; a feature's follows from its dtype. Take graphqlType out.`,
    ],
  },
  {
    rule: 'a default is of the dtype',
    definitions: () => [
      airport,
      daily({
        features: {
          a: int32({ default: 1.5 }),
          b: int64({ default: js(1) }),
          c: enumOf('Season', ['A'], { default: js('B') }),
          d: vector(2, { default: new Float32Array(3) }),
          e: list(string(), { default: ['x', js(1)] }),
          f: float64({ default: Number.NaN }),
          g: timestamp({ default: js('2001-01-01') }),
          h: uuid({ default: 'X' }),
          i: bytes({ default: js('x') }),
          j: json({ default: null }),
          k: float32({ default: js(null) }),
        },
      }),
    ],
    errors: [
      `DEFINITION_INVALID  batchView 'daily': feature 'a': default 1.5: 1.5 is no int32. Give a default of the dtype, or none: then null is served.`,
      `DEFINITION_INVALID  batchView 'daily': feature 'b': default 1: 1 is no int64. Give a default of the dtype, or none: then null is served.`,
      `DEFINITION_INVALID  batchView 'daily': feature 'c': default "B": "B" is no enum Season. Give a default of the dtype, or none: then null is served.`,
      `DEFINITION_INVALID  batchView 'daily': feature 'd': default { 0: 0, 1: 0, 2: 0 }: { 0: 0, 1: 0, 2: 0 } is no vector(2). It is a Float32Array of 2 finite numbers. Give a default of the dtype, or none: then null is served.`,
      `DEFINITION_INVALID  batchView 'daily': feature 'e': default ["x", 1]: ["x", 1] is no list(string). Give a default of the dtype, or none: then null is served.`,
      `DEFINITION_INVALID  batchView 'daily': feature 'f': default NaN: NaN is no float64. Give a default of the dtype, or none: then null is served.`,
      `DEFINITION_INVALID  batchView 'daily': feature 'g': default "2001-01-01": "2001-01-01" is no timestamp. Give a default of the dtype, or none: then null is served.`,
      `DEFINITION_INVALID  batchView 'daily': feature 'h': default "X": "X" is no uuid. Give a default of the dtype, or none: then null is served.`,
      `DEFINITION_INVALID  batchView 'daily': feature 'i': default "x": "x" is no bytes. Give a default of the dtype, or none: then null is served.`,
      `DEFINITION_INVALID  batchView 'daily': feature 'j': default null: null is no json. Give a default of the dtype, or none: then null is served.`,
      `DEFINITION_INVALID  batchView 'daily': feature 'k': default null: null is no float32. Give a default of the dtype, or none: then null is served.`,
    ],
  },
  {
    rule: 'an on-demand feature promises nothing about rows and has no column',
    definitions: () => [airport, distance({ features: { km: int32({ nullable: false, column: 'km' }) } })],
    errors: [
      `DEFINITION_INVALID  onDemandView 'distance': feature 'km': nullable is false: It is a promise about stored rows, and an on-demand feature has none. Take nullable out; give a default where null must not be served.`,
      `DEFINITION_INVALID  onDemandView 'distance': feature 'km': column is "km": An on-demand feature is computed and has no column. Take column out.`,
    ],
  },
  {
    rule: 'inputs are of the same entity',
    definitions: () => [airport, daily(), distance({ inputs: { a: feature('flights', 'routes', 'Route') } })],
    errors: [
      `DEFINITION_INVALID  onDemandView 'distance': input 'a' is feature 'flights' of view 'routes': It is a feature of Route; here go features of Airport alone. Name a feature of a view of Airport.`,
    ],
  },
  {
    rule: 'the view of an input is among the definitions',
    definitions: () => [airport, distance({ inputs: { a: daily().features.departures } })],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  onDemandView 'distance': input 'a' is feature 'departures' of view 'daily': The definitions hold no view 'daily'. Define it, export it from the definitions the config names, or mend the name.`,
    ],
  },
  {
    rule: 'an input is a feature of its view',
    definitions: () => [airport, daily(), distance({ inputs: { a: feature('arrivals', 'daily') } })],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  onDemandView 'distance': input 'a' is feature 'arrivals' of view 'daily': The view 'daily' has no feature 'arrivals'; it has departures. Define it, export it from the definitions the config names, or mend the name.`,
    ],
  },
  {
    rule: 'an input is the feature that is defined',
    definitions: () => [
      airport,
      daily({ features: { departures: int64() } }),
      distance({ inputs: { a: daily().features.departures } }),
    ],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  onDemandView 'distance': input 'a' is feature 'departures' of view 'daily': The definitions hold another view 'daily', whose 'departures' is { kind: "int64" }. Define it, export it from the definitions the config names, or mend the name.`,
    ],
  },
  {
    rule: 'no on-demand view needs itself',
    definitions: () => [airport, onDemand('a', { x: feature('a', 'a') })],
    errors: [
      'DEFINITION_CYCLE  onDemandView a -> a: An on-demand feature is computed from its inputs, so none may need itself. Take one of these inputs out, or move what two of them share into a third view.',
    ],
  },
  {
    rule: 'on-demand views need each other in no circle',
    definitions: () => [
      airport,
      onDemand('start', { x: feature('a', 'a') }),
      onDemand('a', { x: feature('b', 'b') }),
      onDemand('b', { x: feature('c', 'c'), y: feature('a', 'a') }),
      onDemand('c', { x: feature('a', 'a') }),
    ],
    errors: [
      'DEFINITION_CYCLE  onDemandView a -> b -> c -> a: An on-demand feature is computed from its inputs, so none may need itself. Take one of these inputs out, or move what two of them share into a third view.',
      'DEFINITION_CYCLE  onDemandView a -> b -> a: An on-demand feature is computed from its inputs, so none may need itself. Take one of these inputs out, or move what two of them share into a third view.',
    ],
  },
]
