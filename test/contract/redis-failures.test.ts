import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { cellIn, type OnlineStore } from '../../src/stores/online/online-store.ts'
import { type RedisOptions, redis } from '../../src/stores/online/redis.ts'
import { eventually } from '../support/eventually.ts'
import { openContext } from '../support/open-context.ts'
import { cellOf, keyOf, PAIR } from '../support/sample-rows.ts'
import { freePort } from '../support/services/local-server.ts'
import { startRedis } from '../support/services/redis.ts'
import { ask, startRedisCluster } from '../support/services/redis-cluster.ts'

const CELL = { view: 'v@1', part: 0 } as const
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always']

describe('a Redis that fails', () => {
  test('is told at once where nobody listens', async () => {
    const port = await freePort()
    await expect(open({ host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('ECONNREFUSED'),
    })
  })

  test('and stands still: reads end by their signal, writes when the silence is over, and all goes on after it', async () => {
    const server = await startRedis()
    const store = await open({ url: server.url, readTimeoutMillis: 60_000, silenceTimeoutMillis: 500 })
    await put(store, 'a', 'A')
    server.signal('SIGSTOP')
    const reason = new Error('given up')
    const controller = new AbortController()
    const reads = Array.from({ length: 20 }, () => read(store, 'a', controller.signal))
    const write = put(store, 'b', 'B')
    controller.abort(reason)
    for (const outcome of await Promise.allSettled(reads)) expect(outcome).toEqual({ status: 'rejected', reason })
    await expect(write).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    server.signal('SIGCONT')
    await eventually(async () => expect(await read(store, 'a')).toBe('A'))
    await put(store, 'c', 'C')
    expect(await read(store, 'c')).toBe('C')
  })

  test('and stands still: a read without a signal ends after its time', async () => {
    const server = await startRedis()
    const store = await open({ url: server.url, readTimeoutMillis: 100 })
    server.signal('SIGSTOP')
    await expect(read(store, 'a')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('no answer within 100 ms'),
    })
    server.signal('SIGCONT')
    await eventually(async () => expect(await read(store, 'a')).toBe(undefined))
  })

  test('by SIGKILL: calls end at once with STORE_UNAVAILABLE; what was acknowledged is there when it is back, without opening anew', async () => {
    const first = await startRedis({ words: DURABLE })
    const store = await open({ url: first.url })
    await Promise.all(Array.from({ length: 200 }, (_, index) => put(store, `k${index}`, `v${index}`)))
    const waiting = [put(store, 'late', 'x'), first.kill()]
    await Promise.allSettled(waiting)
    for (const call of [() => read(store, 'k1'), () => put(store, 'k1', 'x'), () => iterateAll(store)]) {
      await expect(call()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true })
    }
    const why = expect.stringMatching(/not connected: .*ECONNREFUSED/)
    await eventually(async () => expect(await store.health()).toEqual({ ok: false, detail: why }))
    await startRedis({ words: DURABLE, folder: first.folder, port: first.port })
    await eventually(async () => expect(await read(store, 'k1')).toBe('v1'))
    for (let index = 0; index < 200; index += 1) expect(await read(store, `k${index}`)).toBe(`v${index}`)
    // The scripts are known no more.
    await put(store, 'after', 'x')
    expect(await read(store, 'after')).toBe('x')
  })

  test('by forgetting its scripts', async () => {
    const server = await startRedis()
    const [store, client] = [await open({ url: server.url }), clientOf(server.url)]
    await put(store, 'a', 'A')
    await client.script('FLUSH')
    await Promise.all(['b', 'c', 'd'].map((name) => put(store, name, 'x')))
    await store.updateMany({ ...place(), keys: [keyOf('a')], parts: [0], update: () => new Map([[0, utf8('B')]]) })
    expect(await read(store, 'a')).toBe('B')
  })

  test('by being full: writes say so and how it is mended, and reads go on', async () => {
    const server = await startRedis()
    const [store, client] = [await open({ url: server.url }), clientOf(server.url)]
    await put(store, 'a', 'A')
    await client.config('SET', 'maxmemory', '1')
    await expect(put(store, 'b', 'B')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining("raise its 'maxmemory'"),
    })
    expect(await read(store, 'a')).toBe('A')
    // Nor is half of an update done, though a full server still deletes.
    const changes = new Map([
      [0, null],
      [1, utf8('new')],
    ])
    const update = store.updateMany({ ...place(), keys: [keyOf('a')], parts: [0], update: () => changes })
    await expect(update).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(await read(store, 'a')).toBe('A')
  })

  test('by holding what is no string in the place of a cell: it reads as none, and writing mends it', async () => {
    const server = await startRedis()
    const [store, client] = [await open({ url: server.url }), clientOf(server.url)]
    await put(store, 'a', 'A')
    await put(store, 'b', 'B')
    const [name] = await client.keysBuffer('*Thing*a*')
    await client.del(name!)
    await client.lpush(name!, 'garbage')
    expect([await read(store, 'a'), await read(store, 'b')]).toEqual([undefined, 'B'])
    expect(await iterateAll(store)).toEqual(['B'])
    await put(store, 'a', 'again')
    expect(await read(store, 'a')).toBe('again')
    await client.del(name!)
    await client.lpush(name!, 'garbage')
    const rows = [{ key: keyOf('a'), cell: cellOf(PAIR, { eventMicros: 1 }), removableAfterMicros: undefined }]
    const summary = await store.write({ ...place(), part: 0, rows, packed: true, compare: () => 1 })
    expect(summary).toEqual({ written: 1, superseded: 0, unchanged: 0 })
  })
})

