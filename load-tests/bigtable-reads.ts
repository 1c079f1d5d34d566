/**
 * What ways to read rows of Bigtable cost the client: CPU for 100 rows with one packed cell of 300 bytes, and with five. Each way reads the
 * same table by the same filter, and all must find the same bytes. The numbers are in docs/adr/0014-bigtable-reads-and-writes.md:
 * `node load-tests/bigtable-reads.ts`.
 */

import { createHash } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Bigtable, v2 } from '@google-cloud/bigtable'
import { textTable } from '../src/cli/text-table.ts'
import { bigtable } from '../src/stores/online/bigtable.ts'
import { encodeText } from '../src/stores/online/key-codec.ts'
import { openContext } from '../test/support/open-context.ts'
import { BIGTABLE, programOf } from '../test/support/services/find-service.ts'
import { spawnServer } from '../test/support/services/spawned-server.ts'
import { createRandom, wholeBelow } from './serving/random.ts'

const KEYS = 5_000
const VIEWS = ['v1@1', 'v2@1', 'v3@1', 'v4@1', 'v5@1']
const CELL_BYTES = 300
const READ_ROWS = 100
const WARM_UP_READS = 200
const ROUNDS = 7
const READS_A_ROUND = 150

/** Reads the first so many views of keys, and gives the values in the order asked. */
type Way = (keys: readonly number[], views: number) => Promise<readonly (Uint8Array | undefined)[]>

const folder = await mkdtemp(join(tmpdir(), 'fieldstone-bigtable-'))
const server = await spawnServer({
  program: await programOf(BIGTABLE),
  words: (port) => BIGTABLE.words(port, folder),
  folder,
})
const place = { project: 'bench', instance: 'bench', table: 'bench', emulatorHost: `127.0.0.1:${server.port}` }
async function measureAll(): Promise<void> {
  const driver = bigtable(place)
  const store = await driver.open(driver.options, openContext(folder))
  const stock = new Bigtable({ projectId: place.project, apiEndpoint: place.emulatorHost, metricsEnabled: false })
  await store.prepare({ views: [] }, { dryRun: false })
  for (const view of VIEWS) {
    const rows = Array.from({ length: KEYS }, (_, key) => ({
      key: keyOf(key),
      cell: cellOf(view, key),
      removableAfterMicros: undefined,
    }))
    await store.write({ entity: 'Customer', view, part: 0, rows, compare: () => -1, exclusive: true })
  }
  const rowKeys = await rowKeysOf(stock)
  const ways = new Map<string, Way>([
    ['getRows of the stock client', getRows(stock, rowKeys)],
    ['v2.BigtableClient.readRows', v2ReadRows(stock, rowKeys)],
    ["grpc's stub of the client, answers decoded by the library", stubDecoded(stock, rowKeys)],
    ["grpc's stub of the client, answers left as bytes", stubBytes(stock, rowKeys)],
    ['Fieldstone: store.read', storeRead(store)],
  ])
  for (const views of [1, 5]) await measure(ways, views)
  await store.close()
  await stock.close()
}

function keyOf(key: number): Uint8Array {
  return encodeText(`C${String(key).padStart(8, '0')}`)
}

/** Of bytes that no two cells share. */
function cellOf(view: string, key: number): Uint8Array {
  return Buffer.concat(Array.from({ length: 10 }, (_, index) => hash(`${view} ${key} ${index}`))).subarray(
    0,
    CELL_BYTES,
  )
}

