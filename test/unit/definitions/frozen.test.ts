import { expect, test } from 'vitest'
import { batchView } from '../../../src/definitions/batch-view.ts'
import { isDefinition } from '../../../src/definitions/definition.ts'
import { entity, heldBy, ref } from '../../../src/definitions/entity.ts'
import { int32, list, string, vector } from '../../../src/definitions/feature.ts'
import { featureService } from '../../../src/definitions/feature-service.ts'
import { onDemandView } from '../../../src/definitions/on-demand-view.ts'
import { staticTable, tableSource } from '../../../src/definitions/sources.ts'

const airport = entity('Airport', { keys: { iata: string() }, tags: ['a'] })
const profile = batchView('profile', {
  entity: airport,
  source: staticTable({ table: 't' }),
  features: { n: int32({ tags: ['x'] }), hub: string(), v: vector(2), l: list(int32()) },
})
const view = onDemandView('v', {
  entity: airport,
  inputs: { n: profile.features.n },
  features: { x: int32() },
  compute: () => ({ x: 1 }),
})
const service = featureService('s', { roles: { airport }, features: { airport: [profile.features.n] } })
const hubbed = entity('Hubbed', { keys: { id: string() }, references: { hub: ref(airport, { iata: heldBy('hub') }) } })

test('definitions are frozen data with a kind', () => {
  for (const definition of [airport, profile, view, service, hubbed]) {
    expect(isDefinition(definition)).toBe(true)
    expectFrozen(definition)
  }
  expectFrozen(tableSource({ sql: 'select 1', eventTime: 'e' }))
})

function expectFrozen(value: unknown): void {
  if (typeof value !== 'object' || value === null) return
  expect(Object.isFrozen(value), JSON.stringify(value)).toBe(true)
  for (const item of Object.values(value)) expectFrozen(item)
}

test('a feature of a view knows where it stands', () => {
  expect(profile.features.n).toMatchObject({ kind: 'viewFeature', entity: 'Airport', view: 'profile', name: 'n' })
})

test('defaults are filled in', () => {
  expect(profile).toMatchObject({ version: 1, ttl: undefined, tags: [] })
  expect(profile.features.n.definition).toMatchObject({ nullable: true, nonFinite: 'null', scopes: [], tags: ['x'] })
  expect(view.whenMissing).toBe('null')
  expect(isDefinition({ kind: 'other' })).toBe(false)
  expect(isDefinition(null)).toBe(false)
})
