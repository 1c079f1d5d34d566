import { expect, test } from 'vitest'
import { bytes, float64, int64, json, vector } from '../../../src/definitions/feature.ts'
import { closeRegistry } from '../../../src/registry/close.ts'
import { snapshotOf } from '../../../src/registry/snapshot.ts'
import { airport, daily } from './closing.ts'
import { networkWith } from './network.ts'

test('a snapshot survives JSON unchanged', () => {
  const snapshot = snapshotOf(closeRegistry({ name: 'flights', definitions: networkWith() }))
  expect(JSON.parse(JSON.stringify(snapshot))).toEqual(snapshot)
})

test('a snapshot holds the fingerprint, the versions and what features are', () => {
  const registry = closeRegistry({ name: 'flights', definitions: networkWith() })
  const snapshot = snapshotOf(registry)
  expect(snapshot).toMatchObject({ format: 1, name: 'flights', prefix: '', fingerprint: registry.fingerprint })
  const route = snapshot.entities.find(({ name }) => name === 'Route')!
  expect(route.references.map(({ name, target, keys }) => [name, target, keys])).toEqual([
    ['originAirport', 'Airport', ['key origin']],
    ['destinationAirport', 'Airport', ['key destination']],
    ['carrier', 'Carrier', ['feature carrierCode']],
  ])
  expect(route.batchViews[0]).toMatchObject({ id: 'routeDaily@2', source: { from: { table: 'routes' } } })
  const nearness = snapshot.entities[0]!.onDemandViews[1]!
  expect(nearness.inputs).toEqual(['distance = distance.distance'])
  expect(nearness.args).toEqual([{ name: 'within', type: 'Int', typeNames: [], required: false, description: null }])
})

test('defaults that JSON lacks are kept apart', () => {
  const features = {
    a: int64({ default: 1n }),
    b: float64({ default: Number.NaN, nonFinite: 'string' }),
    c: bytes({ default: new Uint8Array([1, 2]) }),
    d: vector(2, { default: new Float32Array([1, 0.5]) }),
    e: json({ default: { b: [1, null], a: 'x' } }),
  }
  const [entity] = snapshotOf(closeRegistry({ name: 'x', definitions: [airport, daily({ features })] })).entities
  expect(entity!.batchViews[0]!.features.map((feature) => feature.default)).toEqual([
    ...[{ $bigint: '1' }, { $number: 'NaN' }, { $bytes: 'AQI=' }, { $floats: [1, 0.5] }],
    { a: 'x', b: [1, null] },
  ])
})
