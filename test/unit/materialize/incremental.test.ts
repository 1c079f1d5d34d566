import { afterEach, expect, test } from 'vitest'
import { batchView } from '../../../src/definitions/batch-view.ts'
import type { Definition } from '../../../src/definitions/definition.ts'
import { entity } from '../../../src/definitions/entity.ts'
import { int32, string } from '../../../src/definitions/feature.ts'
import { tableSource } from '../../../src/definitions/sources.ts'
import { type MaterializeWorld, materializeWorld } from '../../support/materialize-world.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const airport = entity('Airport', { keys: { iata: string() } })
const file = 'rows.parquet'
const byEvent = tableSource({ file, eventTime: 'happened' })
const byIngest = tableSource({ file, eventTime: 'happened', ingestTime: 'stored' })
const view = (source: typeof byEvent, ttl?: '5d' | '20d') =>
  batchView('daily', { entity: airport, source, ...(ttl === undefined ? {} : { ttl }), features: { n: int32() } })
const wider = batchView('daily', { entity: airport, source: byEvent, features: { n: int32(), m: int32() } })

const worlds: MaterializeWorld[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

async function worldIn(folder: string, daily: Definition): Promise<MaterializeWorld> {
  for (const world of worlds.splice(0)) await world.close()
  const world = await materializeWorld(folder, [airport, daily])
  worlds.push(world)
  return world
}

/** Rows: key, event time, ingest time. */
const rows = (...values: readonly (readonly [string, string, string])[]) =>
  `select * from (values ${values
    .map(([key, at, stored]) => `('${key}', timestamp '${at}', timestamp '${stored}', 1::bigint, 2::bigint)`)
    .join(', ')}) as t(iata, happened, stored, n, m)`
const incremental = { range: { kind: 'incremental' } } as const

test('rows that share the last instant of the run before are not missed', async () => {
  const world = await worldIn(await temporaryFolder(), view(byEvent))
  await world.putRows(rows(['A', '2001-01-05', '2001-01-05']))
  await world.run(incremental)
  await world.putRows(rows(['A', '2001-01-05', '2001-01-05'], ['B', '2001-01-05', '2001-01-05']))
  expect(await world.run(incremental)).toMatchObject({ read: 2, unchanged: 1, written: 1 })
})

test('a row with an ingest time far ahead does not hide those that come before that time', async () => {
  const world = await worldIn(await temporaryFolder(), view(byIngest))
  const first = rows(['A', '2001-01-05', '2150-01-01'])
  await world.putRows(first)
  await world.run(incremental)
  await world.putRows(`${first} union all ${rows(['B', '2001-01-06', '2001-01-10 06:00:00'])}`)
  await world.run({ ...incremental, now: '2001-01-11T00:00:00Z' })
  expect(Object.keys(await world.stored())).toEqual(['A', 'B'])
})

test('a full run moves the watermark; a range does not', async () => {
  const world = await worldIn(await temporaryFolder(), view(byEvent))
  await world.putRows(rows(['A', '2001-01-01', '2001-01-01'], ['B', '2001-01-05', '2001-01-05']))
  await world.run({ range: { kind: 'range', fromMicros: undefined, toMicros: 978_500_000_000_000 } })
  expect(await world.run(incremental)).toMatchObject({ read: 2, fromMicros: undefined })
  await world.run()
  expect(await world.run(incremental)).toMatchObject({ read: 1 })
})

test('after a feature is added all rows are read again, for those stored lack it', async () => {
  const folder = await temporaryFolder()
  const world = await worldIn(folder, view(byEvent))
  await world.putRows(rows(['A', '2001-01-01', '2001-01-01'], ['B', '2001-01-05', '2001-01-05']))
  await world.run(incremental)
  const next = await worldIn(folder, wider)
  expect(await next.run(incremental)).toMatchObject({ read: 2, written: 2 })
  expect(await next.stored()).toEqual({ A: ['1', '2'], B: ['1', '2'] })
  expect(await next.run(incremental)).toMatchObject({ read: 1 })
})

test('after the ttl is raised the rows that were too old are read; after it is lowered none is read again', async () => {
  const folder = await temporaryFolder()
  const world = await worldIn(folder, view(byEvent, '5d'))
  await world.putRows(rows(['OLD', '2000-12-20', '2000-12-20'], ['B', '2001-01-05', '2001-01-05']))
  expect(await world.run(incremental)).toMatchObject({ read: 1 })
  const longer = await worldIn(folder, view(byEvent, '20d'))
  expect(await longer.run(incremental)).toMatchObject({ read: 2, written: 1 })
  const shorter = await worldIn(folder, view(byEvent, '5d'))
  expect(await shorter.run(incremental)).toMatchObject({ read: 1, unchanged: 1 })
})

test('a table without a row of its own time leaves no watermark', async () => {
  const world = await worldIn(await temporaryFolder(), view(byEvent))
  await world.putRows(rows(['AHEAD', '2001-01-20', '2001-01-20']))
  expect(await world.run(incremental)).toMatchObject({ read: 0, written: 0 })
  expect(await world.run({ ...incremental, now: '2001-01-21T00:00:00Z' })).toMatchObject({ read: 1, written: 1 })
})
