import { entity, heldBy, ref } from '../../../src/definitions/entity.ts'
import { int64, string } from '../../../src/definitions/feature.ts'
import { before, type Change, service, withDay } from './changing.ts'

const { airport, airportDaily, carrier, delayModelV1, route } = before

/** What entities may change. */
export const changesOfEntities: readonly Change[] = [
  {
    change: 'an entity is added',
    definitions: { gate: entity('Gate', { keys: { id: string() } }) },
    differences: ['safe entityAdded entity Gate: added, found by id'],
  },
  {
    change: 'an entity is removed',
    definitions: { carrier: undefined, route: undefined, routeDaily: undefined, delayModelV1: undefined },
    differences: [
      'breaking + permission entityRemoved entity Carrier: removed',
      'breaking + destructive + permission entityRemoved entity Route: removed',
      'breaking + destructive + permission viewRemoved view routeDaily: removed',
      'breaking + permission serviceRemoved service delayModelV1: removed',
    ],
  },
  {
    change: 'what an entity says for people',
    definitions: {
      airport: { ...airport, description: undefined },
      route: { ...route, keys: { origin: string({ description: 'From.' }), destination: string() } },
    },
    differences: [
      'safe descriptionChanged entity Airport: description "An airport." -> none',
      'safe descriptionChanged key Route.origin: description none -> "From."',
      'safe descriptionChanged key Route.destination: description "Where it ends." -> none',
    ],
  },
  {
    change: 'a plural',
    definitions: { carrier: { ...carrier, plural: undefined } },
    differences: ['breaking + permission rootFieldRenamed entity Carrier: Query.airlines -> Query.carriers'],
  },
  {
    change: 'a key, under the same version',
    definitions: withDay(2),
    differences: [
      `breaking keysChanged entity Route: keys origin (string, ID), destination (string, ID) -> origin (string, ID), destination (string, ID), day (string, ID)`,
      `breaking sourceChanged view routeDaily: source.keyColumns ["origin", "destination"] -> ["origin", "destination", "day"]`,
    ],
  },
  {
    change: 'a key, under a new version of each view',
    definitions: withDay(3),
    differences: [
      `safe keysChanged entity Route: keys origin (string, ID), destination (string, ID) -> origin (string, ID), destination (string, ID), day (string, ID)`,
      'safe versionRaised view routeDaily: version 2 -> 3',
      `safe sourceChanged view routeDaily: source.keyColumns ["origin", "destination"] -> ["origin", "destination", "day"]`,
    ],
  },
  {
    change: 'the GraphQL type of a key where nothing is stored',
    definitions: { carrier: { ...carrier, keys: { code: int64() } } },
    differences: ['breaking + permission keysChanged entity Carrier: keys code (int64, Int64) -> code (int64, ID)'],
  },
  {
    change: 'a reference is added',
    definitions: { airport: { ...airport, references: { itself: ref(airport, { iata: 'iata' }) } } },
    differences: ['safe referenceAdded reference Airport.itself: added, to Airport'],
  },
  {
    change: 'a reference is removed',
    definitions: {
      route: {
        ...route,
        references: { originAirport: route.references.originAirport!, carrier: route.references.carrier! },
      },
    },
    differences: ['breaking + permission referenceRemoved reference Route.destinationAirport: removed'],
  },
  {
    change: 'references are held and described otherwise',
    definitions: {
      route: {
        ...route,
        references: {
          ...route.references,
          originAirport: ref(airport, { iata: 'destination' }),
          carrier: ref(carrier, { code: heldBy('carrierCode') }, { description: 'Who flies.' }),
        },
      },
    },
    differences: [
      'breaking + permission referenceChanged reference Route.originAirport: Airport by key origin -> Airport by key destination',
      'safe descriptionChanged reference Route.carrier: description none -> "Who flies."',
    ],
  },
]

/** What services may change. */
export const changesOfServices: readonly Change[] = [
  {
    change: 'a service is added',
    definitions: { other: { ...delayModelV1, name: 'other' } },
    differences: ['safe serviceAdded service other: added at version 1'],
  },
  {
    change: 'a service is removed',
    definitions: { delayModelV1: undefined },
    differences: ['breaking + permission serviceRemoved service delayModelV1: removed'],
  },
  {
    change: 'a service gives more',
    definitions: service({
      features: {
        ...delayModelV1.features,
        destination: [airportDaily.features.departures7d, airportDaily.features.season],
      },
    }),
    differences: [
      'safe rolesChanged service delayModelV1: role destination: Airport with departures7d -> Airport with departures7d, season',
    ],
  },
  {
    change: 'a service gives less',
    definitions: service({ features: { ...delayModelV1.features, origin: [airportDaily.features.departures7d] } }),
    differences: [
      'breaking rolesChanged service delayModelV1: role origin: Airport with departures7d, isNear -> Airport with departures7d',
      'breaking argumentsChanged service delayModelV1: argument within: Int -> none',
      'breaking argumentsChanged service delayModelV1: argument latitude: Float! -> none',
      'breaking argumentsChanged service delayModelV1: argument unit: enum(KM, MI) = "KM" -> none',
    ],
  },
  {
    change: 'a service gives less, under a new version',
    definitions: service({
      version: 2,
      features: { ...delayModelV1.features, origin: [airportDaily.features.departures7d] },
    }),
    differences: [
      'safe versionRaised service delayModelV1: version 1 -> 2',
      'safe rolesChanged service delayModelV1: role origin: Airport with departures7d, isNear -> Airport with departures7d',
      'safe argumentsChanged service delayModelV1: argument within: Int -> none',
      'safe argumentsChanged service delayModelV1: argument latitude: Float! -> none',
      'safe argumentsChanged service delayModelV1: argument unit: enum(KM, MI) = "KM" -> none',
    ],
  },
  {
    change: 'a service takes another role',
    definitions: service({
      roles: { ...delayModelV1.roles, via: airport },
      features: { ...delayModelV1.features, via: [airportDaily.features.season] },
    }),
    differences: ['breaking rolesChanged service delayModelV1: role via: none -> Airport with season'],
  },
  {
    change: 'what a service says for people',
    definitions: service({ description: 'A model.', owner: 'me', tags: ['t'] }),
    differences: [
      'safe descriptionChanged service delayModelV1: description none -> "A model."',
      'safe ownerChanged service delayModelV1: owner none -> "me"',
      'safe tagsChanged service delayModelV1: tags [] -> ["t"]',
    ],
  },
]
