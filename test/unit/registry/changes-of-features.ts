import { enumOf, float64, int32, int64 } from '../../../src/definitions/feature.ts'
import { viewFeatures } from '../../../src/definitions/view-feature.ts'
import { before, type Change, daily, withColumns } from './changing.ts'

const { airport, airportProfile, routeDaily } = before

/** What a deployment may change. */
export const changesOfDeployments: readonly Change[] = [
  { change: 'nothing', differences: [] },
  { change: 'the name', name: 'other', differences: [`safe deploymentRenamed deployment: name 'flights' -> 'other'`] },
  {
    change: 'the prefix',
    prefix: 'geo',
    differences: [`breaking + permission prefixChanged deployment: prefix '' -> 'geo'`],
  },
  {
    change: 'the order',
    definitions: { airport: undefined, again: airport },
    differences: ['safe definitionsReordered deployment: definitions, or what one of them lists, in another order'],
  },
]

/** What features may change. */
export const changesOfFeatures: readonly Change[] = [
  {
    change: 'a feature is added',
    definitions: daily({ arrivals7d: int32() }),
    differences: ['safe featureAdded feature Airport.arrivals7d: added, int32'],
  },
  {
    change: 'a feature is removed',
    definitions: daily({ embedding: undefined }),
    differences: ['breaking + destructive + permission featureRemoved feature Airport.embedding: removed'],
  },
  {
    change: 'a dtype',
    definitions: daily({ lastFlight: int64({ column: 'last_flight' }) }),
    differences: ['breaking dtypeChanged feature Airport.lastFlight: dtype timestamp -> int64'],
  },
  {
    change: 'the members of an enum',
    definitions: daily({ season: enumOf('Season', ['WINTER', 'SUMMER', 'SPRING'], { default: 'WINTER' }) }),
    differences: [
      'breaking dtypeChanged feature Airport.season: dtype enum Season (WINTER, SUMMER) -> enum Season (WINTER, SUMMER, SPRING)',
    ],
  },
  {
    change: 'how infinities are served',
    definitions: daily({ meanDelay30d: float64({ owner: 'delays@example.com', tags: [] }) }),
    differences: ['breaking nonFiniteChanged feature Airport.meanDelay30d: nonFinite "string" -> "null"'],
  },
  {
    change: 'a column',
    definitions: daily({
      departures7d: int32({ description: 'Departures over 7 days.', nullable: false, column: 'departures' }),
    }),
    differences: ['breaking columnChanged feature Airport.departures7d: column "departures7d" -> "departures"'],
  },
  {
    change: 'nulls are admitted',
    definitions: daily({ departures7d: int32({ description: 'Departures over 7 days.' }) }),
    differences: ['safe nullabilityChanged feature Airport.departures7d: nullable false -> true'],
  },
  {
    change: 'nulls are refused',
    definitions: { routeDaily: withColumns(routeDaily, { flights30d: int32({ nullable: false }) }) },
    differences: ['breaking nullabilityChanged feature Route.flights30d: nullable true -> false'],
  },
  {
    change: 'a default is declared',
    definitions: { routeDaily: withColumns(routeDaily, { flights30d: int32({ default: 7 }) }) },
    differences: ['safe defaultChanged feature Route.flights30d: default none -> 7'],
  },
  {
    change: 'a default goes',
    definitions: { airportProfile: withColumns(airportProfile, { latitude: float64() }) },
    differences: ['safe defaultChanged feature Airport.latitude: default 0 -> none'],
  },
  {
    change: 'a feature is deprecated, owned, tagged, scoped and described',
    definitions: {
      routeDaily: withColumns(routeDaily, {
        flights30d: int32({ deprecated: 'Old.', owner: 'me', tags: ['x'], scopes: ['s'], description: 'Flights.' }),
      }),
    },
    differences: [
      'safe deprecationChanged feature Route.flights30d: deprecated none -> "Old."',
      'safe scopesChanged feature Route.flights30d: scopes [] -> ["s"]',
      'safe descriptionChanged feature Route.flights30d: description none -> "Flights."',
      'safe ownerChanged feature Route.flights30d: owner none -> "me"',
      'safe tagsChanged feature Route.flights30d: tags [] -> ["x"]',
    ],
  },
  {
    change: 'features change places',
    definitions: {
      routeDaily: {
        ...routeDaily,
        features: viewFeatures('Route', 'routeDaily', { flights30d: int32(), carrierCode: int64() }),
      },
    },
    differences: ['safe featuresReordered view routeDaily: features in the order flights30d, carrierCode'],
  },
]
