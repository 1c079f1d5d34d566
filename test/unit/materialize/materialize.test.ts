import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { batchView } from '../../../src/definitions/batch-view.ts'
import type { Definition } from '../../../src/definitions/definition.ts'
import { entity } from '../../../src/definitions/entity.ts'
import {
  bool,
  bytes,
  enumOf,
  float32,
  float64,
  int32,
  int64,
  json,
  list,
  string,
  timestamp,
  uuid,
  vector,
} from '../../../src/definitions/feature.ts'
import { staticTable, tableSource } from '../../../src/definitions/sources.ts'
import { acquireLease } from '../../../src/stores/online/leases.ts'
import { createRecords } from '../../../src/stores/online/records.ts'
import { type MaterializeWorld, materializeWorld } from '../../support/materialize-world.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const airport = entity('Airport', { keys: { iata: string() } })
const worlds: MaterializeWorld[] = []

afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

async function worldOf(
  definitions: readonly Definition[],
  options?: { readonly apply?: boolean },
): Promise<MaterializeWorld> {
  const world = await materializeWorld(await temporaryFolder(), definitions, options)
  worlds.push(world)
  return world
}

const daily = batchView('daily', {
  entity: airport,
  source: tableSource({ file: 'rows.parquet', eventTime: 'happened' }),
  features: { n: int32() },
})
const logged = batchView('logged', {
  entity: airport,
  source: tableSource({
    file: 'rows.parquet',
    eventTime: 'happened',
    ingestTime: 'stored',
    tieBreaker: 'rev',
    deletedColumn: 'gone',
  }),
  ttl: '5d',
  features: { n: int32() },
})
const profile = batchView('profile', {
  entity: airport,
  source: staticTable({ file: 'rows.parquet' }),
  features: { n: int32({ nullable: false }) },
})

/** Rows of `daily`: key, event time, value. */
const rows = (...values: readonly (readonly [string, string, number | null])[]) =>
  `select * from (values ${values.map(([key, at, n]) => `('${key}', timestamp '${at}', ${n}::bigint)`).join(', ')}) as t(iata, happened, n)`

/** Rows of `logged`: key, event time, ingest time, revision, value, gone. */
const logRows = (...values: readonly (readonly [string, string, string, number, number, boolean?])[]) =>
  `select * from (values ${values
    .map(
      ([key, at, stored, rev, n, gone]) =>
        `('${key}', timestamp '${at}', timestamp '${stored}', ${rev}, ${n}, ${gone ?? false})`,
    )
    .join(', ')}) as t(iata, happened, stored, rev, n, gone)`

