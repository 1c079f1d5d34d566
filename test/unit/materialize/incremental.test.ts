import { afterEach, describe, expect, test } from 'vitest'
import { batchView } from '../../../src/definitions/batch-view.ts'
import type { Definition } from '../../../src/definitions/definition.ts'
import { entity } from '../../../src/definitions/entity.ts'
import { int32, string } from '../../../src/definitions/feature.ts'
import { tableSource } from '../../../src/definitions/sources.ts'
import type { MaterializeRange } from '../../../src/materialize/scan-plan.ts'
import type { OnlineStore } from '../../../src/stores/online/online-store.ts'
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

test('a feature that is added is filled, though more were removed from the rows that are stored', async () => {
  const folder = await temporaryFolder()
  const before = await worldIn(folder, wider)
  await before.putRows(rows(['A', '2001-01-05', '2001-01-05']))
  await before.run(incremental)
  const features = { more: int32({ column: 'm' }) }
  const after = await worldIn(folder, batchView('daily', { entity: airport, source: byEvent, features }))
  expect(await after.run(incremental)).toMatchObject({ read: 1, written: 1 })
  expect(await after.stored()).toEqual({ A: ['2'] })
  expect(await after.run()).toMatchObject({ unchanged: 1 })
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

describe('a run that goes on where an earlier one was stopped', () => {
  const ahead = rows(['AHEAD', '2001-01-10 06:00:00', '2001-01-01'])
  const others = rows(
    ['A', '2001-01-02', '2001-01-02'],
    ['B', '2001-01-03', '2001-01-03'],
    ['C', '2001-01-04', '2150-01-01'],
  )
  const noon = { now: '2001-01-10T12:00:00Z' }

  /** Stops a run in its batch of one row that comes after so many. */
  async function stopAfter(world: MaterializeWorld, read: number, range: MaterializeRange): Promise<void> {
    const stop = new AbortController()
    const onProgress = (at: { readonly read: number }) => at.read >= read && stop.abort()
    await expect(world.run({ range, maxBatchRows: 1, signal: stop.signal, onProgress })).rejects.toThrow(/aborted/)
  }

  test.each([{ kind: 'full' }, { kind: 'incremental' }] as const)(
    'also brings the rows that were dated after the now of then: $kind',
    async (range) => {
      const world = await worldIn(await temporaryFolder(), view(byIngest))
      await world.putRows(`${ahead} union all ${others}`)
      await stopAfter(world, 2, range)
      expect(await world.run({ range, ...noon })).toMatchObject({ resumed: true })
      expect(Object.keys(await world.stored())).toEqual(['A', 'AHEAD', 'B', 'C'])
    },
  )

  test('does not pass over what came since, though a row with an ingest time far ahead was read', async () => {
    const world = await worldIn(await temporaryFolder(), view(byIngest))
    await world.putRows(`${others} union all ${rows(['D', '2001-01-04', '2150-01-02'])}`)
    await stopAfter(world, 3, { kind: 'full' })
    await world.putRows(`${others} union all ${rows(['E', '2001-01-05', '2001-01-10 06:00:00'])}`)
    expect(await world.run(noon)).toMatchObject({ resumed: true })
    expect(Object.keys(await world.stored())).toEqual(['A', 'B', 'C', 'E'])
  })

  test('is taken up again, though the first was incremental and so was the one before', async () => {
    const world = await worldIn(await temporaryFolder(), view(byIngest))
    await world.putRows(rows(['A', '2001-01-02', '2001-01-02']))
    await world.run(incremental)
    await world.putRows(
      `${ahead} union all ${others} union all ${rows(['D', '2001-01-04', '2001-01-04'], ['E', '2001-01-05', '2001-01-05'])}`,
    )
    await stopAfter(world, 3, { kind: 'incremental' })
    expect(await world.run({ ...incremental, ...noon })).toMatchObject({ resumed: true, read: 4 })
    expect(Object.keys(await world.stored())).toEqual(['A', 'AHEAD', 'B', 'C', 'D', 'E'])
  })

  test('killed between its last two records, it hides no row from the next', async () => {
    const world = await worldIn(await temporaryFolder(), view(byIngest))
    await world.putRows(`${ahead} union all ${others}`)
    // After the checkpoint of the last batch come the two records that end the run.
    let ending = 0
    const updateMany: OnlineStore['updateMany'] = async (request) => {
      if (ending > 0 && /^(watermark|checkpoint)@/.test(request.view) && ending++ === 2) throw new Error('killed')
      await world.online.updateMany(request)
    }
    const onProgress = () => {
      ending = 1
    }
    await expect(world.run({ ...incremental, online: { ...world.online, updateMany }, onProgress })).rejects.toThrow()
    await world.run({ ...incremental, ...noon })
    expect(Object.keys(await world.stored())).toEqual(['A', 'AHEAD', 'B', 'C'])
  })

  test('begins anew where the clock went back, for other rows are in reach', async () => {
    const world = await worldIn(await temporaryFolder(), view(byEvent, '5d'))
    await world.putRows(
      rows(
        ['OLD', '2000-12-31 12:00:00', '2001-01-01'],
        ['A', '2001-01-01', '2001-01-01'],
        ['B', '2001-01-02', '2001-01-02'],
      ),
    )
    await stopAfter(world, 1, { kind: 'full' })
    expect(await world.run({ now: '2001-01-09T12:00:00Z' })).toMatchObject({ resumed: false })
    expect(Object.keys(await world.stored())).toEqual(['A', 'B', 'OLD'])
  })
})
