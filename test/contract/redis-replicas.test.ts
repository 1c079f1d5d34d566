import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished, test } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { redis } from '../../src/stores/online/redis.ts'
import { openContext } from '../support/open-context.ts'
import { keyOf } from '../support/sample-rows.ts'
import { startRedis } from '../support/services/redis.ts'
import { ask } from '../support/services/redis-cluster.ts'

test('where it is asked for, a write is acknowledged when replicas have it, and reads do not wait for them', async () => {
  const master = await startRedis()
  const replica = await startRedis({ words: ['--replicaof', `127.0.0.1 ${master.port}`] })
  const driver = redis({ url: master.url, waitForReplicas: '1', silenceTimeoutMillis: 3_000 })
  const store = await driver.open(driver.options, openContext('.'))
  onTestFinished(() => store.close())
  const put = (name: string) => {
    const rows = [{ key: keyOf(name), cell: utf8('x'), removableAfterMicros: undefined }]
    return store.write({ entity: 'Thing', view: 'v@1', part: 0, rows, compare: () => -1 })
  }
  const read = async (name: string) => {
    const [cell] = await store.read({ entity: 'Thing', keys: [keyOf(name)], cells: [{ view: 'v@1', part: 0 }] })
    return cell !== undefined
  }
  for (let tries = 0; tries < 50 && (await put('a').catch(() => undefined)) === undefined; tries += 1) await pause(100)
  expect(await put('b')).toEqual({ written: 1, superseded: 0, unchanged: 0 })
  replica.signal('SIGSTOP')
  const waiting = put('c')
  expect(await read('b')).toBe(true)
  await expect(waiting).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringContaining('0 of 1 replicas'),
  })
  replica.signal('SIGCONT')
  expect(await put('d')).toEqual({ written: 1, superseded: 0, unchanged: 0 })
})

test('writes to a replica say what it is, and do not take the connection from reads each time', async () => {
  const master = await startRedis()
  const replica = await startRedis({ words: ['--replicaof', `127.0.0.1 ${master.port}`] })
  const driver = redis({ url: replica.url })
  const store = await driver.open(driver.options, openContext('.'))
  onTestFinished(() => store.close())
  const connections = async () =>
    Number(/total_connections_received:(\d+)/.exec(await ask(replica, ['INFO', 'stats']))![1])
  const rows = [{ key: keyOf('a'), cell: utf8('x'), removableAfterMicros: undefined }]
  const put = async () => store.write({ entity: 'Thing', view: 'v@1', part: 0, rows, compare: () => -1 })
  const read = async () => store.read({ entity: 'Thing', keys: [keyOf('a')], cells: [{ view: 'v@1', part: 0 }] })
  const [before, start] = [await connections(), performance.now()]
  for (let times = 0; times < 20; times += 1) {
    await expect(put()).rejects.toMatchObject({ message: expect.stringMatching(/READONLY.*It is a replica/) })
    await expect.poll(() => read().catch(() => 'not connected'), { interval: 5, timeout: 10_000 }).toEqual([undefined])
  }
  const seconds = (performance.now() - start) / 1_000
  // Two are our own questions.
  expect((await connections()) - before).toBeLessThanOrEqual(2 + seconds + 1)
})