describe('a table with time', () => {
  test('brings the newest row of each key, and never one dated after the run', async () => {
    const world = await worldOf([airport, daily])
    await world.putRows(
      rows(['SEA', '2001-01-01', 1], ['SEA', '2001-01-09', 2], ['SEA', '2001-01-11', 3], ['JFK', '2001-01-10', null]),
    )
    expect(await world.run()).toMatchObject({ read: 3, written: 2, superseded: 1, rejected: 0, ambiguous: 0 })
    expect(await world.stored()).toEqual({ JFK: ['null'], SEA: ['2'] })
  })

  test('running it again changes nothing, and an older row never replaces a newer one', async () => {
    const world = await worldOf([airport, daily])
    await world.putRows(rows(['SEA', '2001-01-05', 5]))
    await world.run()
    expect(await world.run()).toMatchObject({ written: 0, unchanged: 1 })
    await world.putRows(rows(['SEA', '2001-01-04', 4]))
    expect(await world.run()).toMatchObject({ written: 0, superseded: 1 })
    expect(await world.stored()).toEqual({ SEA: ['5'] })
  })

  test('incremental reads only what came since', async () => {
    const world = await worldOf([airport, daily])
    await world.putRows(rows(['SEA', '2001-01-01', 1], ['JFK', '2001-01-02', 1]))
    await world.run({ range: { kind: 'incremental' } })
    await world.putRows(rows(['SEA', '2001-01-01', 1], ['JFK', '2001-01-02', 1], ['LAX', '2001-01-03', 1]))
    expect(await world.run({ range: { kind: 'incremental' } })).toMatchObject({ read: 2, written: 1, unchanged: 1 })
  })

  test('a range is by event time, both ends inclusive', async () => {
    const world = await worldOf([airport, daily])
    await world.putRows(
      rows(
        ['A', '2001-01-01', 1],
        ['B', '2001-01-02', 1],
        ['C', '2001-01-03', 1],
        ['D', '2001-01-03 00:00:00.000001', 1],
      ),
    )
    const range = { kind: 'range', fromMicros: 978_393_600_000_000, toMicros: 978_480_000_000_000 } as const
    await world.run({ range })
    expect(Object.keys(await world.stored())).toEqual(['B', 'C'])
  })

  test('two rows that only their values tell apart are counted, across batches too, and the greater stands', async () => {
    const world = await worldOf([airport, daily])
    await world.putRows(
      rows(['SEA', '2001-01-01', 9], ['SEA', '2001-01-01', 10], ['SEA', '2001-01-01', 10], ['JFK', '2001-01-01', 1]),
    )
    expect(await world.run({ maxBatchRows: 1 })).toMatchObject({ read: 4, ambiguous: 1 })
    expect(await world.stored()).toEqual({ JFK: ['1'], SEA: ['10'] })
  })

  test('rows that a tie-breaker tells apart are not ambiguous, however they lie between those that tie', async () => {
    const world = await worldOf([airport, logged])
    const t = "timestamp '2001-01-08'"
    await world.putRows(
      `select 'SEA' as iata, ${t} as happened, ${t} as stored, i % 50 as rev, i as n, i % 25 = 0 as gone from range(100) t(i)`,
    )
    // Of each revision two rows; of 0 and 25 they are tombstones, which have no values.
    expect(await world.run({ maxBatchRows: 7 })).toMatchObject({ read: 100, ambiguous: 48 })
    expect(await world.stored()).toEqual({ SEA: ['99'] })
  })

  test('rows too old to be known to anyone are not read', async () => {
    const world = await worldOf([airport, logged])
    const t = '2000-12-30'
    await world.putRows(logRows(['OLD', t, t, 1, 1], ['EDGE', '2000-12-31', '2000-12-31', 1, 1]))
    expect(await world.run()).toMatchObject({ read: 1 })
  })
})

describe('a table with ingest time', () => {
  test('late rows are found by their ingest time, and so are rows that were dated ahead', async () => {
    const world = await worldOf([airport, logged])
    const first = logRows(
      ['SEA', '2001-01-08', '2001-01-08', 1, 1],
      ['AHEAD', '2001-01-10 12:00:00', '2001-01-07', 1, 1],
    )
    await world.putRows(first)
    await world.run({ range: { kind: 'incremental' } })
    expect(await world.stored()).toEqual({ SEA: ['1'] })
    await world.putRows(`${first} union all ${logRows(['LATE', '2001-01-06', '2001-01-09', 1, 1])}`)
    const next = await world.run({ range: { kind: 'incremental' }, now: '2001-01-11T00:00:00Z' })
    expect(next.read).toBe(3)
    expect(await world.stored()).toEqual({ AHEAD: ['1'], LATE: ['1'], SEA: ['1'] })
  })

  test('ties go by ingest time, then the tie-breaker, then a tombstone', async () => {
    const world = await worldOf([airport, logged])
    const t = '2001-01-08'
    await world.putRows(
      logRows(
        ['INGEST', t, '2001-01-08', 9, 1],
        ['INGEST', t, '2001-01-09', 1, 2],
        ['TIE', t, t, 10, 2],
        ['TIE', t, t, 9, 1],
        ['GONE', t, t, 1, 1],
        ['GONE', t, t, 1, 1, true],
        ['BACK', t, t, 1, 1, true],
        ['BACK', '2001-01-09', '2001-01-09', 1, 2],
      ),
    )
    await world.run()
    expect(await world.stored()).toEqual({ BACK: ['2'], GONE: 'deleted', INGEST: ['2'], TIE: ['2'] })
  })
})

