import { fileURLToPath } from 'node:url'
import { DuckDBInstance } from '@duckdb/node-api'

/**
 * The sample's daily statistics in plain loops over the flights as the package holds them: shares nothing with the sample
 * but the file.
 */

interface Flight {
  readonly millis: number
  readonly delay: number
  readonly distance: number
  readonly origin: string
  readonly destination: string
}

const FILE = fileURLToPath(new URL('../data/flights-3m.parquet', import.meta.resolve('vega-datasets')))
const DAY_MILLIS = 86_400_000

/** Every flight out of some airports, in no order. */
export async function flightsFrom(origins: readonly string[]): Promise<readonly Flight[]> {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll(
    `select epoch_ms(date)::double, delay::double, distance::double, origin, destination from read_parquet($file)
     where origin in (select unnest(string_split($origins, ',')))`,
    { file: FILE, origins: origins.join(',') },
  )
  const rows = reader.getRows() as unknown as [number, number, number, string, string][]
  connection.closeSync()
  instance.closeSync()
  return rows.map(([millis, delay, distance, origin, destination]) => ({
    millis,
    delay,
    distance,
    origin,
    destination,
  }))
}

/** The instant of the last flight, in milliseconds since 1970. */
export async function lastFlightMillis(): Promise<number> {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  const reader = await connection.runAndReadAll('select max(epoch_ms(date))::double from read_parquet($file)', {
    file: FILE,
  })
  connection.closeSync()
  instance.closeSync()
  return Number(reader.getRows()[0]![0])
}

/** Flights within some days before an instant, and strictly before it. */
function before(flights: readonly Flight[], atMillis: number, days: number): readonly Flight[] {
  return flights.filter(({ millis }) => millis >= atMillis - days * DAY_MILLIS && millis < atMillis)
}

function mean(numbers: readonly number[]): number | null {
  return numbers.length === 0 ? null : numbers.reduce((sum, number) => sum + number, 0) / numbers.length
}

/** What an airport's row of a midnight must hold; null where there is no row, for it had no flight in 30 days. */
export function airportRow(flights: readonly Flight[], iata: string, atMillis: number) {
  const own = flights.filter(({ origin }) => origin === iata)
  const [day, week, month] = [1, 7, 30].map((days) => before(own, atMillis, days)) as [Flight[], Flight[], Flight[]]
  if (month.length === 0) return null
  return {
    departures1d: day.length,
    departures7d: week.length,
    departures30d: month.length,
    meanDelay7d: mean(week.map(({ delay }) => delay)),
    meanDelay30d: mean(month.map(({ delay }) => delay)),
    shareDelayed15m30d: month.filter(({ delay }) => delay > 15).length / month.length,
    worstDelay7d: week.length === 0 ? null : Math.max(...week.map(({ delay }) => delay)),
    distinctDestinations30d: new Set(month.map(({ destination }) => destination)).size,
  }
}

/** What a route's row of a midnight must hold; null where there is none. */
export function routeRow(flights: readonly Flight[], key: { origin: string; destination: string }, atMillis: number) {
  const own = flights.filter(({ origin, destination }) => origin === key.origin && destination === key.destination)
  const month = before(own, atMillis, 30)
  if (month.length === 0) return null
  return {
    flights30d: month.length,
    meanDelay30d: mean(month.map(({ delay }) => delay)),
    distance: month[0]!.distance,
  }
}
