import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { expect, test } from 'vitest'
import { type DuckdbOptions, duckdb } from '../../src/stores/offline/duckdb.ts'
import type { OfflineStore, OfflineValue } from '../../src/stores/offline/offline-store.ts'
import { writeParquet } from '../support/materialize-world.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { offlineStoreContract } from './offline-store.ts'

const NUMBERS = "select i, timestamp '2001-01-01' + interval (i) second as t, 'n' || i as s from range(10000) r(i)"

function openDuckdb(options: DuckdbOptions, folder: string): Promise<OfflineStore> {
  return duckdb(options).open({ ...options }, folder)
}

offlineStoreContract('duckdb', async () => {
  const folder = await temporaryFolder()
  await writeParquet(join(folder, 'numbers.parquet'), NUMBERS)
  const store = await openDuckdb({ tables: { numbers: { file: 'numbers.parquet' } } }, folder)
  return {
    store,
    everyValueSql: `select null as a, true as b, 7::integer as c, 9007199254740993 as d, 0.5::double as e, 'Zürich' as f, '\\x00\\xFF'::blob as g,
      timestamp '2001-01-01 00:00:00.000001' as h, date '2001-01-01' as i, ['a', null] as j, {x: 1, y: 'z'} as k`,
    close: () => store.close(),
  }
})

async function all(
  store: OfflineStore,
  sql: string,
  columns: readonly string[],
): Promise<readonly (readonly OfflineValue[])[]> {
  const rows: (readonly OfflineValue[])[] = []
  for await (const batch of store.scan({ from: { sql }, columns, orderBy: [], bounds: [], maxBatchRows: 100 }))
    rows.push(...batch)
  return rows
}

test('reads CSV and JSON, globs, and files that SQL names, relative to the folder', async () => {
  const folder = await temporaryFolder()
  await writeFile(join(folder, 'a1.csv'), 'k,n\nx,1\n')
  await writeFile(join(folder, 'a2.csv'), 'k,n\ny,2\n')
  await writeFile(join(folder, 'b.jsonl'), '{"k":"z","n":3}\n')
  const store = await openDuckdb(
    { tables: { pairs: { file: 'a*.csv' }, doubled: { sql: 'select k, n * 2 as n from pairs' } } },
    folder,
  )
  expect(await all(store, 'select n from doubled order by n', ['n'])).toEqual([[2n], [4n]])
  expect(await all(store, "select n from 'b.jsonl'", ['n'])).toEqual([[3n]])
  expect((await store.describe({ file: 'b.jsonl' })).map(({ name }) => name)).toEqual(['k', 'n'])
  await store.close()
})

test("attaches a user's database without writing to it", async () => {
  const folder = await temporaryFolder()
  const instance = await DuckDBInstance.create(join(folder, 'own.duckdb'))
  const connection = await instance.connect()
  await connection.run('create table daily as select 1 as n')
  connection.closeSync()
  instance.closeSync()
  const store = await openDuckdb({ attach: { warehouse: 'own.duckdb' } }, folder)
  expect((await store.describe({ table: 'warehouse.daily' })).map(({ name }) => name)).toEqual(['n'])
  await expect(all(store, 'select * from warehouse.other', ['n'])).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
  await store.close()
})

test('batches of long values are smaller than asked', async () => {
  const store = await openDuckdb({}, await temporaryFolder())
  const from = { sql: "select repeat('x', 1000000) as long from range(100)" }
  const sizes: number[] = []
  for await (const batch of store.scan({ from, columns: ['long'], orderBy: [], bounds: [], maxBatchRows: 10_000 }))
    sizes.push(batch.length)
  expect(sizes).toEqual([34, 34, 32])
  await store.close()
})
