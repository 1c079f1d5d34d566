import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { batchView } from '../../../src/definitions/batch-view.ts'
import type { Definition } from '../../../src/definitions/definition.ts'
import { entity } from '../../../src/definitions/entity.ts'
import { int32, int64, string, uuid } from '../../../src/definitions/feature.ts'
import { staticTable, tableSource } from '../../../src/definitions/sources.ts'
import { type MaterializeWorld, materializeWorld } from '../../support/materialize-world.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const worlds: MaterializeWorld[] = []
afterEach(async () => {
  for (const world of worlds.splice(0)) await world.close()
})

async function worldOf(...definitions: readonly Definition[]): Promise<MaterializeWorld> {
  const world = await materializeWorld(await temporaryFolder(), definitions)
  worlds.push(world)
  return world
}

async function reported(file: string | undefined): Promise<readonly Record<string, unknown>[]> {
  const text = await readFile(file!, 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
}

const file = 'rows.parquet'
const account = entity('Account', { keys: { number: int64(), token: uuid() } })
const balance = batchView('balance', { entity: account, source: staticTable({ file }), features: { n: int32() } })

test('a composite key is of its own types: text is no number, and uuids are made canonical', async () => {
  const world = await worldOf(account, balance)
  await world.putRows(`select 7::bigint as number, 'A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11' as token, 1 as n`)
  expect(await world.run()).toMatchObject({ written: 1, rejected: 0 })
  expect(await world.stored()).toEqual({ '7/a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11': ['1'] })
  for (const keys of [
    "'7' as number, uuid() as token",
    '7.5 as number, uuid() as token',
    "7 as number, 'x' as token",
    '7 as number, null as token',
  ]) {
    await world.putRows(`select ${keys}, 1 as n`)
    expect(await world.run()).toMatchObject({ rejectedByReason: { KEY_INVALID: 1 } })
  }
})

const card = entity('Card', { keys: { id: string() } })
const logged = batchView('logged', {
  entity: card,
  source: tableSource({ file, eventTime: 'happened', tieBreaker: 'rev', deletedColumn: 'gone' }),
  features: { n: int32({ nullable: false }) },
})
const AT = "timestamp '2001-01-08'"

test('each reason is told of the row and column that it is about', async () => {
  const world = await worldOf(card, logged)
  await world.putRows(`select * from (values
    ('INFINITE', 'infinity'::timestamp_ns, timestamp_ns '2001-01-01', 1, false),
    ('FINE', timestamp_ns '2001-01-08 00:00:00.000000001', timestamp_ns '2001-01-01', 1, false),
    ('REV', timestamp_ns '2001-01-08', timestamp_ns '2001-01-01 00:00:00.000000001', 1, false),
    ('NULL', timestamp_ns '2001-01-08', null, null, false),
    ('WIDE', timestamp_ns '2001-01-08', null, 3000000000, null),
    ('GONE', timestamp_ns '2001-01-08', null, null, true)
  ) as t(id, happened, rev, n, gone) order by id`)
  const summary = await world.run()
  const lines = await reported(summary.reportFile)
  expect(Object.fromEntries(lines.map(({ reason, column, detail }) => [reason, `${column}: ${detail}`]))).toEqual({
    EVENT_TIME_INVALID: 'happened: a timestamp finer than a microsecond',
    NULL_NOT_ALLOWED: 'n: null where nullable is false',
    TIE_BREAKER_INVALID: 'rev: a timestamp finer than a microsecond',
    VALUE_INVALID: 'n: 3000000000n is no int32',
  })
  expect(lines.find(({ reason }) => reason === 'EVENT_TIME_INVALID')!.row).toEqual({
    id: '"FINE"',
    happened: '2001-01-08T00:00:00Z and a fraction of a microsecond',
    rev: '2001-01-01T00:00:00Z',
    n: '1n',
    gone: 'false',
  })
  expect(await world.stored()).toEqual({ GONE: 'deleted' })
})

test('text is no boolean and no instant', async () => {
  const world = await worldOf(card, logged)
  await world.putRows(`select 'A' as id, ${AT} as happened, 1 as rev, 1 as n, 'true' as gone`)
  expect(await world.run()).toMatchObject({ rejectedByReason: { DELETED_COLUMN_INVALID: 1 } })
  await world.putRows("select 'A' as id, '2001-01-08' as happened, 1 as rev, 1 as n, false as gone")
  await expect(world.run()).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
})

test('decimals break ties by their value', async () => {
  const world = await worldOf(card, logged)
  await world.putRows(
    `select * from (values ('A', ${AT}, 9.50, 1, false), ('A', ${AT}, 10.50, 2, false)) as t(id, happened, rev, n, gone)`,
  )
  await world.run()
  expect(await world.stored()).toEqual({ A: ['2'] })
})

test('a report is of one run: the next one of the same now begins it anew', async () => {
  const world = await worldOf(card, logged)
  await world.putRows(
    `select 'K' || i as id, ${AT} as happened, 1 as rev, null::int as n, false as gone from range(3) t(i)`,
  )
  const first = await world.run()
  expect(await reported(first.reportFile)).toHaveLength(3)
  await world.putRows(`select 'L' as id, ${AT} as happened, 1 as rev, null::int as n, false as gone`)
  const second = await world.run()
  expect(second.reportFile).toBe(first.reportFile)
  expect((await reported(second.reportFile)).map(({ row }) => (row as { readonly id: string }).id)).toEqual(['"L"'])
  const later = await world.run({ now: '2001-01-11T00:00:00Z' })
  expect(await readdir(join(world.folder, 'reports'))).toHaveLength(2)
  expect(later.reportFile).not.toBe(first.reportFile)
})

test('a run that goes on where it was stopped goes on with its report', async () => {
  const world = await worldOf(card, logged)
  await world.putRows(`select 'K' || i as id, ${AT} + interval (i) second as happened, 1 as rev,
    case when i % 10 = 0 then null else i end as n, false as gone from range(100) t(i)`)
  const stop = new AbortController()
  const onProgress = ({ read }: { readonly read: number }) => read >= 50 && stop.abort()
  await expect(world.run({ maxBatchRows: 25, signal: stop.signal, onProgress })).rejects.toThrow(/aborted/)
  const rest = await world.run({ maxBatchRows: 25 })
  expect(rest).toMatchObject({ resumed: true, rejected: 5 })
  const ids = (await reported(rest.reportFile)).map(({ row }) => (row as { readonly id: string }).id)
  expect(ids.toSorted()).toEqual(Array.from({ length: 10 }, (_, index) => `"K${index * 10}"`).toSorted())
})

test('a row shown in a report is short, however long its values are', async () => {
  const world = await worldOf(card, logged)
  await world.putRows(`select repeat('x', 100000) as id, ${AT} as happened, 1 as rev, 1 as n, false as gone`)
  const text = await readFile((await world.run()).reportFile!, 'utf8')
  expect(text.length).toBeLessThan(1_000)
})
