import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, test, vi } from 'vitest'
import { type DuckdbOptions, duckdb } from '../../../../src/stores/offline/duckdb.ts'
import type { OfflineStore, OfflineValue } from '../../../../src/stores/offline/offline-store.ts'
import { writeParquet } from '../../../support/materialize-world.ts'
import { temporaryFolder } from '../../../support/temporary-folder.ts'

const stores: OfflineStore[] = []
afterEach(async () => {
  vi.unstubAllEnvs()
  for (const store of stores.splice(0)) await store.close()
})

async function openIn(folder: string, options: DuckdbOptions = {}): Promise<OfflineStore> {
  const store = await duckdb(options).open({ ...options }, folder)
  stores.push(store)
  return store
}

async function rowsOf(
  store: OfflineStore,
  sql: string,
  columns: readonly string[],
): Promise<readonly OfflineValue[][]> {
  const rows: OfflineValue[][] = []
  const request = { from: { sql }, columns, orderBy: [], bounds: [], maxBatchRows: 100 }
  for await (const batch of store.scan(request)) rows.push(...batch.map((row) => [...row]))
  return rows
}

test('a table that cannot be read is named by those that name it, and holds up no other', async () => {
  const folder = await temporaryFolder()
  const store = await openIn(folder, { tables: { gone: { file: 'gone.parquet' }, here: { sql: 'select 1 as n' } } })
  expect(await rowsOf(store, 'select n from here', ['n'])).toEqual([[1]])
  await expect(rowsOf(store, 'select n from gone', ['n'])).rejects.toThrow(/table 'gone': DuckDB says: .*gone\.parquet/)
  await expect(rowsOf(store, 'select gone from here', ['n'])).rejects.toThrow(
    /query 'select gone from here': DuckDB says:/,
  )
})

test('a table is there as soon as its file is, with the columns that the file has', async () => {
  const folder = await temporaryFolder()
  const store = await openIn(folder, { tables: { late: { file: 'late.parquet' } } })
  await expect(rowsOf(store, 'select n from late', ['n'])).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
  await writeParquet(join(folder, 'late.parquet'), 'select 1 as n')
  expect(await rowsOf(store, 'select n from late', ['n'])).toEqual([[1]])
  await writeParquet(join(folder, 'late.parquet'), "select 2 as n, 'x' as more")
  expect(await rowsOf(store, 'select n, more from late', ['n', 'more'])).toEqual([[2, 'x']])
  expect((await store.describe({ table: 'late' })).map(({ name }) => name)).toEqual(['n', 'more'])
})

test('tables may be queries over one another in any order, but are one query each', async () => {
  const folder = await temporaryFolder()
  const store = await openIn(folder, {
    tables: {
      twice: { sql: 'select n * 2 as n from once;' },
      once: { sql: 'select 21 as n -- the answer, halved' },
      itself: { sql: 'select * from itself' },
      two: { sql: 'select 1 as n; select 2 as n' },
    },
  })
  expect(await rowsOf(store, 'select n from twice', ['n'])).toEqual([[42]])
  await expect(store.describe({ table: 'itself' })).rejects.toThrow(/table 'itself': DuckDB says:/)
  await expect(store.describe({ table: 'two' })).rejects.toThrow(/table 'two': It is 2 statements/)
})

test('SQL that would write a file is refused, and writes none', async () => {
  const folder = await temporaryFolder()
  const store = await openIn(folder)
  const file = join(folder, 'written.csv')
  for (const sql of [
    `copy (select 1) to '${file}'`,
    `select 1 as n; copy (select 1) to '${file}'`,
    `select 1 as n) as t; copy (select 1) to '${file}'; select n from (select 1 as n`,
  ]) {
    await expect(rowsOf(store, sql, ['n'])).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
    await expect(store.describe({ sql })).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
  }
  expect(await readdir(folder)).toEqual([])
})

test('zones are of UTC whatever the machine is set to, and extensions are not downloaded', async () => {
  const store = await openIn(await temporaryFolder())
  const settings = "select current_setting('TimeZone') as z, current_setting('autoinstall_known_extensions') as i"
  expect(await rowsOf(store, settings, ['z', 'i'])).toEqual([['UTC', false]])
})

test('files are found below a folder with quotes, brackets and stars in its name', async () => {
  const folder = join(await temporaryFolder(), "qu'o[1] *")
  await mkdir(folder)
  await writeFile(join(folder, 'a1.csv'), 'k,n\nx,1\n')
  await writeFile(join(folder, 'a2.csv'), 'k,n\ny,2\n')
  const store = await openIn(folder, { tables: { pairs: { file: 'a*.csv' } } })
  expect(await rowsOf(store, 'select n from pairs order by n', ['n'])).toEqual([[1n], [2n]])
  expect(await rowsOf(store, "select n from 'a1.csv'", ['n'])).toEqual([[1n]])
  expect(await store.describe({ file: 'a1.csv' })).toHaveLength(2)
})

test("its folder for spilling is removed on close, and where it cannot open; the user's own stays", async () => {
  const temporary = await temporaryFolder()
  const folder = await temporaryFolder()
  vi.stubEnv('TMPDIR', temporary)
  const store = await openIn(folder)
  expect(await readdir(temporary)).toHaveLength(1)
  await store.close()
  expect(await readdir(temporary)).toEqual([])
  const broken = openIn(folder, { attach: { gone: 'gone.duckdb' } })
  await expect(broken).rejects.toThrow(/attached database 'gone': DuckDB says:/)
  expect(await readdir(temporary)).toEqual([])
  await mkdir(join(folder, 'spill'))
  const own = await openIn(folder, { temporaryDirectory: 'spill' })
  await own.close()
  expect(await readdir(folder)).toEqual(['spill'])
})

test('a sort that is larger than its memory spills to the disk', async () => {
  const folder = await temporaryFolder()
  const store = await openIn(folder, { memoryLimit: '60MB', threads: 1 })
  const sql = "select i, repeat('x', 100) || i as s from range(600000) t(i)"
  let next = 0n
  const request = { from: { sql }, columns: ['i', 's'], orderBy: ['i'], bounds: [], maxBatchRows: 10_000 }
  for await (const batch of store.scan(request)) {
    expect(batch.every(([i]) => i === next++)).toBe(true)
  }
  expect(next).toBe(600_000n)
})

test.each<DuckdbOptions>([{ memoryLimit: 'lots' }, { threads: 0 }])(
  '%j is a mistake in the config',
  async (options) => {
    const opening = openIn(await temporaryFolder(), options)
    await expect(opening).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    await expect(opening).rejects.toThrow(/^offline: duckdb\(\{"memoryLimit":.*DuckDB says: /)
  },
)

test('a query that its memory does not hold says which setting to raise', async () => {
  const store = await openIn(await temporaryFolder(), { memoryLimit: '20MB', threads: 1 })
  const read = rowsOf(store, 'select len(list(i)) as n from range(20000000) t(i)', ['n'])
  await expect(read).rejects.toThrow(/Out of Memory[\s\S]*Raise the 'memoryLimit' of duckdb\(\)/)
})

test.each([
  { tables: { rows: {} } },
  { tables: { rows: { file: 1 } } },
  { tables: { rows: null } },
  { tables: { rows: { file: 'a.csv', sql: 'select 1' } } },
  { attach: { rows: 1 } },
])('%j is a mistake in the config that names its place', async (options) => {
  const opening = openIn(await temporaryFolder(), options as unknown as DuckdbOptions)
  await expect(opening).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  await expect(opening).rejects.toThrow(/^offline: duckdb\(\{ (tables|attach): \{ "rows": /)
})
