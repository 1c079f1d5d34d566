import { batchView } from '../../../src/definitions/batch-view.ts'
import { entity, heldBy, ref } from '../../../src/definitions/entity.ts'
import { float64, int32, int64, string, uuid } from '../../../src/definitions/feature.ts'
import { onDemandView } from '../../../src/definitions/on-demand-view.ts'
import { airport, daily, file, js, type Rule } from './closing.ts'

const leg = (
  references: Readonly<Record<string, unknown>>,
  keys: Readonly<Record<string, unknown>> = { id: string() },
) => entity('Leg', js({ keys, references }))
const legView = (features: Readonly<Record<string, unknown>>) =>
  batchView('legs', js({ entity: entity('Leg', { keys: { id: string() } }), source: file, features }))

/** What entities and references may be. */
export const rulesOfEntities: readonly Rule[] = [
  {
    rule: 'an entity has keys',
    definitions: () => [entity('Airport', { keys: {} })],
    errors: [
      `DEFINITION_INVALID  entity 'Airport': it has no keys: An entity is found by at least one key. Write keys: { id: string() }.`,
    ],
  },
  {
    rule: 'a key is a string, int64 or uuid',
    definitions: () => [entity('Airport', js({ keys: { a: int32(), b: float64() } }))],
    errors: [
      `DEFINITION_INVALID  entity 'Airport': key 'a': it is int32: A key is a string, an int64 or a uuid. Declare it by string(), int64() or uuid().`,
      `DEFINITION_INVALID  entity 'Airport': key 'b': it is float64: A key is a string, an int64 or a uuid. Declare it by string(), int64() or uuid().`,
    ],
  },
  {
    rule: 'a key has a GraphQL type that fits its dtype',
    definitions: () => [
      entity(
        'Airport',
        js({
          keys: {
            a: string({ graphqlType: 'Int64' }),
            b: uuid({ graphqlType: 'Int64' }),
            c: int64(js({ graphqlType: 'Int' })),
          },
        }),
      ),
    ],
    errors: [
      `DEFINITION_INVALID  entity 'Airport': key 'a': graphqlType is "Int64": A key of dtype string is ID or String in GraphQL. Leave it out: 'ID' is the default.`,
      `DEFINITION_INVALID  entity 'Airport': key 'b': graphqlType is "Int64": A key of dtype uuid is ID or String in GraphQL. Leave it out: 'ID' is the default.`,
      `DEFINITION_INVALID  entity 'Airport': key 'c': graphqlType is "Int": A key of dtype int64 is ID, String or Int64 in GraphQL. Leave it out: 'ID' is the default.`,
    ],
  },
  {
    rule: 'a key has no default and no column',
    definitions: () => [entity('Airport', js({ keys: { a: string({ default: 'x', column: 'y' }) } }))],
    errors: [
      `DEFINITION_INVALID  entity 'Airport': key 'a': default is "x": A key is always given, so it has no default. Take default out.`,
      `DEFINITION_INVALID  entity 'Airport': key 'a': column is "y": Each source has its own columns. Name the key's column in keys of the source.`,
    ],
  },
  {
    rule: 'the target of a reference is an entity',
    definitions: () => [
      leg({
        a: js({ kind: 'reference', target: () => undefined, keys: {} }),
        b: js({
          kind: 'reference',
          target: () => {
            throw new Error('not yet')
          },
          keys: {},
        }),
      }),
    ],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  entity 'Leg': reference 'a': its target is no entity: ref() was given a value, or a function that returns a value, that is not (or not yet) an entity. Write ref(() => airport, …) where two files import each other.`,
      `DEFINITION_REFERENCE_UNRESOLVED  entity 'Leg': reference 'b': its target is no entity: ref() was given a value, or a function that returns a value, that is not (or not yet) an entity. Write ref(() => airport, …) where two files import each other.`,
    ],
  },
  {
    rule: 'the target of a reference is among the definitions',
    definitions: () => [leg({ origin: ref(airport, { iata: 'id' }) })],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  entity 'Leg': reference 'origin': its target is entity 'Airport': The definitions hold no entity 'Airport'; they hold Leg. Define it, export it from the definitions the config names, or mend the name.`,
    ],
  },
  {
    rule: 'a reference names a holder for each key of its target',
    definitions: () => [airport, leg({ origin: ref(airport, js({})) })],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  entity 'Leg': reference 'origin': it does not say what holds key 'iata' of Airport: A reference names a holder for every key of its target. Write ref(…, { iata: 'ownKey' }), or heldBy('feature').`,
    ],
  },
  {
    rule: 'a reference names no key that its target lacks',
    definitions: () => [airport, leg({ origin: ref(airport, js({ iata: 'id', icao: 'id' })) })],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  entity 'Leg': reference 'origin': it maps key 'icao': Airport has no such key; its keys are iata. Take it out, or mend its name.`,
    ],
  },
  {
    rule: 'a reference is held by keys that are there',
    definitions: () => [
      airport,
      leg({ origin: ref(airport, js({ iata: 'from' })), other: ref(airport, js({ iata: 'toString' })) }),
    ],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  entity 'Leg': reference 'origin': key 'iata' is held by 'from': Leg has no key 'from'; its keys are id. Name one of them, or write heldBy('from') for a stored feature.`,
      `DEFINITION_REFERENCE_UNRESOLVED  entity 'Leg': reference 'other': key 'iata' is held by 'toString': Leg has no key 'toString'; its keys are id. Name one of them, or write heldBy('toString') for a stored feature.`,
    ],
  },
  {
    rule: 'a key and its holder have one dtype',
    definitions: () => [airport, leg({ origin: ref(airport, js({ iata: 'id' })) }, { id: int64() })],
    errors: [
      `DEFINITION_INVALID  entity 'Leg': reference 'origin': key 'iata' is held by key 'id', which is int64: Key 'iata' of Airport is string. Give both the same dtype.`,
    ],
  },
  {
    rule: 'a holder is a feature that is there',
    definitions: () => [airport, daily(), leg({ origin: ref(airport, { iata: heldBy('departures') }) })],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  entity 'Leg': reference 'origin': key 'iata' is held by feature "departures": No view of Leg has this feature. Name a feature of a batch view of this entity.`,
    ],
  },
  {
    rule: 'a holder is a stored feature',
    definitions: () => [
      airport,
      entity('Place', { keys: { iata: string() } }),
      leg({ place: ref(airport, { iata: heldBy('near') }) }),
      onDemandView('near', {
        entity: entity('Leg', { keys: { id: string() } }),
        inputs: {},
        features: { near: string() },
        compute: () => ({ near: 'SEA' }),
      }),
    ],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  entity 'Leg': reference 'place': key 'iata' is held by feature "near": It is computed on demand by view 'near'; a reference needs a stored one. Name a feature of a batch view of this entity.`,
    ],
  },
  {
    rule: 'a holder has the dtype of the key',
    definitions: () => [airport, leg({ origin: ref(airport, { iata: heldBy('place') }) }), legView({ place: uuid() })],
    errors: [
      `DEFINITION_INVALID  entity 'Leg': reference 'origin': key 'iata' is held by feature 'place', which is uuid: Key 'iata' of Airport is string. Give both the same dtype.`,
    ],
  },
]
