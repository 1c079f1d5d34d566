import { batchView } from '../../src/definitions/batch-view.ts'
import type { Definition } from '../../src/definitions/definition.ts'
import { entity, ref } from '../../src/definitions/entity.ts'
import { int32, list, string, vector } from '../../src/definitions/feature.ts'
import { featureService } from '../../src/definitions/feature-service.ts'
import { staticTable } from '../../src/definitions/sources.ts'
import { CITIES, city, profile } from './http-gateway.ts'

const flight = entity('Flight', {
  keys: { from: string(), to: string() },
  references: { origin: ref(city, { name: 'from' }), target: ref(city, { name: 'to' }) },
})

const traffic = batchView('traffic', {
  entity: flight,
  source: staticTable({ table: 'traffic' }),
  features: { passengers: int32() },
})

const shape = batchView('shape', {
  entity: city,
  source: staticTable({ table: 'shapes' }),
  features: { embedding: vector(8), tags: list(string()) },
})

const trip = featureService('trip', {
  roles: { start: city, end: city },
  features: { start: [profile.features.altitude, shape.features.embedding], end: [profile.features.population] },
})

/** The cities with all that costs differently: references, vectors, roles of a service. */
export const TRAVEL: readonly Definition[] = [...CITIES, flight, traffic, shape, trip]
