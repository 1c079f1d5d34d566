import { once } from 'node:events'
import { type AddressInfo, connect as connectTo, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fromUtf8, utf8 } from '../../src/lib/bytes.ts'
import { RESERVED_ENTITY } from '../../src/stores/online/column-lists.ts'
import { cellIn, type OnlineStore } from '../../src/stores/online/online-store.ts'
import { eventually } from '../support/eventually.ts'
import { bigtableAddress, freshBigtable, openBigtable } from '../support/open-bigtable.ts'
import { keyOf } from '../support/sample-rows.ts'
import { type BigtableEmulator, startBigtable } from '../support/services/bigtable.ts'
import { freePort } from '../support/services/local-server.ts'
import { openStore, type StoreAddress } from '../support/store-process.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const CELL = { view: 'v@1', part: 0 } as const
const PLAN = { views: [{ entity: 'Thing', view: 'v@1' }] }

describe('a Bigtable table', () => {
  test('is planned, made, and then nothing is left to do', async () => {
    const store = await openBigtable(await bigtableAddress())
    const planned = await store.prepare(PLAN, { dryRun: true })
    expect(planned).toEqual([
      {
        description: expect.stringMatching(/^create bigtable table 't-.* column family 'f', which keeps one version/),
        destructive: false,
      },
    ])
    expect(await store.prepare(PLAN, { dryRun: true })).toEqual(planned)
    expect(await store.prepare(PLAN, { dryRun: false })).toEqual(planned)
    expect(await store.prepare(PLAN, { dryRun: false })).toEqual([])
  })

  test('of another program gets our column family, and keeps its own', async () => {
    const address = await bigtableAddress()
    const table = await stockTable(address)
    await table.create({ families: [{ name: 'theirs' }, { name: 'f', rule: { versions: 7 } }] })
    const store = await openBigtable(address)
    const changed = [{ description: expect.stringMatching(/^change column family 'f'/), destructive: false }]
    expect(await store.prepare(PLAN, { dryRun: false })).toEqual(changed)
    expect(await store.prepare(PLAN, { dryRun: false })).toEqual([])
    const [families] = await table.getFamilies()
    expect(families.map(({ id }) => id.split('/').at(-1)).toSorted()).toEqual(['f', 'theirs'])
  })

  test('keeps one version of a cell, the greatest, however many are written', async () => {
    const address = await freshBigtable()
    const [families] = await (await stockTable(address)).getFamilies()
    expect(families.map(({ id, metadata }) => [id.split('/').at(-1), metadata?.gcRule?.maxNumVersions])).toEqual([
      ['f', 1],
    ])
  })

  test('that is not there has nothing on record, and all else says to run fieldstone apply', async () => {
    const store = await openBigtable(await bigtableAddress())
    const records = { entity: RESERVED_ENTITY, keys: [keyOf('current')], cells: [CELL] }
    expect(await store.read(records)).toEqual([undefined])
    const missing = expect.objectContaining({
      code: 'NOT_APPLIED',
      message: expect.stringContaining("'fieldstone apply'"),
    })
    await expect(read(store, ['a'])).rejects.toEqual(missing)
    await expect(put(store, 'a', 'A')).rejects.toEqual(missing)
    const mend = expect.stringContaining("Run 'fieldstone apply'")
    expect(await store.health()).toEqual({ ok: false, detail: expect.stringContaining('bigtable table'), mend })
  })

  test('is named with its instance and emulator where its health is told', async () => {
    const address = await freshBigtable()
    const { table, emulatorHost } = address.options as { readonly table: string; readonly emulatorHost: string }
    const store = await openBigtable(address)
    const detail = expect.stringContaining(
      `bigtable table '${table}' of instance 'test' in the emulator at ${emulatorHost} answers`,
    )
    expect(await store.health()).toEqual({ ok: true, detail })
  })
})

describe('reads from Bigtable', () => {
  test('let only the views travel that are asked for', async () => {
    const address = await freshBigtable()
    const { port, received } = await countingProxy(portOf(address))
    const store = await openBigtable(through(address, port))
    const names = Array.from({ length: 50 }, (_, index) => `k${index}`)
    for (const [view, length] of [
      ['great@1', 20_000],
      ['v@1', 100],
      ['w@1', 100],
    ] as const) {
      for (const name of names) await put(store, name, 'x'.repeat(length), view)
    }
    const keys = names.map(keyOf)
    const before = received()
    const found = await store.read({ entity: 'Thing', keys, cells: [CELL, { view: 'w@1', part: 0 }] })
    expect(found.every((cell) => cellIn(cell)!.byteLength === 100)).toBe(true)
    // Of the million bytes that lie beside them none came.
    expect(received() - before).toBeLessThan(2 * 50 * 100 + 20_000)
    expect(received() - before).toBeGreaterThan(2 * 50 * 100)
  })

  test('of hundreds of long-named views ask by several filters', async () => {
    const store = await openBigtable()
    const views = Array.from({ length: 250 }, (_, index) => `${`view.${index}`.padEnd(240, '_')}@1`)
    await Promise.all(views.map((view) => put(store, 'a', view, view)))
    const cells = [...views, views[3]!].map((view) => ({ view, part: 0 }))
    const found = await store.read({ entity: 'Thing', keys: ['a', 'nobody', 'a'].map(keyOf), cells })
    const texts = found.map((cell) => (cellIn(cell) === undefined ? undefined : fromUtf8(cellIn(cell)!)))
    const all = [...views, views[3]]
    expect(texts).toEqual([...all, ...all.map(() => undefined), ...all])
  })

  test('of many thousand keys are given up by one signal, without a word on the console', async () => {
    const store = await openBigtable()
    const warnings: Error[] = []
    const listen = (warning: Error) => void warnings.push(warning)
    process.on('warning', listen)
    onTestFinished(() => void process.off('warning', listen))
    const controller = new AbortController()
    const keys = Array.from({ length: 30_000 }, (_, index) => keyOf(`k${index}`))
    const reading = store.read({ entity: 'Thing', keys, cells: [CELL], signal: controller.signal })
    await pause(5)
    controller.abort(new Error('given up'))
    await expect(reading).rejects.toThrow('given up')
    expect(warnings.map(({ message }) => message)).toEqual([])
  })

  test('give bytes of their own also for keys that are asked for twice', async () => {
    const store = await openBigtable()
    await put(store, 'a', 'A')
    const [one, two] = (await store.read({
      entity: 'Thing',
      keys: [keyOf('a'), keyOf('a')],
      cells: [CELL],
    })) as Uint8Array[]
    one!.fill(0)
    expect(fromUtf8(two!)).toBe('A')
  })
})

describe('a Bigtable that fails', () => {
  test('and stands still: reads end by their signals, writes by their time, and all goes on after it', async () => {
    const { server, address } = await ownServer({ readTimeoutMillis: 60_000, writeTimeoutMillis: 500 })
    const store = await openBigtable(address)
    await put(store, 'a', 'A')
    await freeze(server)
    const reason = new Error('given up')
    const controller = new AbortController()
    const reads = Array.from({ length: 20 }, () => read(store, ['a'], controller.signal))
    const write = put(store, 'b', 'B')
    await pause(20)
    controller.abort(reason)
    for (const outcome of await Promise.allSettled(reads)) expect(outcome).toEqual({ status: 'rejected', reason })
    await expect(write).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    server.signal('SIGCONT')
    await eventually(async () => expect(await read(store, ['a'])).toEqual(['A']))
    await put(store, 'c', 'C')
    expect(await read(store, ['c'])).toEqual(['C'])
  })

  test('and stands still: a read without a signal ends after its time, and health says so', async () => {
    const { server, address } = await ownServer({ readTimeoutMillis: 100 })
    const store = await openBigtable(address)
    await freeze(server)
    await expect(read(store, ['a'])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true })
    expect(await store.health()).toMatchObject({ ok: false })
    server.signal('SIGCONT')
    await eventually(async () => expect(await read(store, ['a'])).toEqual([undefined]))
  })

  test('and stands still does not keep a store from being closed', { timeout: 20_000 }, async () => {
    const { server, address } = await ownServer({ readTimeoutMillis: 100 })
    const store = await openStore(address)
    await freeze(server)
    await expect(read(store, ['a'])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await store.close()
  })

  test('is opened all the same, and serves when it is there', async () => {
    const port = await freePort()
    const address = await bigtableAddress({ emulatorHost: `127.0.0.1:${port}`, readTimeoutMillis: 300 })
    const store = await openBigtable(address)
    await expect(read(store, ['a'])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    })
    await startBigtable({ port })
    await eventually(async () => void (await store.prepare(PLAN, { dryRun: false })))
    await put(store, 'a', 'A')
    expect(await read(store, ['a'])).toEqual(['A'])
  })

  test('by cut connections: what did not come is asked for again, and nothing is counted twice', async () => {
    const address = await freshBigtable()
    const proxy = await startTcpProxy(portOf(address))
    const store = await openBigtable({
      ...through(address, proxy.port),
      options: { ...through(address, proxy.port).options, readTimeoutMillis: 20_000 },
    })
    const names = Array.from({ length: 300 }, (_, index) => `k${index}`)
    const rows = names.map((name) => ({
      key: keyOf(name),
      cell: utf8(name.padEnd(2_000, '.')),
      removableAfterMicros: undefined,
    }))
    await store.write({ entity: 'Thing', ...CELL, rows, compare: () => -1 })
    for (let round = 0; round < 5; round += 1) {
      await proxy.set({ kind: 'cut', afterBytes: 30_000 })
      const reading = read(store, names)
      await pause(30)
      await proxy.set({ kind: 'pass' })
      expect(await reading).toEqual(names.map((name) => name.padEnd(2_000, '.')))
    }
    let isOver = false
    const counting = Array.from({ length: 30 }, async () => {
      await store.updateMany({
        ...{ entity: 'Thing', view: 'count@1', keys: [keyOf('n')], parts: [0] },
        update: ([n]) => new Map([[0, utf8(String(Number(n === undefined ? 0 : fromUtf8(n)) + 1))]]),
      })
    })
    const cutting = (async () => {
      while (!isOver) {
        await proxy.set({ kind: 'reset' })
        await proxy.set({ kind: 'pass' })
        await pause(60)
      }
    })()
    await Promise.all(counting)
    isOver = true
    await cutting
    const [n] = await store.read({ entity: 'Thing', keys: [keyOf('n')], cells: [{ view: 'count@1', part: 0 }] })
    expect(fromUtf8(cellIn(n)!)).toBe('30')
  })

  test('in the middle of a great read has errors in the places of what did not come', async () => {
    const address = await freshBigtable({ readTimeoutMillis: 1_500 })
    const names = Array.from({ length: 3_000 }, (_, index) => `k${index}`)
    const rows = names.map((name) => ({
      key: keyOf(name),
      cell: utf8(name.padEnd(2_000, '.')),
      removableAfterMicros: undefined,
    }))
    await (await openBigtable(address)).write({ entity: 'Thing', ...CELL, rows, compare: () => -1 })
    const { port, freezeAfter } = await countingProxy(portOf(address))
    const store = await openBigtable(through(address, port))
    await read(store, ['k0'])
    freezeAfter(1_000_000)
    const found = await store.read({ entity: 'Thing', keys: names.map(keyOf), cells: [CELL] })
    const failed = found.filter((cell) => cell instanceof Error)
    expect(failed.length).toBeGreaterThan(0)
    expect(failed.length).toBeLessThan(3_000)
    expect(failed[0]).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    for (const [index, cell] of found.entries())
      if (!(cell instanceof Error)) expect(fromUtf8(cellIn(cell)!).startsWith(`${names[index]}.`)).toBe(true)
  })
})