function hash(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** What the driver has made of the keys, found by the cell of the first view. */
async function rowKeysOf(stock: Bigtable): Promise<readonly Buffer[]> {
  const [rows] = await tableOf(stock).getRows({ decode: false, filter: filterOf(1) })
  const keys = new Map(
    rows.map(({ id, data }) => [data.f['v1@1/0'][0].value.toString('latin1'), id as unknown as Buffer]),
  )
  return Array.from({ length: KEYS }, (_, key) =>
    Buffer.from(keys.get(Buffer.from(cellOf('v1@1', key)).toString('latin1'))!),
  )
}

function tableOf(stock: Bigtable) {
  return stock.instance(place.instance).table(place.table)
}

function filterOf(views: number) {
  const ranges = VIEWS.slice(0, views).map((view) => [
    { column: { family: 'f', start: `${view}/0`, end: `${view}/0` } },
  ])
  const columns = views === 1 ? ranges[0]![0]! : { interleave: ranges }
  return [columns, { column: { cellLimit: 1 } }]
}

function getRows(stock: Bigtable, rowKeys: readonly Buffer[]): Way {
  const table = tableOf(stock)
  return async (keys, views) => {
    const asked = keys.map((key) => rowKeys[key]!)
    const [rows] = await table.getRows({ keys: asked as never, decode: false, filter: filterOf(views) })
    const found = new Map(rows.map(({ id, data }) => [(id as unknown as Buffer).toString('latin1'), data.f]))
    return asked.flatMap((key) =>
      VIEWS.slice(0, views).map((view) => found.get(key.toString('latin1'))[`${view}/0`][0].value),
    )
  }
}

interface Chunk {
  readonly rowKey: Buffer
  readonly value: Buffer
}

/** The service's messages as the library's generated client gives them; cells come whole here, rows in the order of their keys. */
function gather(keys: readonly Buffer[], views: number, chunks: readonly Chunk[]): readonly Buffer[] {
  const found = new Map<string, Buffer[]>()
  let current = ''
  for (const { rowKey, value } of chunks) {
    // A chunk that names no row is of the same as the one before.
    if (rowKey.length > 0) current = rowKey.toString('latin1')
    const row = found.get(current)
    if (row === undefined) found.set(current, [value])
    else row.push(value)
  }
  return keys.flatMap((key) => found.get(key.toString('latin1'))!.slice(0, views))
}

const tableName = `projects/${place.project}/instances/${place.instance}/tables/${place.table}`

/** By the filters that the driver sends. */
function requestOf(keys: readonly Buffer[], views: number): object {
  const ranges = VIEWS.slice(0, views).map((view) => {
    const column = Buffer.from(`${view}/0`)
    return { columnRangeFilter: { familyName: 'f', startQualifierClosed: column, endQualifierClosed: column } }
  })
  const columns = views === 1 ? ranges[0]! : { interleave: { filters: ranges } }
  const filter = { chain: { filters: [columns, { cellsPerColumnLimitFilter: 1 }] } }
  return { tableName, rows: { rowKeys: keys }, filter }
}

interface Stream {
  on(event: 'data' | 'end' | 'error', listener: (given: never) => void): void
}

function messagesOf<T>(stream: Stream): Promise<readonly T[]> {
  const messages: T[] = []
  return new Promise((resolve, reject) => {
    stream.on('data', (message: T) => void messages.push(message))
    stream.on('error', reject)
    stream.on('end', () => resolve(messages))
  })
}

function clientOf(stock: Bigtable): v2.BigtableClient {
  const { sslCreds, servicePath, port } = stock.options.BigtableClient as Record<string, unknown>
  const auth = { getUniverseDomain: async () => 'googleapis.com' }
  return new v2.BigtableClient({ sslCreds, servicePath, port, auth } as never)
}

function v2ReadRows(stock: Bigtable, rowKeys: readonly Buffer[]): Way {
  const client = clientOf(stock)
  return async (keys, views) => {
    const asked = keys.map((key) => rowKeys[key]!)
    const stream = client.readRows(requestOf(asked, views)) as unknown as Stream
    const messages = await messagesOf<{ readonly chunks: readonly Chunk[] }>(stream)
    return gather(
      asked,
      views,
      messages.flatMap(({ chunks }) => chunks),
    )
  }
}

interface Stub {
  makeServerStreamRequest(...call: readonly unknown[]): Stream
}

interface Method {
  readonly path: string
  readonly requestSerialize: unknown
  readonly responseDeserialize: unknown
}

async function stubOf(stock: Bigtable): Promise<{ readonly stub: Stub; readonly method: Method }> {
  const stub = (await clientOf(stock).initialize()) as unknown as Stub
  const { service } = stub.constructor as unknown as { readonly service: { readonly ReadRows: Method } }
  return { stub, method: service.ReadRows }
}

function stubDecoded(stock: Bigtable, rowKeys: readonly Buffer[]): Way {
  const opening = stubOf(stock)
  return async (keys, views) => {
    const { stub, method } = await opening
    const { path, requestSerialize, responseDeserialize } = method
    const asked = keys.map((key) => rowKeys[key]!)
    const stream = stub.makeServerStreamRequest(
      path,
      requestSerialize,
      responseDeserialize,
      requestOf(asked, views),
      {},
    )
    const messages = await messagesOf<{ readonly chunks: readonly Chunk[] }>(stream)
    return gather(
      asked,
      views,
      messages.flatMap(({ chunks }) => chunks),
    )
  }
}

/** The floor: nothing is made of the answers. */
function stubBytes(stock: Bigtable, rowKeys: readonly Buffer[]): Way {
  const opening = stubOf(stock)
  return async (keys, views) => {
    const { stub, method } = await opening
    const asked = keys.map((key) => rowKeys[key]!)
    const stream = stub.makeServerStreamRequest(
      method.path,
      method.requestSerialize,
      (bytes: Buffer) => bytes,
      requestOf(asked, views),
      {},
    )
    await messagesOf(stream)
    return []
  }
}

function storeRead(store: Awaited<ReturnType<ReturnType<typeof bigtable>['open']>>): Way {
  // Whoever reads a store has encoded its keys.
  const encoded = Array.from({ length: KEYS }, (_, key) => keyOf(key))
  const lists = [1, 5].map((views) => VIEWS.slice(0, views).map((view) => ({ view, part: 0 })))
  return async (keys, views) => {
    const cells = lists.find(({ length }) => length === views)!
    return (await store.read({
      entity: 'Customer',
      keys: keys.map((key) => encoded[key]!),
      cells,
    })) as readonly Uint8Array[]
  }
}

async function measure(ways: ReadonlyMap<string, Way>, views: number): Promise<void> {
  const random = createRandom(views)
  const pick = () => [...new Set(Array.from({ length: READ_ROWS }, () => wholeBelow(random, KEYS)))]
  for (const [name, way] of ways) {
    const keys = pick()
    const found = await way(keys, views)
    const expected = keys.flatMap((key) => VIEWS.slice(0, views).map((view) => cellOf(view, key)))
    const isSame = expected.every((cell, index) => Buffer.compare(found[index] ?? Buffer.alloc(0), cell) === 0)
    if (found.length > 0 && !isSame) throw new Error(`${name} does not find what was written`)
  }
  const micros = new Map<string, number[]>([...ways.keys()].map((name) => [name, []]))
  for (const way of ways.values()) for (let read = 0; read < WARM_UP_READS; read += 1) await way(pick(), views)
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const [name, way] of ways) {
      const before = process.cpuUsage()
      for (let read = 0; read < READS_A_ROUND; read += 1) await way(pick(), views)
      const { user, system } = process.cpuUsage(before)
      micros.get(name)!.push((user + system) / READS_A_ROUND)
    }
  }
  const medians = [...micros].map(
    ([name, rounds]) => [name, rounds.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)]!] as const,
  )
  const stock = medians[0]![1]
  console.log(`${READ_ROWS} rows, ${views} cells of ${CELL_BYTES} bytes each; client CPU, median of ${ROUNDS} rounds`)
  const rows = medians.map(([name, median]) => [name, `${Math.round(median)}`, (median / stock).toFixed(2)])
  for (const line of textTable(['way', 'µs', 'of getRows'], rows)) console.log(line)
  console.log()
}

try {
  await measureAll()
} finally {
  await server.stop()
  await rm(folder, { recursive: true, force: true })
}
