import { z } from 'zod'
import { float32, int32, int64, string } from '../../../src/definitions/feature.ts'
import { staticTable, tableSource } from '../../../src/definitions/sources.ts'
import { viewFeatures } from '../../../src/definitions/view-feature.ts'
import { before, type Change, daily, otherSql, withColumns } from './changing.ts'

const { airportDaily, airportProfile, carrier, distance, nearness, route, routeDaily } = before

/** What batch views may change. */
export const changesOfViews: readonly Change[] = [
  {
    change: 'a ttl',
    definitions: { routeDaily: { ...routeDaily, ttl: '30d' } },
    differences: ['safe ttlChanged view routeDaily: ttl 40d -> 30d'],
  },
  {
    change: 'a ttl and a retention go',
    definitions: { airportDaily: { ...airportDaily, ttl: undefined } },
    differences: [
      'safe ttlChanged view airportDaily: ttl 40d -> none',
      'safe retentionChanged view airportDaily: retention 40d -> none',
    ],
  },
  {
    change: 'a schedule',
    definitions: { airportDaily: { ...airportDaily, schedule: undefined } },
    differences: ['safe scheduleChanged view airportDaily: schedule every 1d, offset 0s, available after 2h -> none'],
  },
  {
    change: 'how copies may be used',
    definitions: { routeDaily: { ...routeDaily, maxStaleness: '5m', staleIfError: true } },
    differences: [
      'safe maxStalenessChanged view routeDaily: maxStaleness none -> 5m',
      'safe staleIfErrorChanged view routeDaily: staleIfError false -> true',
    ],
  },
  {
    change: 'what a view says for people',
    definitions: { routeDaily: { ...routeDaily, description: 'Routes.', owner: 'me', tags: ['t'] } },
    differences: [
      'safe descriptionChanged view routeDaily: description none -> "Routes."',
      'safe ownerChanged view routeDaily: owner none -> "me"',
      'safe tagsChanged view routeDaily: tags [] -> ["t"]',
      'safe ownerChanged feature Route.carrierCode: owner none -> "me"',
      'safe tagsChanged feature Route.carrierCode: tags [] -> ["t"]',
      'safe ownerChanged feature Route.flights30d: owner none -> "me"',
      'safe tagsChanged feature Route.flights30d: tags [] -> ["t"]',
    ],
  },
  {
    change: 'a SQL text alone',
    definitions: { airportDaily: { ...airportDaily, source: otherSql } },
    differences: ['breaking sourceChanged view airportDaily: SQL text'],
  },
  {
    change: 'a SQL text, and a feature is added',
    definitions: daily({ arrivals7d: int32() }, { source: otherSql }),
    differences: [
      'safe sourceChanged view airportDaily: SQL text',
      'safe featureAdded feature Airport.arrivals7d: added, int32',
    ],
  },
  {
    change: 'a SQL text, and a feature is added while another changes',
    definitions: daily({ arrivals7d: int32(), lastFlight: string() }, { source: otherSql }),
    differences: [
      'breaking sourceChanged view airportDaily: SQL text',
      'breaking dtypeChanged feature Airport.lastFlight: dtype timestamp -> string',
      'breaking columnChanged feature Airport.lastFlight: column "last_flight" -> "lastFlight"',
      'safe featureAdded feature Airport.arrivals7d: added, int32',
    ],
  },
  {
    change: 'a SQL text, and a feature is added while another may be null',
    definitions: daily(
      { arrivals7d: int32(), departures7d: int32({ description: 'Departures over 7 days.' }) },
      { source: otherSql },
    ),
    differences: [
      'breaking sourceChanged view airportDaily: SQL text',
      'safe nullabilityChanged feature Airport.departures7d: nullable false -> true',
      'safe featureAdded feature Airport.arrivals7d: added, int32',
    ],
  },
  {
    change: 'a SQL text, and a feature is added while another is described',
    definitions: daily(
      { arrivals7d: int32(), departures7d: int32({ description: 'Departures.', nullable: false }) },
      { source: otherSql },
    ),
    differences: [
      'safe sourceChanged view airportDaily: SQL text',
      'safe descriptionChanged feature Airport.departures7d: description "Departures over 7 days." -> "Departures."',
      'safe featureAdded feature Airport.arrivals7d: added, int32',
    ],
  },
  {
    change: 'a table',
    definitions: {
      routeDaily: { ...routeDaily, source: tableSource({ table: 'other', eventTime: 'asOf', deletedColumn: 'gone' }) },
    },
    differences: ['breaking sourceChanged view routeDaily: source.from { table: "routes" } -> { table: "other" }'],
  },
  {
    change: 'the columns of a source',
    definitions: {
      routeDaily: {
        ...routeDaily,
        source: tableSource({ table: 'routes', eventTime: 'at', keys: { origin: 'from' } }),
      },
    },
    differences: [
      'breaking sourceChanged view routeDaily: source.deletedColumn "gone" -> none, source.eventTime "asOf" -> "at", source.keyColumns ["origin", "destination"] -> ["from", "destination"]',
    ],
  },
  {
    change: 'SQL in the place of a file',
    definitions: {
      airportProfile: { ...airportProfile, source: staticTable({ sql: 'select 1', keys: { iata: 'code' } }) },
    },
    differences: [
      'breaking sourceChanged view airportProfile: source.from { file: "airports.csv" } -> { sql: "select 1" }',
    ],
  },
  {
    change: 'a new version, and all within it',
    definitions: daily({ season: undefined, lastFlight: int64() }, { source: otherSql, version: 2, ttl: '1d' }),
    differences: [
      'safe versionRaised view airportDaily: version 1 -> 2',
      'safe sourceChanged view airportDaily: SQL text',
      'safe ttlChanged view airportDaily: ttl 40d -> 1d',
      'safe retentionChanged view airportDaily: retention 40d -> 1d',
      'safe dtypeChanged feature Airport.lastFlight: dtype timestamp -> int64',
      'safe columnChanged feature Airport.lastFlight: column "last_flight" -> "lastFlight"',
      'safe featureRemoved feature Airport.season: removed',
    ],
  },
  {
    change: 'an older version',
    definitions: { routeDaily: { ...routeDaily, version: 1 } },
    differences: ['breaking versionLowered view routeDaily: version 2 -> 1'],
  },
  {
    change: 'a view is added',
    definitions: {
      weather: withColumns(
        { ...airportProfile, name: 'weather' },
        { name: undefined, latitude: undefined, tags: undefined, rain: float32() },
      ),
    },
    differences: ['safe viewAdded view weather: added at version 1, with rain'],
  },
  {
    change: 'a view is removed',
    definitions: { airportDaily: undefined, delayModelV1: undefined },
    differences: [
      'breaking + destructive + permission viewRemoved view airportDaily: removed',
      'breaking + permission serviceRemoved service delayModelV1: removed',
    ],
  },
  {
    change: 'a view moves to another entity',
    definitions: {
      routeDaily: withColumns({ ...routeDaily, entity: carrier }, {}),
      route: { ...route, references: {} },
      delayModelV1: undefined,
    },
    differences: [
      'safe viewAdded view routeDaily: added at version 2, with carrierCode, flights30d',
      'breaking + permission referenceRemoved reference Route.originAirport: removed',
      'breaking + permission referenceRemoved reference Route.destinationAirport: removed',
      'breaking + permission referenceRemoved reference Route.carrier: removed',
      'breaking + destructive + permission viewRemoved view routeDaily: removed',
      'breaking + permission serviceRemoved service delayModelV1: removed',
    ],
  },
  {
    change: 'a view becomes one of another kind',
    definitions: {
      nearness: {
        ...airportProfile,
        name: 'nearness',
        features: viewFeatures('Airport', 'nearness', { isNear: int32() }),
      },
    },
    differences: [
      'safe viewAdded view nearness: added at version 1, with isNear',
      'breaking + permission viewRemoved view nearness: removed',
      'breaking argumentsChanged service delayModelV1: argument within: Int -> none',
      'breaking argumentsChanged service delayModelV1: argument latitude: Float! -> none',
      'breaking argumentsChanged service delayModelV1: argument unit: enum(KM, MI) = "KM" -> none',
    ],
  },
]