describe('a static table', () => {
  test('a later run replaces rows and removes keys that have left, though its clock stands still', async () => {
    const world = await worldOf([airport, profile])
    await world.putRows("select * from (values ('SEA', 9), ('JFK', 1)) as t(iata, n)")
    expect(await world.run()).toMatchObject({ written: 2, removed: 0 })
    await world.putRows("select * from (values ('SEA', 1)) as t(iata, n)")
    expect(await world.run()).toMatchObject({ written: 1, removed: 1 })
    expect(await world.stored()).toEqual({ SEA: ['1'] })
  })

  test('a key whose row is rejected has not left the table', async () => {
    const world = await worldOf([airport, profile])
    await world.putRows("select * from (values ('SEA', 9), ('JFK', 1)) as t(iata, n)")
    await world.run()
    await world.putRows("select * from (values ('SEA', null), ('LAX', 1)) as t(iata, n)")
    expect(await world.run()).toMatchObject({ rejected: 1, removed: 1 })
    expect(await world.stored()).toEqual({ LAX: ['1'], SEA: ['9'] })
  })

  test('of two rows of one key the greater by value is taken', async () => {
    const world = await worldOf([airport, profile])
    await world.putRows("select * from (values ('SEA', 9), ('SEA', 10), ('SEA', 2)) as t(iata, n)")
    expect(await world.run({ maxBatchRows: 1 })).toMatchObject({ ambiguous: 2 })
    expect(await world.stored()).toEqual({ SEA: ['10'] })
  })
})

describe('rows that do not fit', () => {
  test('a tie-breaker that is too long rejects its row alone', async () => {
    const tied = batchView('tied', {
      entity: airport,
      source: tableSource({ file: 'rows.parquet', eventTime: 'happened', tieBreaker: 'rev' }),
      features: { n: int32() },
    })
    const world = await worldOf([airport, tied])
    await world.putRows(
      `select 'K' || i as iata, timestamp '2001-01-01' as happened, repeat('x', i * 40000) as rev, i::integer as n from range(2) t(i)`,
    )
    expect(await world.run()).toMatchObject({ written: 1, rejectedByReason: { TIE_BREAKER_INVALID: 1 } })
  })

  test('are rejected one by one, with the reason and the row, and the others are written', async () => {
    const world = await worldOf([airport, logged])
    await world.putRows(`
      select * from (values
        ('SEA', timestamp '2001-01-08', timestamp '2001-01-08', 1, 1::double, false),
        (null, timestamp '2001-01-08', timestamp '2001-01-08', 1, 1, false),
        ('A', null, timestamp '2001-01-08', 1, 1, false),
        ('B', timestamp '2001-01-08', null, 1, 1, false),
        ('C', timestamp '2001-01-08', timestamp '2001-01-08', 1, 1.5, false),
        (repeat('x', 1024), timestamp '2001-01-08', timestamp '2001-01-08', 1, 1, false)
      ) as t(iata, happened, stored, rev, n, gone)`)
    const summary = await world.run()
    expect(summary).toMatchObject({
      read: 6,
      written: 1,
      rejected: 5,
      rejectedByReason: { KEY_INVALID: 2, EVENT_TIME_INVALID: 1, INGEST_TIME_INVALID: 1, VALUE_INVALID: 1 },
    })
    const lines = (await readFile(summary.reportFile!, 'utf8'))
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(lines).toHaveLength(5)
    expect(lines.find(({ reason }) => reason === 'VALUE_INVALID')).toMatchObject({
      column: 'n',
      detail: '1.5 is no int32',
      row: { iata: '"C"', n: '1.5' },
    })
  })

  test('no report is made where none is needed', async () => {
    const world = await worldOf([airport, daily])
    await world.putRows(rows(['SEA', '2001-01-01', 1]))
    expect((await world.run()).reportFile).toBeUndefined()
    await expect(readdir(join(world.folder, 'reports'))).rejects.toThrow(/ENOENT/)
  })
})