function portOf({ options }: StoreAddress): number {
  return Number(String(options.emulatorHost).split(':')[1])
}

function through(address: StoreAddress, port: number): StoreAddress {
  return { ...address, options: { ...address.options, emulatorHost: `127.0.0.1:${port}` } }
}

/** An emulator of the test's own, to be frozen, with a table. */
/** Its threads stand still a moment after the signal. */
async function freeze(server: BigtableEmulator): Promise<void> {
  server.signal('SIGSTOP')
  await pause(100)
}

async function ownServer(options: Readonly<Record<string, unknown>>) {
  const server = await startBigtable()
  return { server, address: await freshBigtable({ emulatorHost: server.host, ...options }) }
}

async function stockTable({ options }: StoreAddress) {
  const { Bigtable } = await import('@google-cloud/bigtable')
  const { project, instance, table, emulatorHost } = options as Readonly<Record<string, string>>
  const client = new Bigtable({ projectId: project!, apiEndpoint: emulatorHost!, metricsEnabled: false })
  onTestFinished(async () => void (await client.close()))
  return client.instance(instance!).table(table!)
}

/** A way to a server that counts what comes back, and after so many bytes more lets nothing through. */
async function countingProxy(serverPort: number) {
  let received = 0
  let limit = Number.POSITIVE_INFINITY
  const server = createServer((client) => {
    const upstream = connectTo(serverPort, '127.0.0.1')
    client.pipe(upstream)
    upstream.on('data', (piece) => {
      received += piece.byteLength
      if (received <= limit) client.write(piece)
    })
    for (const socket of [client, upstream]) socket.on('error', () => {})
    client.on('close', () => upstream.destroy())
    upstream.on('close', () => client.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return {
    port: (server.address() as AddressInfo).port,
    received: () => received,
    freezeAfter: (bytes: number) => {
      limit = received + bytes
    },
  }
}

async function put(store: OnlineStore, name: string, text: string, view: string = CELL.view): Promise<void> {
  const rows = [{ key: keyOf(name), cell: utf8(text), removableAfterMicros: undefined }]
  await store.write({ entity: 'Thing', view, part: 0, rows, compare: () => -1 })
}

async function read(store: OnlineStore, names: readonly string[], signal?: AbortSignal) {
  const found = await store.read({ entity: 'Thing', keys: names.map(keyOf), cells: [CELL], signal })
  return found.map((cell) => (cellIn(cell) === undefined ? undefined : fromUtf8(cellIn(cell)!)))
}
