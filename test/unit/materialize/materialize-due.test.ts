import { afterEach, expect, test } from 'vitest'
import { batchView } from '../../../src/definitions/batch-view.ts'
import type { Definition } from '../../../src/definitions/definition.ts'
import { entity } from '../../../src/definitions/entity.ts'
import { int32, string } from '../../../src/definitions/feature.ts'
import { tableSource } from '../../../src/definitions/sources.ts'
import { fixedClock } from '../../../src/lib/clock.ts'
import { materializeDue } from '../../../src/materialize/materialize-due.ts'
import { type MaterializeWorld, materializeWorld } from '../../support/materialize-world.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const airport = entity('Airport', { keys: { iata: string() } })
const source = tableSource({ file: 'rows.parquet', eventTime: 'happened' })
const nightly = batchView('nightly', {
  entity: airport,
  source,
  schedule: { every: '1d', offset: '2h', availableAfter: '1h' },
  features: { n: int32() },
})
const whenever = batchView('whenever', { entity: airport, source, features: { n: int32() } })

const worlds: MaterializeWorld[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

async function worldOf(view: Definition): Promise<MaterializeWorld> {
  const world = await materializeWorld(await temporaryFolder(), [airport, view])
  worlds.push(world)
  await world.putRows("select 'SEA' as iata, timestamp '2001-01-01' as happened, 1::bigint as n")
  return world
}

function runAt(world: MaterializeWorld, now: string, signal?: AbortSignal) {
  const { view, online, offline, folder } = world
  const options = { view, online, offline, clock: fixedClock(now), reportDirectory: folder }
  return materializeDue(signal === undefined ? options : { ...options, signal })
}

test('a view is run once for each instant of its schedule, when its rows are complete', async () => {
  const world = await worldOf(nightly)
  expect(await runAt(world, '2001-01-10T00:00:00Z')).toMatchObject({ written: 1 })
  expect(await runAt(world, '2001-01-10T02:59:59Z')).toBeUndefined()
  expect(await runAt(world, '2001-01-10T03:00:00Z')).toMatchObject({ read: 1, unchanged: 1 })
  expect(await runAt(world, '2001-01-10T23:00:00Z')).toBeUndefined()
  expect(await runAt(world, '2001-01-14T00:00:00Z')).toMatchObject({ read: 1 })
})

test('a clock that went back makes nothing due again', async () => {
  const world = await worldOf(nightly)
  await runAt(world, '2001-01-10T03:00:00Z')
  expect(await runAt(world, '2001-01-09T03:00:00Z')).toBeUndefined()
  expect(await runAt(world, '2001-01-10T04:00:00Z')).toBeUndefined()
})

test('a run that did not end is due again', async () => {
  const world = await worldOf(nightly)
  await expect(runAt(world, '2001-01-10T03:00:00Z', AbortSignal.abort())).rejects.toThrow()
  expect(await runAt(world, '2001-01-10T03:00:00Z')).toMatchObject({ written: 1 })
})

test('two at once run a view once, or one after the other', async () => {
  const world = await worldOf(nightly)
  const outcomes = await Promise.allSettled([
    runAt(world, '2001-01-10T03:00:00Z'),
    runAt(world, '2001-01-10T03:00:00Z'),
  ])
  const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
  expect(refused.map(({ reason }) => reason.code)).toEqual(['LEASE_HELD'])
  expect(await world.stored()).toEqual({ SEA: ['1'] })
})

test('a view without a schedule is always due', async () => {
  const world = await worldOf(whenever)
  expect(await runAt(world, '2001-01-10T00:00:00Z')).toMatchObject({ written: 1 })
  expect(await runAt(world, '2001-01-10T00:00:00Z')).toMatchObject({ read: 1 })
})
