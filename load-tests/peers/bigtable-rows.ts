import { Bigtable, type Entry, type Table } from '@google-cloud/bigtable'
import { type BenchRow, makeRows, packedCell, VIEWS } from '../serving/data.ts'
import { FEATURE_NAMES } from '../serving/features.ts'
import { idOf } from '../serving/keys.ts'
import type { BigtablePlace } from '../serving/stores.ts'
import { createPackedReader, createTextReader, type Rows, type StoredTexts } from './rows.ts'

/** Rows as users of Google's client keep and read them: a row for each entity, read by `getRows`. */

// An emulator asks nobody who he is, so the client need not look for a machine of Google's that would know.
process.env.METADATA_SERVER_DETECTION ??= 'none'

/** Of the table with one cell for each feature: a column family a view, named as the view is. */
const FEATURE_FAMILIES = VIEWS.map(({ name }) => name)
/** Of the table with one cell for each view: one family, a column a view. */
const PACKED_FAMILY = 'packed'
/** Rows of one request while the data are written. */
const WRITTEN_AT_ONCE = 1_000

/** What `getRows` gives, as far as it is read here. */
interface FoundRow {
  readonly id: string | Buffer
  readonly data: Readonly<Record<string, Readonly<Record<string, readonly FoundCell[]>>>>
}

interface FoundCell {
  readonly value: string | Buffer
  /** Microseconds. */
  readonly timestamp: string
}

/** A cell for each feature, whose timestamp is the event time. */
export async function openFeatureCells(place: BigtablePlace): Promise<Rows> {
  const { client, table } = open(place, 'features')
  const newest = { column: { cellLimit: 1 } }
  const read = createTextReader(async (ids, viewIndexes) => {
    const family = new RegExp(viewIndexes.map((view) => FEATURE_FAMILIES[view]!).join('|'))
    const found = byId((await table.getRows({ keys: [...ids], filter: [{ family }, newest] }))[0])
    return ids.flatMap((id) => viewIndexes.map((view) => textsOf(found.get(id), view)))
  })
  return { read, close: async () => void (await client.close()) }
}

function textsOf(row: FoundRow | undefined, view: number): StoredTexts | undefined {
  const cells = row?.data[FEATURE_FAMILIES[view]!]
  if (cells === undefined) return undefined
  const names = FEATURE_NAMES[view]!
  const eventMicros = cells[names[0]!]![0]!.timestamp
  return [eventMicros, ...names.map((name) => cells[name]![0]!.value as string)]
}

/** A cell for each view, with all of its values. */
export async function openPackedCells(place: BigtablePlace): Promise<Rows> {
  const { client, table } = open(place, 'packed')
  const newest = { column: { cellLimit: 1 } }
  const read = createPackedReader(async (ids, viewIndexes) => {
    const name = new RegExp(viewIndexes.map((view) => VIEWS[view]!.name).join('|'))
    const filter = [{ family: PACKED_FAMILY }, { column: { name } }, newest]
    // Else the client makes text of every value.
    const found = byId((await table.getRows({ keys: [...ids], filter, decode: false }))[0])
    return ids.flatMap((id) => viewIndexes.map((view) => packedIn(found.get(id), view)))
  })
  return { read, close: async () => void (await client.close()) }
}

function packedIn(row: FoundRow | undefined, view: number): Buffer | undefined {
  return row?.data[PACKED_FAMILY]?.[VIEWS[view]!.name]?.[0]?.value as Buffer | undefined
}

function byId(rows: readonly unknown[]): ReadonlyMap<string, FoundRow> {
  return new Map((rows as readonly FoundRow[]).map((row) => [String(row.id), row]))
}

export function writeFeatureCells(place: BigtablePlace, signal: AbortSignal): Promise<void> {
  return writeAll(open(place, 'features'), { families: FEATURE_FAMILIES, signal }, (view, { eventMicros, values }) => {
    const timestamp = 1_000 * Math.floor(eventMicros / 1_000)
    const cells = FEATURE_NAMES[view]!.map((name, at) => [name, { value: values[at]!, timestamp }])
    return { [FEATURE_FAMILIES[view]!]: Object.fromEntries(cells) }
  })
}

export function writePackedCells(place: BigtablePlace, signal: AbortSignal): Promise<void> {
  return writeAll(open(place, 'packed'), { families: [PACKED_FAMILY], signal }, (view, row) => {
    return { [PACKED_FAMILY]: { [VIEWS[view]!.name]: Buffer.from(packedCell(VIEWS[view]!, row)) } }
  })
}

interface Opened {
  readonly client: Bigtable
  readonly table: Table
}

function open({ emulatorHost, project, instance, table }: BigtablePlace, form: 'features' | 'packed'): Opened {
  // What it measures of itself goes to Google's monitoring, which an emulator has not.
  const client = new Bigtable({ projectId: project, apiEndpoint: emulatorHost, metricsEnabled: false })
  return { client, table: client.instance(instance).table(`${table}-${form}`) }
}

interface WriteOptions {
  readonly families: readonly string[]
  readonly signal: AbortSignal
}

async function writeAll(
  { client, table }: Opened,
  { families, signal }: WriteOptions,
  dataOf: (view: number, row: BenchRow) => Entry['data'],
): Promise<void> {
  await table.create({ families: families.map((name) => ({ name, rule: { versions: 1 } })) })
  for (const { view, rows } of makeRows()) {
    const entries = rows.map((row, index) => ({ key: idOf(index), data: dataOf(VIEWS.indexOf(view), row) }))
    for (let start = 0; start < entries.length; start += WRITTEN_AT_ONCE) {
      signal.throwIfAborted()
      await table.insert(entries.slice(start, start + WRITTEN_AT_ONCE))
    }
  }
  await client.close()
}

/** Removes the tables that a bench has made, from a server that others use, too. */
export async function removeTables({ emulatorHost, project, instance, table }: BigtablePlace): Promise<void> {
  const client = new Bigtable({ projectId: project, apiEndpoint: emulatorHost, metricsEnabled: false })
  const [tables] = await client.instance(instance).getTables()
  const made = tables.filter(({ id }) => id.split('/').at(-1)!.startsWith(table))
  await Promise.all(made.map((one) => one.delete()))
  await client.close()
}
