import { describe, expect, test } from 'vitest'
import { batchView } from '../../../src/definitions/batch-view.ts'
import { entity } from '../../../src/definitions/entity.ts'
import { float64, int32, int64, string, timestamp, uuid } from '../../../src/definitions/feature.ts'
import { staticTable, tableSource } from '../../../src/definitions/sources.ts'
import { testView } from '../../../src/testing/test-view.ts'

const airport = entity('Airport', { keys: { iata: string() } })
const daily = batchView('daily', {
  entity: airport,
  source: tableSource({
    table: 'daily',
    eventTime: 'asOf',
    ingestTime: 'storedAt',
    tieBreaker: 'revision',
    deletedColumn: 'gone',
    keys: { iata: 'code' },
  }),
  ttl: '1d',
  features: { departures: int32({ column: 'dep' }), mean: float64({ default: 0 }), seen: timestamp() },
})
const row = (asOf: string, more: Readonly<Record<string, unknown>> = {}) => ({
  code: 'SEA',
  asOf,
  storedAt: asOf,
  revision: 1,
  dep: 1,
  mean: 0.5,
  seen: asOf,
  ...more,
})

describe('testView', () => {
  test('serves the newest row at each instant, by the ttl and its retention', () => {
    const rows = [row('2001-01-01T00:00:00Z'), row('2001-01-02T00:00:00Z', { dep: 2 })]
    const at = [
      '2000-12-31T00:00:00Z',
      '2001-01-01T12:00:00Z',
      '2001-01-03T00:00:00Z',
      '2001-01-04T00:00:00Z',
      '2001-01-05T00:00:00Z',
    ]
    const served = testView(daily, rows, at)
    expect(served.map(({ values }) => values.departures)).toEqual([null, 1, 2, null, null])
    expect(served.map(({ statuses }) => statuses.departures)).toEqual([
      'NOT_FOUND',
      'PRESENT',
      'PRESENT',
      'OUTSIDE_MAX_AGE',
      'NOT_FOUND',
    ])
    expect(served[0]).toMatchObject({ at: at[0], key: { iata: 'SEA' }, values: { mean: 0 } })
    expect(served[1]!.values.seen).toBe(978_307_200_000_000)
  })

  test('ties go by ingest time, then the tie-breaker, then a tombstone, then the values', () => {
    const t = '2001-01-01T00:00:00Z'
    const winner = (...rows: readonly ReturnType<typeof row>[]) => testView(daily, rows, [t])[0]!.values.departures
    expect(winner(row(t, { dep: 9 }), row(t, { dep: 1, storedAt: '2001-01-02T00:00:00Z' }))).toBe(1)
    expect(winner(row(t, { dep: 9 }), row(t, { dep: 1, revision: 2 }))).toBe(1)
    expect(winner(row(t, { gone: true }), row(t, { dep: 1 }))).toBe(null)
    expect(winner(row(t, { dep: null }), row(t, { dep: 10 }), row(t, { dep: 9 }))).toBe(10)
  })

  test('a static table holds at every instant', () => {
    const profile = batchView('profile', {
      entity: airport,
      source: staticTable({ table: 'airports' }),
      features: { name: string({ nullable: false }) },
    })
    expect(testView(profile, [{ iata: 'SEA', name: 'Seattle' }], ['1999-01-01T00:00:00Z'])[0]!.values).toEqual({
      name: 'Seattle',
    })
    expect(() => testView(profile, [{ iata: 'SEA', name: null }], [])).toThrow(/'name': null where nullable is false/)
  })

  test('rows are of one key where their values are the same, however they are written, and of two where they differ', () => {
    const flight = entity('Flight', { keys: { carrier: string(), number: int64(), leg: uuid() } })
    const view = batchView('v', { entity: flight, source: staticTable({ table: 't' }), features: { n: int32() } })
    const leg = '01234567-89ab-cdef-0123-456789abcdef'
    const one = { carrier: 'AS', number: 7, leg, n: 1 }
    const two = { carrier: 'AS', number: 7n, leg: leg.toUpperCase(), n: 2 }
    const at = ['2001-01-01T00:00:00Z']
    expect(testView(view, [one, two], at).map(({ key, values }) => [key, values.n])).toEqual([
      [{ carrier: 'AS', number: 7n, leg }, 2],
    ])
    const long = (end: string) => ({ iata: `${'x'.repeat(500)}${end}`, name: end })
    const names = batchView('names', {
      entity: airport,
      source: staticTable({ table: 't' }),
      features: { name: string() },
    })
    expect(testView(names, [long('a'), long('b')], at).map(({ values }) => values.name)).toEqual(['a', 'b'])
    expect(() => testView(view, [{ ...one, number: '7' }], at)).toThrow(/number "7", which is no int64/)
    expect(() => testView(view, [{ ...one, leg: 'L1' }], at)).toThrow(/leg "L1", which is no uuid/)
  })

  test('refuses what materialization would reject', () => {
    const t = '2001-01-01T00:00:00Z'
    expect(() => testView(daily, [row(t, { dep: 1.5 })], [t])).toThrow(/1.5 is no int32/)
    expect(() => testView(daily, [row('yesterday')], [t])).toThrow(/asOf "yesterday": It is no instant/)
    expect(() => testView(daily, [{ ...row(t), code: undefined }], [t])).toThrow(/a row without 'code'/)
    expect(() => testView(daily, [row(t, { gone: 'true' })], [t])).toThrow(/gone "true": It is no boolean/)
  })
})
