import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { cellIn, type OnlineStore } from '../../src/stores/online/online-store.ts'
import { redis } from '../../src/stores/online/redis.ts'
import { eventually } from '../support/eventually.ts'
import { openContext } from '../support/open-context.ts'
import { keyOf } from '../support/sample-rows.ts'
import { programOf, REDIS } from '../support/services/find-service.ts'
import { type LocalServer, startLocalServer } from '../support/services/local-server.ts'
import { startRedis } from '../support/services/redis.ts'
import { ask } from '../support/services/redis-cluster.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

test('behind sentinels, writes go on by the replica that took over', { timeout: 60_000 }, async () => {
  const master = await startRedis()
  const replica = await startRedis({ words: ['--replicaof', `127.0.0.1 ${master.port}`] })
  const sentinels = [await startSentinel(master.port), await startSentinel(master.port)]
  await eventually(async () => expect(await info(replica.port)).toContain('master_link_status:up'))
  await eventually(async () => expect(await sentinelsKnow(sentinels)).toBe(true))

  const driver = redis({ sentinels: sentinels.map(({ port }) => `127.0.0.1:${port}`), name: 'rows' })
  const store = await driver.open(driver.options, openContext('.'))
  onTestFinished(() => store.close())
  await put(store, 'before')
  await eventually(async () => expect(await info(replica.port)).toMatch(/db0:keys=1/))

  await master.kill()
  await expect(put(store, 'lost')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  await eventually(() => put(store, 'after'))
  const found = await store.read({
    entity: 'Thing',
    keys: ['before', 'after'].map(keyOf),
    cells: [{ view: 'v@1', part: 0 }],
  })
  expect(found.map((cell) => Buffer.from(cellIn(cell)!).toString())).toEqual(['before', 'after'])
  expect(await info(replica.port)).toContain('role:master')
})

/** The word `redis-server` runs as a sentinel, too; it writes what it learns into its file. */
async function startSentinel(masterPort: number): Promise<LocalServer> {
  const file = join(await temporaryFolder(), 'sentinel.conf')
  const lines = [
    `sentinel monitor rows 127.0.0.1 ${masterPort} 2`,
    'sentinel down-after-milliseconds rows 500',
    'sentinel failover-timeout rows 3000',
  ]
  await writeFile(file, `${lines.join('\n')}\n`)
  const words = (port: number) => [file, '--port', String(port), '--bind', '127.0.0.1', '--sentinel']
  return startLocalServer({ program: await programOf(REDIS), words })
}

async function sentinelsKnow(sentinels: readonly LocalServer[]): Promise<boolean> {
  const answers = await Promise.all(sentinels.map(({ port }) => ask({ port }, ['SENTINEL', 'MASTER', 'rows'])))
  return answers.every((answer) => {
    const fields = answer.split(',')
    const field = (name: string) => fields[fields.indexOf(name) + 1]
    return field('num-slaves') === '1' && field('num-other-sentinels') === '1'
  })
}

function info(port: number): Promise<string> {
  return ask({ port }, ['INFO'])
}

async function put(store: OnlineStore, name: string): Promise<void> {
  const rows = [{ key: keyOf(name), cell: utf8(name), removableAfterMicros: undefined }]
  await store.write({ entity: 'Thing', view: 'v@1', part: 0, rows, compare: () => -1 })
}