/** What on-demand views may change. */
export const changesOfOnDemandViews: readonly Change[] = [
  {
    change: 'a function',
    definitions: { nearness: { ...nearness, compute: () => ({ isNear: 2 }) } },
    differences: [`breaking codeChanged view nearness: the function's text`],
  },
  {
    change: 'a function, under a new version',
    definitions: { nearness: { ...nearness, version: 2, compute: () => ({ isNear: 2 }) } },
    differences: [
      'safe versionRaised view nearness: version 1 -> 2',
      `safe codeChanged view nearness: the function's text`,
    ],
  },
  {
    change: 'inputs, and what is done without them',
    definitions: {
      distance: {
        ...distance,
        whenMissing: 'call',
        inputs: { latitude: airportProfile.features.latitude, at: airportDaily.features.departures7d },
      },
    },
    differences: [
      'breaking inputsChanged view distance: inputs latitude = airportProfile.latitude -> latitude = airportProfile.latitude, at = airportDaily.departures7d',
      `breaking whenMissingChanged view distance: whenMissing 'null' -> 'call'`,
    ],
  },
  {
    change: 'an argument that may be left out is added',
    definitions: {
      nearness: { ...nearness, args: z.object({ within: z.int().optional(), strict: z.boolean().default(true) }) },
    },
    differences: [
      'safe argumentsChanged view nearness: argument strict: none -> Boolean = true',
      'safe argumentsChanged service delayModelV1: argument strict: none -> Boolean = true',
    ],
  },
  {
    change: 'an argument that is needed is added',
    definitions: { nearness: { ...nearness, args: z.object({ within: z.int().optional(), strict: z.boolean() }) } },
    differences: [
      'breaking argumentsChanged view nearness: argument strict: none -> Boolean!',
      'breaking argumentsChanged service delayModelV1: argument strict: none -> Boolean!',
    ],
  },
  {
    change: 'an argument goes, and another changes',
    definitions: { distance: { ...distance, args: z.object({ unit: z.enum(['KM']).default('KM') }) } },
    differences: [
      'breaking argumentsChanged view distance: argument unit: enum(KM, MI) = "KM" -> enum(KM) = "KM"',
      'breaking argumentsChanged view distance: argument latitude: Float! -> none',
      'breaking argumentsChanged service delayModelV1: argument unit: enum(KM, MI) = "KM" -> enum(KM) = "KM"',
      'breaking argumentsChanged service delayModelV1: argument latitude: Float! -> none',
    ],
  },
  {
    change: 'an argument is described',
    definitions: {
      distance: {
        ...distance,
        args: z.object({ latitude: z.number(), unit: z.enum(['KM', 'MI']).default('KM').describe('A unit.') }),
      },
    },
    differences: [
      'safe descriptionChanged argument unit of view distance: description none -> "A unit."',
      'safe descriptionChanged argument unit of service delayModelV1: description none -> "A unit."',
    ],
  },
  {
    change: 'the enum of an argument is named',
    definitions: {
      distance: {
        ...distance,
        args: z.object({ latitude: z.number(), unit: z.enum(['KM', 'MI']).meta({ id: 'Unit' }).default('KM') }),
      },
    },
    differences: [
      'breaking + permission argumentTypeRenamed view distance: argument unit: type AirportDistanceUnitEnum -> Unit',
      'breaking + permission argumentTypeRenamed service delayModelV1: argument unit: type AirportDistanceUnitEnum -> Unit',
    ],
  },

  {
    change: 'arguments change places',
    definitions: {
      distance: { ...distance, args: z.object({ unit: z.enum(['KM', 'MI']).default('KM'), latitude: z.number() }) },
    },
    differences: ['safe definitionsReordered deployment: definitions, or what one of them lists, in another order'],
  },
]
