import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { batchView } from '../../../src/definitions/batch-view.ts'
import { entity } from '../../../src/definitions/entity.ts'
import { int32, string } from '../../../src/definitions/feature.ts'
import { tableSource } from '../../../src/definitions/sources.ts'
import { fixedClock } from '../../../src/lib/clock.ts'
import { forgetView } from '../../../src/materialize/forget-view.ts'
import { materializeDue } from '../../../src/materialize/materialize-due.ts'
import { createRecords } from '../../../src/stores/online/records.ts'
import { type MaterializeWorld, materializeWorld, NOW } from '../../support/materialize-world.ts'

const thing = entity('Thing', { keys: { id: string() } })
const daily = batchView('daily', {
  entity: thing,
  source: tableSource({ file: 'rows.parquet', eventTime: 'day' }),
  schedule: { every: '1d' },
  features: { n: int32() },
})

let folder: string
let world: MaterializeWorld

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldstone-forget-'))
  world = await materializeWorld(folder, [thing, daily])
  await world.putRows(
    "select 'a' as id, timestamp '2001-01-01' as day, 1 as n union all select 'b', timestamp '2001-01-09', 2",
  )
})

afterEach(async () => {
  await world.close()
  await rm(folder, { recursive: true, force: true })
})

test('after its rows are deleted, an incremental and a due run of a forgotten view bring all of them again', async () => {
  const { view, online, offline } = world
  const due = { view, online, offline, clock: fixedClock(NOW), reportDirectory: join(folder, 'reports') }
  const all = { a: ['1'], b: ['2'] }
  expect(await materializeDue(due)).toMatchObject({ read: 2 })
  expect(await materializeDue(due)).toBeUndefined()

  await online.delete({ entity: 'Thing', view: view.id })
  await forgetView(createRecords(online), view.id)
  expect(await materializeDue(due)).toMatchObject({ read: 2 })
  expect(await world.stored()).toEqual(all)

  await online.delete({ entity: 'Thing', view: view.id })
  await forgetView(createRecords(online), view.id)
  await world.run({ range: { kind: 'incremental' } })
  expect(await world.stored()).toEqual(all)
})
