import { access, mkdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The files of the npm package vega-datasets, wherever npm has put it. */
const data = new URL('../data/', import.meta.resolve('vega-datasets'))

const TABLES: Readonly<Record<string, string>> = {
  flights: `
    select date as departedAt, delay::integer as delayMinutes, distance::integer as distanceMiles, origin, destination
    from read_parquet(${quoted(dataFile('flights-3m.parquet'))})
    order by departedAt`,
  airports: `
    select iata, name, city, state, country, latitude, longitude
    from read_csv(${quoted(dataFile('airports.csv'))}, types = { iata: 'varchar', latitude: 'double', longitude: 'double' })
    order by iata`,
}

/** Where a table's Parquet file is; the config names it. */
export function tableFile(stateDirectory: string, table: 'flights' | 'airports'): string {
  return join(stateDirectory, 'offline', `${table}.parquet`)
}

/**
 * Builds the sample's offline tables, flights (three million of 2001) and airports, as Parquet files below the state's
 * folder; nothing is downloaded. A table that is there already stays.
 * @returns the names of the tables that were built
 */
export async function buildTables(stateDirectory: string): Promise<readonly string[]> {
  const missing = await missingTables(stateDirectory)
  if (missing.length === 0) return missing
  const { DuckDBInstance } = await import('@duckdb/node-api')
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  try {
    await mkdir(join(stateDirectory, 'offline'), { recursive: true })
    for (const table of missing) await buildTable(stateDirectory, table, (sql) => connection.run(sql))
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
  return missing
}

async function missingTables(stateDirectory: string): Promise<readonly string[]> {
  const names = Object.keys(TABLES)
  const there = await Promise.all(names.map((name) => exists(tableFile(stateDirectory, name as 'flights'))))
  return names.filter((_, index) => !there[index])
}

/** Under its own name only once it is whole, so that a killed build leaves nothing half. */
async function buildTable(
  stateDirectory: string,
  table: string,
  run: (sql: string) => Promise<unknown>,
): Promise<void> {
  const file = tableFile(stateDirectory, table as 'flights')
  const partial = `${file}.${process.pid}.partial`
  await run(`copy (${TABLES[table]}) to ${quoted(partial)} (format parquet, compression zstd)`)
  await rename(partial, file)
}

function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  )
}

function dataFile(name: string): string {
  return fileURLToPath(new URL(name, data))
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}
