import { beforeAll, describe, expect, test } from 'vitest'
import { closeRegistry } from '../../../src/registry/close.ts'
import type { RegistryBatchView, RegistryEntity } from '../../../src/registry/registry.ts'
import { createRowSet, rowSettler, storedStatus, storedValue, type ViewRow } from '../../../src/serving/row-set.ts'
import { type Column, columnList } from '../../../src/stores/online/column-list.ts'
import { encodeCell, readCellHeader } from '../../../src/stores/online/row-codec.ts'
import { definitions } from './definitions.ts'

let airport: RegistryEntity
let route: RegistryEntity
let daily: RegistryBatchView
let every: RegistryBatchView

beforeAll(() => {
  const { entities } = closeRegistry({ name: 'test', definitions })
  airport = entities.find(({ name }) => name === 'Airport')!
  route = entities.find(({ name }) => name === 'Route')!
  daily = airport.batchViews.find(({ name }) => name === 'airportDaily')!
  every = airport.batchViews.find(({ name }) => name === 'everyDtype')!
})

describe('rows', () => {
  test('a key has one row, whichever form it is given in; composite keys never meet', () => {
    const airports = createRowSet(airport)
    expect(airports.find(['SEA'])).toBe(airports.find(['SEA']))
    const routes = createRowSet(route)
    const rows = [
      ['a', 'bc'],
      ['ab', 'c'],
      ['', 'abc'],
      ['1', ',1:a'],
      ['1,1', ':a'],
    ].map((key) => routes.find(key))
    expect(new Set(rows).size).toBe(rows.length)
    expect(routes.find(['ab', 'c'])).toBe(rows[1])
  })
})

function stored(columns: readonly Column[], values: readonly string[]) {
  const list = columnList(columns)
  const contents = { eventMicros: 5, ingestMicros: 5, tieBreaker: new Uint8Array(), tombstone: false, values }
  return { header: readCellHeader(encodeCell(list, contents)), list }
}

function toViewRow(view: RegistryBatchView, row: ReturnType<typeof stored>, nowMicros: number): ViewRow {
  return rowSettler(view, nowMicros, () => {})(row) as ViewRow
}

const int32: Column = { name: 'departures', dtype: { kind: 'int32' }, nonFinite: 'null' }

describe('column lists', () => {
  test('a row of another list gives what it has under the same name, wherever it stands', () => {
    const meanDelay: Column = { name: 'meanDelay', dtype: { kind: 'float64' }, nonFinite: 'null' }
    const gone: Column = { name: 'gone', dtype: { kind: 'string' }, nonFinite: 'null' }
    const row = toViewRow(daily, stored([gone, meanDelay, int32], ['"x"', '1.5', '7']), 5)
    expect(daily.features.map((feature) => storedValue(row, feature))).toEqual([
      { status: 'PRESENT', text: '7' },
      { status: 'PRESENT', text: '1.5' },
    ])
  })

  test('a feature that the row was written without is NOT_FOUND', () => {
    const row = toViewRow(daily, stored([int32], ['7']), 5)
    expect(daily.features.map((feature) => storedStatus(row, feature))).toEqual(['PRESENT', 'NOT_FOUND'])
  })

  test('a column of another dtype under the same name is never misread', () => {
    const text: Column = { ...int32, dtype: { kind: 'string' } }
    const row = toViewRow(daily, stored([text], ['"7"']), 5)
    expect(storedValue(row, daily.features[0]!)).toEqual({ status: 'NOT_FOUND', text: undefined })
  })

  test('an enum whose members have grown since is read', () => {
    const season = every.features.find(({ name }) => name === 'season')!
    const column: Column = {
      name: 'season',
      dtype: { kind: 'enum', name: 'Season', members: ['WINTER'] },
      nonFinite: 'null',
    }
    expect(storedValue(toViewRow(every, stored([column], ['"WINTER"']), 5), season).text).toBe('"WINTER"')
  })

  test('floats that may be strings are not served where they may only be numbers', () => {
    const meanDelay = daily.features[1]!
    const column: Column = { name: 'meanDelay', dtype: { kind: 'float64' }, nonFinite: 'string' }
    expect(storedStatus(toViewRow(daily, stored([column], ['"NaN"']), 5), meanDelay)).toBe('NOT_FOUND')
  })
})
