import { afterEach, expect, test } from 'vitest'
import { batchView } from '../../../src/definitions/batch-view.ts'
import { entity } from '../../../src/definitions/entity.ts'
import { int32, string } from '../../../src/definitions/feature.ts'
import { staticTable } from '../../../src/definitions/sources.ts'
import { recordDeployment } from '../../../src/stores/online/deployment.ts'
import { acquireLease } from '../../../src/stores/online/leases.ts'
import type { OnlineStore } from '../../../src/stores/online/online-store.ts'
import { createRecords } from '../../../src/stores/online/records.ts'
import { type MaterializeWorld, materializeWorld } from '../../support/materialize-world.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const airport = entity('Airport', { keys: { iata: string() } })
const profile = batchView('profile', {
  entity: airport,
  source: staticTable({ file: 'rows.parquet' }),
  features: { n: int32() },
})
const LEASE = 'materialize profile@1'

const worlds: MaterializeWorld[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

async function staticWorld(): Promise<MaterializeWorld> {
  const world = await materializeWorld(await temporaryFolder(), [airport, profile])
  worlds.push(world)
  await world.putRows("select 'K' || i as iata, 1 as n from range(100) t(i)")
  return world
}

test('a run takes over from one that died, once its lease has run out', async () => {
  const world = await staticWorld()
  const records = createRecords(world.online)
  await acquireLease(records, LEASE)
  await expect(world.run()).rejects.toMatchObject({ code: 'LEASE_HELD' })
  await records.update<{ readonly holder: string }>('lease', LEASE, (current) => ({ ...current!, expiresMicros: 0 }))
  expect(await world.run()).toMatchObject({ written: 100 })
})

test('a run gives its lease back, also when it fails', async () => {
  const world = await staticWorld()
  await world.run()
  await world.putRows("select 'K' as iata")
  await expect(world.run()).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
  await acquireLease(createRecords(world.online), LEASE)
})

test('a run whose lease another has taken removes nothing', async () => {
  const world = await staticWorld()
  await world.run()
  await world.putRows("select 'K0' as iata, 2 as n")
  const records = createRecords(world.online)
  // The run has read its rows and not yet ended: just then its lease is another's.
  let stolen: Promise<unknown> | undefined
  const steal = async () => {
    await records.update('lease', LEASE, () => undefined)
    await acquireLease(records, LEASE)
  }
  const run = world.run({
    onProgress: () => {
      stolen ??= steal()
    },
    offline: { ...world.offline, scan: (request) => slowly(world.offline.scan(request), () => stolen) },
  })
  await expect(run).rejects.toMatchObject({ code: 'LEASE_HELD' })
  expect(Object.keys(await world.stored())).toHaveLength(100)
})

test('a view that is dropped while its lease is taken is not written', async () => {
  const world = await staticWorld()
  const records = createRecords(world.online)
  const updateMany: OnlineStore['updateMany'] = async (request) => {
    await recordDeployment(records, { snapshot: undefined, views: [], dropped: [world.view.id] })
    await world.online.updateMany(request)
  }
  await expect(world.run({ online: { ...world.online, updateMany } })).rejects.toMatchObject({ code: 'NOT_APPLIED' })
  expect(await world.stored()).toEqual({})
  await acquireLease(records, LEASE)
})

/** The same batches; the end waits for something that began in between. */
async function* slowly<T>(batches: AsyncIterable<T>, until: () => Promise<unknown> | undefined): AsyncIterable<T> {
  yield* batches
  await until()
}
