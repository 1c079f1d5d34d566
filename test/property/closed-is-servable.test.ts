import fc from 'fast-check'
import { type GraphQLError, validateSchema } from 'graphql'
import { afterAll, expect, test } from 'vitest'
import { z } from 'zod'
import { batchView } from '../../src/definitions/batch-view.ts'
import type { Definition } from '../../src/definitions/definition.ts'
import { entity } from '../../src/definitions/entity.ts'
import { enumOf, float64, int32, list, string } from '../../src/definitions/feature.ts'
import { featureService } from '../../src/definitions/feature-service.ts'
import { onDemandView } from '../../src/definitions/on-demand-view.ts'
import { staticTable } from '../../src/definitions/sources.ts'
import { FieldstoneErrors } from '../../src/errors.ts'
import { closeRegistry } from '../../src/registry/close.ts'
import type { Registry } from '../../src/registry/registry.ts'
import { buildSchema } from '../../src/sdl/schema.ts'

const RUNS = 1_500

/** Names that are legal, illegal, reserved or derived, so that they meet each other often. */
const name = fc.constantFrom(
  ...[
    'Airport',
    'airport',
    'airports',
    'AirportKey',
    'AirportFeatures',
    'AirportFeature',
    'AirportAt',
    'Route',
    'route',
  ],
  ...[
    'model',
    'Model',
    'ModelRow',
    'ModelColumns',
    'modelOrigin',
    'origin',
    'rowCount',
    'featureInfo',
    'iata',
    'distance',
  ],
  ...[
    'Query',
    'Mutation',
    'ID',
    'Float',
    'JSON',
    'Timestamp',
    'FeatureInfo',
    'FeatureStatus',
    'FloatVector',
    'IntColumn',
  ],
  ...[
    'Season',
    'SeasonColumn',
    'SeasonListColumn',
    'SeasonList',
    '_Any',
    '_entities',
    '_service',
    'FieldSet',
    '_x',
    '__x',
  ],
  ...[
    'link__Import',
    'federation__Scope',
    'true',
    'null',
    'a b',
    '',
    'AirportDistanceUnitEnum',
    'AirportAtInput',
    'keys',
  ],
  ...[
    'values',
    'statuses',
    'names',
    'rows',
    'A',
    'b',
    'c',
    'd',
    'E',
    'F',
    'G',
    'H',
    '__typename',
    'include',
    'toString',
  ],
)

const names = fc.record({
  prefix: fc.constantFrom('', '', 'geo', 'Season', '_', 'a-b'),
  ...{ one: name, other: name, plural: fc.option(name, { nil: undefined }), view: name, onDemand: name, service: name },
  ...{ oneKey: name, otherKey: name, reference: name, role: name, argument: name, inner: name },
  features: fc.uniqueArray(name, { minLength: 4, maxLength: 4 }),
  ...{ enumName: name, members: fc.uniqueArray(name, { minLength: 1, maxLength: 2 }) },
  ...{ argumentId: fc.option(name, { nil: undefined }), argumentMember: name },
})

type Names = typeof names extends fc.Arbitrary<infer Value> ? Value : never

function definitionsOf(given: Names): readonly Definition[] {
  const [first, second, third, fourth] = given.features as [string, string, string, string]
  const one = entity(given.one, { keys: { [given.oneKey]: string() } })
  const reference = { kind: 'reference', target: () => one, keys: { [given.oneKey]: given.otherKey } }
  const other = entity(given.other, {
    keys: { [given.otherKey]: string() },
    references: { [given.reference]: reference } as never,
    ...(given.plural === undefined ? {} : { plural: given.plural }),
  })
  const season = enumOf(given.enumName, given.members)
  const view = batchView(given.view, {
    entity: one,
    source: staticTable({ file: 'a.csv' }),
    features: { [first]: int32(), [second]: season, [third]: list(season) } as never,
  })
  const unit = z.enum([given.argumentMember])
  const onDemand = onDemandView(given.onDemand, {
    entity: one,
    inputs: {},
    args: z.object({
      [given.argument]: given.argumentId === undefined ? unit : unit.meta({ id: given.argumentId }),
      point: z.object({ [given.inner]: z.number().default(1) }).optional(),
    }),
    features: { [fourth]: float64() } as never,
    compute: () => ({}) as never,
  })
  const service = featureService(given.service, {
    roles: { [given.role]: one } as never,
    features: { [given.role]: [...Object.values(view.features), ...Object.values(onDemand.features)] } as never,
  })
  return [one, other, view, onDemand, service]
}

function closed(given: Names): Registry | undefined {
  try {
    return closeRegistry({ name: 'names', definitions: definitionsOf(given), prefix: given.prefix })
  } catch (error) {
    expect(error).toBeInstanceOf(FieldstoneErrors)
    return undefined
  }
}

let servable = 0
/** Names that do not meet: small changes of them do in one place at a time. */
const PLAIN: Names = {
  ...{ prefix: '', one: 'Airport', other: 'Route', plural: undefined, view: 'daily', onDemand: 'distance' },
  ...{ service: 'model', oneKey: 'iata', otherKey: 'id', reference: 'start', role: 'origin', argument: 'unit' },
  ...{ inner: 'x', features: ['f', 'g', 'h', 'i'], enumName: 'Season', members: ['WARM'] },
  ...{ argumentId: undefined, argumentMember: 'KM' },
}
const nearlyPlain = fc
  .tuple(names, fc.subarray(Object.keys(PLAIN) as (keyof Names)[], { maxLength: 4 }))
  .map(([given, taken]): Names => ({ ...PLAIN, ...Object.fromEntries(taken.map((part) => [part, given[part]])) }))

test('whatever the names, what closes without an error makes a legal schema', () => {
  fc.assert(
    fc.property(nearlyPlain, (given) => {
      const registry = closed(given)
      if (registry === undefined) return
      servable += 1
      const problems: readonly GraphQLError[] = validateSchema(buildSchema(registry).schema)
      expect(problems).toEqual([])
    }),
    { numRuns: RUNS },
  )
})

afterAll(() => {
  expect(servable).toBeGreaterThan(RUNS / 10)
})
