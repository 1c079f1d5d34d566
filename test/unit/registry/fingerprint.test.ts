import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { int32 } from '../../../src/definitions/feature.ts'
import { closeRegistry } from '../../../src/registry/close.ts'
import type { Registry } from '../../../src/registry/registry.ts'
import { changesOfEntities, changesOfServices } from './changes-of-entities.ts'
import { changesOfDeployments, changesOfFeatures } from './changes-of-features.ts'
import { changesOfOnDemandViews, changesOfViews } from './changes-of-views.ts'
import type { Change } from './changing.ts'
import { daily } from './closing.ts'
import { network, networkWith } from './network.ts'

function close({ name = 'flights', prefix = '', definitions = {} }: Partial<Change> = {}): Registry {
  return closeRegistry({ name, prefix, definitions: networkWith(definitions) })
}

/** The fingerprints of views and services by their names. */
function fingerprints({ entities, services }: Registry): Readonly<Record<string, string>> {
  const views = entities.flatMap((entity) => [...entity.batchViews, ...entity.onDemandViews])
  return Object.fromEntries([...views, ...services].map(({ name, fingerprint }) => [name, fingerprint]))
}

const before = close()

describe('a fingerprint', () => {
  test('is 16 hex digits, of a view, a service and the whole', () => {
    const all = [before.fingerprint, ...Object.values(fingerprints(before))]
    expect(all.filter((fingerprint) => !/^[0-9a-f]{16}$/.test(fingerprint))).toEqual([])
    expect(new Set(all).size).toBe(all.length)
  })

  test('is the same today and tomorrow', () => {
    // Stored deployments hang on these: a change of the form loses what was applied.
    const { routeDaily, airportDaily, delayModelV1 } = fingerprints(before)
    expect([routeDaily, airportDaily, delayModelV1]).toEqual([
      'e32672e4ea8344b7',
      '69b8ee79b6585256',
      '0d5f2183e28bf793',
    ])
  })

  test('hangs on what the definitions say, not on which objects they are', () => {
    const properties = fc.record({
      shuffle: fc.infiniteStream(fc.nat()),
      copies: fc.array(fc.boolean(), { maxLength: 9 }),
    })
    fc.assert(
      fc.property(properties, ({ shuffle, copies }) => {
        const definitions = networkWith().map((definition, index) =>
          copies[index] ? definition : (copied(definition, shuffle) as typeof definition),
        )
        const again = closeRegistry({ name: 'flights', definitions })
        expect(fingerprints(again)).toEqual(fingerprints(before))
        expect(again.fingerprint).toBe(before.fingerprint)
      }),
      { numRuns: 100 },
    )
  })
})

/** Where the order of properties is meant: keys, features, inputs, roles. */
const ORDERED: ReadonlySet<string> = new Set(['keys', 'features', 'inputs', 'roles', 'references'])

/** A copy of plain data, with properties in another order where the order means nothing. */
function copied(value: unknown, shuffle: Iterator<number>, ordered = false): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (Array.isArray(value)) return value.map((item) => copied(item, shuffle))
  if (Object.getPrototypeOf(value) !== Object.prototype) return value
  const entries = Object.entries(value).map(([name, item]) => ({ name, item, at: shuffle.next().value as number }))
  const shown = ordered ? entries : entries.sort((a, b) => a.at - b.at)
  return Object.fromEntries(shown.map(({ name, item }) => [name, copied(item, shuffle, ORDERED.has(name))]))
}

describe("a view's fingerprint", () => {
  /** Views and services whose fingerprint is another after a change. */
  function touched(change: Partial<Change>): readonly string[] {
    const [old, now] = [fingerprints(before), fingerprints(close(change))]
    return Object.keys(now).filter((name) => name in old && now[name] !== old[name])
  }

  const SAFE = [
    ...['nothing', 'the name', 'the prefix', 'the order', 'a default is declared', 'a default goes', 'a ttl'],
    ...['a feature is deprecated, owned, tagged, scoped and described', 'what a view says for people'],
    ...[
      'a ttl and a retention go',
      'a schedule',
      'how copies may be used',
      'what an entity says for people',
      'a plural',
      'a reference is added',
    ],
    ...['a reference is removed', 'references are held and described otherwise', 'an argument is described'],
    ...['the enum of an argument is named', 'a view is added', 'an entity is added', 'a service is added'],
    ...['a service is removed', 'what a service says for people', 'the GraphQL type of a key where nothing is stored'],
  ]
  const all = [
    ...[...changesOfDeployments, ...changesOfFeatures, ...changesOfViews],
    ...[...changesOfOnDemandViews, ...changesOfEntities, ...changesOfServices],
  ]

  test.each(all.filter(({ change }) => SAFE.includes(change)))('is left alone by: $change', (change) => {
    expect(touched(change)).toEqual([])
  })

  test('every change that leaves it alone is one of those that were tried', () => {
    expect(SAFE.filter((name) => !all.some(({ change }) => change === name))).toEqual([])
  })

  test.each([
    ['a feature is added', ['airportDaily']],
    ['a feature is removed', ['airportDaily']],
    ['a dtype', ['airportDaily']],
    ['the members of an enum', ['airportDaily']],
    ['how infinities are served', ['airportDaily']],
    ['a column', ['airportDaily']],
    ['nulls are refused', ['routeDaily']],
    ['a SQL text alone', ['airportDaily']],
    ['a table', ['routeDaily']],
    ['the columns of a source', ['routeDaily']],
    ['an older version', ['routeDaily', 'delayModelV1']],
    ['a key, under the same version', ['routeDaily']],
    ['a function', ['nearness']],
    ['inputs, and what is done without them', ['distance']],
    ['an argument that may be left out is added', ['nearness', 'delayModelV1']],
    ['a service gives less', ['delayModelV1']],
    ['a service takes another role', ['delayModelV1']],
  ])('is another after: %s', (name, views) => {
    expect(touched(all.find(({ change }) => change === name)!)).toEqual(views)
  })
})

describe("a registry's fingerprint and the order of definitions", () => {
  const reordered = (...definitions: readonly unknown[]) =>
    closeRegistry({ name: 'flights', definitions: definitions as never }).fingerprint
  const { airport, carrier, route, airportProfile, airportDaily, routeDaily, distance, nearness, delayModelV1 } =
    network()

  test('definitions of other kinds and entities may change places', () => {
    expect(
      reordered(
        ...[delayModelV1, routeDaily, airportProfile, airport, airportDaily],
        ...[carrier, distance, route, nearness],
      ),
    ).toBe(before.fingerprint)
  })

  test('entities, and views of one entity, may not: it is the order of the schema and of answers', () => {
    const others = [routeDaily, distance, nearness, delayModelV1]
    expect(reordered(route, airport, carrier, airportProfile, airportDaily, ...others)).not.toBe(before.fingerprint)
    expect(reordered(airport, carrier, route, airportDaily, airportProfile, ...others)).not.toBe(before.fingerprint)
  })

  test('a view does not hang on what stands beside it', () => {
    const alone = closeRegistry({ name: 'a', definitions: [airport, airportDaily] })
    const beside = closeRegistry({
      name: 'b',
      definitions: [daily({ features: { x: int32() } }), airportDaily, airport],
    })
    expect(fingerprints(alone).airportDaily).toBe(fingerprints(before).airportDaily)
    expect(fingerprints(beside).airportDaily).toBe(fingerprints(before).airportDaily)
  })
})