test('every dtype comes from the columns of its kind, without a cast', async () => {
  const all = batchView('all', {
    entity: airport,
    source: staticTable({ file: 'rows.parquet' }),
    features: {
      b: bool(),
      i: int32(),
      l: int64(),
      f: float32(),
      d: float64(),
      e: float64({ nonFinite: 'string' }),
      s: string(),
      u: uuid(),
      t: timestamp(),
      y: bytes(),
      j: json(),
      k: json(),
      c: enumOf('Season', ['WINTER', 'SUMMER']),
      v: vector(2),
      x: list(int64()),
    },
  })
  const world = await worldOf([airport, all])
  await world.putRows(`select 'SEA' as iata, true as b, 7::bigint as i, 9007199254740993::bigint as l, 0.1::double as f, 3::decimal(4,1) as d,
    'nan'::double as e, 'Zürich' as s, uuid 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11' as u, date '2001-01-01' as t, 'ab'::blob as y,
    '{"b": 1.0}' as j, {'a': [1, 2]} as k, 'WINTER' as c, [1, 0.5]::float[2] as v, [1, null]::integer[] as x`)
  expect(await world.run()).toMatchObject({ written: 1, rejected: 0 })
  expect((await world.stored()).SEA).toEqual([
    'true',
    '7',
    '"9007199254740993"',
    '0.10000000149011612',
    '3',
    '"NaN"',
    '"Zürich"',
    '"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"',
    '"2001-01-01T00:00:00Z"',
    '"YWI="',
    '{"b":1}',
    '{"a":[1,2]}',
    '"WINTER"',
    '"AACAPwAAAD8="',
    '["1",null]',
  ])
})

test.each([
  ['b', "'true'", /"true" is no bool/],
  ['i', '3000000000', /3000000000.* is no int32/],
  ['l', '1.5::double', /1.5 is no int64/],
  ['d', '9007199254740993', /^9007199254740993 is not exact in float64$/],
  ['t', "'2001-01-01'", /is no timestamp/],
  ['t', "timestamp_ns '2001-01-01 00:00:00.000000001'", /finer than a microsecond/],
  ['j', "'{'", /is no JSON text/],
  ['c', "'SPRING'", /"SPRING" is no enum Season/],
  ['v', '[1.0]', /a vector of 1 is no vector\(2\)/],
])('a %s of %s is rejected', async (feature, sql, reason) => {
  const features = {
    b: bool(),
    i: int32(),
    l: int64(),
    d: float64(),
    t: timestamp(),
    j: json(),
    c: enumOf('Season', ['WINTER']),
    v: vector(2),
  }
  const view = batchView('one', {
    entity: airport,
    source: staticTable({ file: 'rows.parquet' }),
    features: { value: features[feature as keyof typeof features] },
  })
  const world = await worldOf([airport, view])
  await world.putRows(`select 'SEA' as iata, ${sql} as value`)
  const { reportFile, rejectedByReason } = await world.run()
  expect(rejectedByReason).toEqual({ VALUE_INVALID: 1 })
  expect(JSON.parse(await readFile(reportFile!, 'utf8')).detail).toMatch(reason)
})

describe('a run', () => {
  test('refuses a view that is not applied', async () => {
    const world = await worldOf([airport, daily], { apply: false })
    await world.putRows(rows(['SEA', '2001-01-01', 1]))
    await expect(world.run()).rejects.toMatchObject({ code: 'NOT_APPLIED' })
  })

  test('names the columns that the source lacks', async () => {
    const world = await worldOf([airport, daily])
    await world.putRows("select 'SEA' as iata, timestamp '2001-01-01' as happened")
    await expect(world.run()).rejects.toThrow(/source of view daily@1: It has no column 'n'; it has iata, happened/)
  })

  test('is alone at its view', async () => {
    const world = await worldOf([airport, daily])
    await world.putRows(rows(['SEA', '2001-01-01', 1]))
    const lease = await acquireLease(createRecords(world.online), 'materialize daily@1')
    await expect(world.run()).rejects.toMatchObject({ code: 'LEASE_HELD' })
    await lease.release()
    await world.run()
  })

  test('that was stopped goes on where it was', async () => {
    const world = await worldOf([airport, daily])
    await world.putRows(
      "select 'K' || i as iata, timestamp '2001-01-01' + interval (i) second as happened, i as n from range(1000) t(i)",
    )
    const stop = new AbortController()
    const stopped = world.run({
      maxBatchRows: 100,
      signal: stop.signal,
      onProgress: ({ read }) => read >= 500 && stop.abort(),
    })
    await expect(stopped).rejects.toThrow(/aborted/)
    const rest = await world.run({ maxBatchRows: 100 })
    expect(rest).toMatchObject({ resumed: true, read: 501, unchanged: 1, written: 500 })
    expect(Object.keys(await world.stored())).toHaveLength(1000)
    expect(await world.run()).toMatchObject({ resumed: false, read: 1000 })
  })
})