describe('a cluster of which one node is gone', () => {
  test.each(['SIGKILL', 'SIGSTOP'] as const)(
    'by %s gives the cells of the others, and errors in the places of its own',
    async (signal) => {
      const cluster = await startRedisCluster()
      const store = await open({ cluster: cluster.nodes, readTimeoutMillis: 1_500, silenceTimeoutMillis: 2_000 })
      const names = Array.from({ length: 60 }, (_, index) => `k${index}`)
      await Promise.all(names.map((name) => put(store, name, name)))
      const gone = cluster.servers[1]!
      gone.signal(signal)
      const readAll = () => store.read({ entity: 'Thing', keys: names.map(keyOf), cells: [CELL] })
      for (let round = 0; round < 4; round += 1) {
        const found = await readAll()
        const failed = found.filter((cell) => cell instanceof Error)
        expect(failed.length).toBeGreaterThan(5)
        expect(failed.length).toBeLessThan(40)
        for (const error of failed) expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
        found.forEach((cell, index) => {
          if (!(cell instanceof Error)) expect(Buffer.from(cellIn(cell)!).toString()).toBe(names[index])
        })
        await pause(100)
      }
      // A part of the keys is not to be taken for all of them.
      await expect(iterateAll(store)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      await expect(store.delete(place())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
      expect(await store.health()).toMatchObject({ ok: false })
      if (signal === 'SIGKILL') return
      gone.signal('SIGCONT')
      await eventually(async () => expect((await readAll()).some((cell) => cell instanceof Error)).toBe(false))
    },
  )
})

test('a cluster that is gone whole is told so at once, and is found when it is back', async () => {
  const cluster = await startRedisCluster()
  const store = await open({ cluster: cluster.nodes })
  await put(store, 'a', 'A')
  await Promise.all(cluster.servers.map((server) => server.kill()))
  for (let round = 0; round < 3; round += 1) {
    await pause(300)
    for (const call of [() => read(store, 'a'), () => put(store, 'a', 'x'), () => iterateAll(store)]) {
      await expect(call()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    }
  }
  await cluster.restart()
  await eventually(() => put(store, 'b', 'B'))
  expect(await read(store, 'b')).toBe('B')
})

test('in a cluster, writes go on by the replica that took over', async () => {
  const cluster = await startRedisCluster()
  const store = await open({ cluster: cluster.nodes })
  const names = Array.from({ length: 30 }, (_, index) => `k${index}`)
  await Promise.all(names.map((name) => put(store, name, 'before')))
  const replica = await cluster.addReplica(cluster.servers[1]!)
  await cluster.servers[1]!.kill()
  expect((await Promise.allSettled(names.map((name) => read(store, name)))).map(({ status }) => status)).toContain(
    'rejected',
  )
  await ask(replica, ['CLUSTER', 'FAILOVER', 'TAKEOVER'])
  await eventually(async () => {
    for (const name of names) expect(await read(store, name)).toBe('before')
  })
  await Promise.all(names.map((name) => put(store, name, 'after')))
  for (const name of names) expect(await read(store, name)).toBe('after')
  expect((await iterateAll(store)).length).toBe(names.length)
})

function place() {
  return { entity: 'Thing', view: CELL.view } as const
}

async function open(options: RedisOptions): Promise<OnlineStore> {
  const driver = redis({ ...options, keyPrefix: `failures:${randomUUID()}` })
  const store = await driver.open(driver.options, openContext('.'))
  onTestFinished(() => store.close())
  return store
}

function clientOf(url: string): Redis {
  const client = new Redis(url)
  onTestFinished(() => client.disconnect())
  return client
}

async function put(store: OnlineStore, name: string, text: string): Promise<void> {
  const rows = [{ key: keyOf(name), cell: utf8(text), removableAfterMicros: undefined }]
  await store.write({ ...place(), part: 0, rows, compare: () => -1 })
}

async function read(store: OnlineStore, name: string, signal?: AbortSignal): Promise<string | undefined> {
  const [found] = await store.read({ entity: 'Thing', keys: [keyOf(name)], cells: [CELL], signal })
  const cell = cellIn(found)
  return cell === undefined ? undefined : Buffer.from(cell).toString()
}

async function iterateAll(store: OnlineStore): Promise<readonly string[]> {
  const found: string[] = []
  for await (const { cell } of store.iterate({ entity: 'Thing', ...CELL })) found.push(Buffer.from(cell).toString())
  return found
}
