import { batchView } from '../../src/definitions/batch-view.ts'
import { entity } from '../../src/definitions/entity.ts'
import { bool, enumOf, float64, int32, int64, string, timestamp } from '../../src/definitions/feature.ts'
import { featureService } from '../../src/definitions/feature-service.ts'
import { tableSource } from '../../src/definitions/sources.ts'

/** What the benchmarks serve: one entity, five batch views of ten features, one feature service over all of them. */

const TIERS = ['BRONZE', 'SILVER', 'GOLD', 'PLATINUM'] as const

const customer = entity('Customer', { keys: { id: string() } })

function viewOf<const Name extends string>(name: Name) {
  return batchView(name, {
    entity: customer,
    source: tableSource({ table: name, eventTime: 'stampedAt' }),
    ttl: '1d',
    retention: '30d',
    features: {
      [`${name}Count`]: int64(),
      [`${name}Orders`]: int32({ default: 0 }),
      [`${name}Mean`]: float64(),
      [`${name}Total`]: float64(),
      [`${name}Ratio`]: float64({ default: 0.5 }),
      [`${name}Active`]: bool(),
      [`${name}Label`]: string(),
      [`${name}Code`]: string(),
      [`${name}SeenAt`]: timestamp(),
      [`${name}Tier`]: enumOf('Tier', TIERS),
    },
  })
}

const views = [viewOf('profile'), viewOf('spending'), viewOf('sessions'), viewOf('shipping'), viewOf('risk')]

const customerModel = featureService('customerModelV1', {
  roles: { customer },
  features: { customer: views.flatMap((view) => Object.values(view.features)) },
})

export const definitions = [customer, ...views, customerModel]

/** Names of the features of each view, in the order of the schema. */
export const FEATURE_NAMES: readonly (readonly string[])[] = views.map((view) => Object.keys(view.features))

export const FEATURES_PER_VIEW = 10
