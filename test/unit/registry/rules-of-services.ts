import { z } from 'zod'
import { entity } from '../../../src/definitions/entity.ts'
import { int32, string } from '../../../src/definitions/feature.ts'
import { featureService } from '../../../src/definitions/feature-service.ts'
import { onDemandView } from '../../../src/definitions/on-demand-view.ts'
import { airport, daily, distance, js, type Rule } from './closing.ts'

const model = (options: Readonly<Record<string, unknown>>) => featureService('model', js(options))
const { departures } = daily().features
const near = (args: z.ZodObject) =>
  onDemandView(
    'near',
    js({ entity: airport, inputs: {}, args, features: { near: int32() }, compute: () => ({ near: 1 }) }),
  )

/** What feature services may be. */
export const rulesOfServices: readonly Rule[] = [
  {
    rule: 'a service has roles',
    definitions: () => [model({ roles: {}, features: {} })],
    errors: [
      `DEFINITION_INVALID  featureService 'model': it has no roles: A service reads features of at least one entity. Write roles: { origin: airport }.`,
    ],
  },
  {
    rule: 'a role has features',
    definitions: () => [airport, model({ roles: { origin: airport, destination: airport }, features: { origin: [] } })],
    errors: [
      `DEFINITION_INVALID  featureService 'model': role 'origin': it has no features: A role gives at least one feature. Name its features under features, or take the role out.`,
      `DEFINITION_INVALID  featureService 'model': role 'destination': it has no features: A role gives at least one feature. Name its features under features, or take the role out.`,
    ],
  },
  {
    rule: 'features are named for roles that are there',
    definitions: () => [
      airport,
      daily(),
      model({ roles: { origin: airport }, features: { origin: [departures], destination: [departures] } }),
    ],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  featureService 'model': it names features for role 'destination': The service has no such role; its roles are origin. Add the role, or mend its name.`,
    ],
  },
  {
    rule: 'the entity of a role is among the definitions',
    definitions: () => [model({ roles: { origin: airport }, features: { origin: [departures] } })],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  featureService 'model': role 'origin': its entity is 'Airport': The definitions hold no entity 'Airport'; they hold none. Define it, export it from the definitions the config names, or mend the name.`,
      `DEFINITION_REFERENCE_UNRESOLVED  featureService 'model': role 'origin': one of its features is feature 'departures' of view 'daily': The definitions hold no view 'daily'. Define it, export it from the definitions the config names, or mend the name.`,
    ],
  },
  {
    rule: 'the entity of a role is the one that is listed',
    definitions: () => [
      entity('Airport', { keys: { icao: string() } }),
      model({ roles: { origin: airport }, features: { origin: [] } }),
    ],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  featureService 'model': role 'origin': its entity is 'Airport': The definitions hold another entity 'Airport', with other keys. Define it, export it from the definitions the config names, or mend the name.`,
      `DEFINITION_INVALID  featureService 'model': role 'origin': it has no features: A role gives at least one feature. Name its features under features, or take the role out.`,
    ],
  },
  {
    rule: 'the features of a role are of its entity',
    definitions: () => [
      airport,
      entity('Leg', { keys: { id: string() } }),
      daily(),
      model({ roles: { leg: entity('Leg', { keys: { id: string() } }) }, features: { leg: [departures] } }),
    ],
    errors: [
      `DEFINITION_INVALID  featureService 'model': role 'leg': one of its features is feature 'departures' of view 'daily': It is a feature of Airport; here go features of Leg alone. Name a feature of a view of Leg.`,
    ],
  },
  {
    rule: 'the features of a role are among the definitions',
    definitions: () => [airport, model({ roles: { origin: airport }, features: { origin: [departures] } })],
    errors: [
      `DEFINITION_REFERENCE_UNRESOLVED  featureService 'model': role 'origin': one of its features is feature 'departures' of view 'daily': The definitions hold no view 'daily'. Define it, export it from the definitions the config names, or mend the name.`,
    ],
  },
  {
    rule: 'a feature is listed once in a role',
    definitions: () => [
      airport,
      daily(),
      model({ roles: { origin: airport }, features: { origin: [departures, departures] } }),
    ],
    errors: [
      `DEFINITION_NAME_TAKEN  featureService 'model': role 'origin': feature 'departures' is listed twice: Each feature of a role is one field of the answer. List it once.`,
    ],
  },
  {
    rule: 'a version is a positive whole number',
    definitions: () => [
      airport,
      daily(),
      model({ roles: { origin: airport }, features: { origin: [departures] }, version: 1.5 }),
    ],
    errors: [
      `DEFINITION_INVALID  featureService 'model': version is 1.5: Versions are whole numbers from 1 on. Write version: 1, and one more at every breaking change.`,
    ],
  },
  {
    rule: 'arguments of one name are one field of the row',
    definitions: () => {
      const [a, b] = [distance({ args: z.object({ at: z.string().default('x') }) }), near(z.object({ at: z.string() }))]
      return [
        airport,
        a,
        b,
        model({
          roles: { origin: airport, destination: airport },
          features: { origin: [a.features.km], destination: [js(b).features.near] },
        }),
      ]
    },
    errors: [
      `DEFINITION_NAME_TAKEN  featureService 'model': argument 'at' is String = "x" in view 'distance' and String! in view 'near': Arguments of one name become one argument, so their types and defaults must be equal. Rename one of the two, or give both one type; an enum or object is shared by .meta({ id }).`,
    ],
  },
  {
    rule: 'an argument is not called like a role',
    definitions: () => {
      const view = near(z.object({ origin: z.string() }))
      return [airport, view, model({ roles: { origin: airport }, features: { origin: [js(view).features.near] } })]
    },
    errors: [
      `DEFINITION_NAME_TAKEN  featureService 'model': 'origin' is a role and an argument of an on-demand feature: Roles and arguments are fields of one row. Rename the role or the argument.`,
    ],
  },
]
