import { describe, expect, test } from 'vitest'
import { FieldstoneError } from '../../../src/errors.ts'
import { closeRegistry } from '../../../src/registry/close.ts'
import { diffRegistries, type RegistryChange } from '../../../src/registry/diff.ts'
import { type RegistrySnapshot, snapshotOf } from '../../../src/registry/snapshot.ts'
import { changesOfEntities, changesOfServices } from './changes-of-entities.ts'
import { changesOfDeployments, changesOfFeatures } from './changes-of-features.ts'
import { changesOfOnDemandViews, changesOfViews } from './changes-of-views.ts'
import type { Change } from './changing.ts'
import { networkWith } from './network.ts'

function snapshot({ name = 'flights', prefix = '', definitions = {} }: Partial<Change> = {}): RegistrySnapshot {
  return snapshotOf(closeRegistry({ name, prefix, definitions: networkWith(definitions) }))
}

const before = snapshot()

const changesOfNetwork: readonly Change[] = [
  ...[...changesOfDeployments, ...changesOfFeatures, ...changesOfViews],
  ...[...changesOfOnDemandViews, ...changesOfEntities, ...changesOfServices],
]

function printed({ kind, subject, description, safety, destructive, remedy }: RegistryChange): string {
  const permission = remedy === 'permission' ? ' + permission' : ''
  return `${safety}${destructive ? ' + destructive' : ''}${permission} ${kind} ${subject}: ${description}`
}

describe('each change is told with what it is and whether it is safe', () => {
  test.each(changesOfNetwork)('$change', (change) => {
    expect(diffRegistries(before, snapshot(change)).map(printed)).toEqual(change.differences)
  })

  test.each(changesOfNetwork)('$change: the fingerprint is another exactly where there is a difference', (change) => {
    const isSame = snapshot(change).fingerprint === before.fingerprint
    expect(isSame).toBe(change.differences.length === 0)
  })

  test('every change has a reason, and what is safe needs no remedy', () => {
    const changes = changesOfNetwork.flatMap((change) => diffRegistries(before, snapshot(change)))
    expect(changes.filter(({ reason }) => !/^[A-Z].*\.$/.test(reason))).toEqual([])
    expect(changes.filter(({ safety, remedy }) => (safety === 'safe') !== (remedy === 'none'))).toEqual([])
    expect(changes.filter(({ safety, destructive }) => destructive && safety === 'safe')).toEqual([])
  })
})

test('without a record all is added, and safe', () => {
  const changes = diffRegistries(undefined, before)
  expect(changes.map(({ kind, subject }) => `${kind} ${subject}`)).toEqual([
    'entityAdded entity Airport',
    ...['airportProfile', 'airportDaily', 'distance', 'nearness'].map((view) => `viewAdded view ${view}`),
    ...['entityAdded entity Carrier', 'entityAdded entity Route', 'viewAdded view routeDaily'],
    'serviceAdded service delayModelV1',
  ])
  expect(new Set(changes.map(({ safety }) => safety))).toEqual(new Set(['safe']))
})

test('a record that has been through JSON is compared as it was', () => {
  expect(diffRegistries(JSON.parse(JSON.stringify(before)), before)).toEqual([])
})

test('a record of another form is refused', () => {
  expect(() => diffRegistries({ ...before, format: 2 } as never, before)).toThrow(FieldstoneError)
  expect(() => diffRegistries({ ...before, format: 2 } as never, before)).toThrow(
    /has the format 2: .* Use the version/,
  )
})
