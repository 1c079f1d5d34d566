import { expect, test } from 'vitest'
import { fromUtf8, utf8 } from '../../../../src/lib/bytes.ts'
import { memory } from '../../../../src/stores/online/memory.ts'
import type { OnlineStore } from '../../../../src/stores/online/online-store.ts'
import { openContext } from '../../../support/open-context.ts'
import { keyOf } from '../../../support/sample-rows.ts'

const PLACE = { entity: 'Thing', view: 'v@1', part: 0 } as const
const MEBIBYTE = 2 ** 20

function open(maxBytes: unknown = MEBIBYTE): Promise<OnlineStore> {
  const driver = memory({ maxBytes: maxBytes as number })
  return driver.open(driver.options, openContext('.', { role: 'front' }))
}

async function put(store: OnlineStore, name: string, text: string, place = PLACE): Promise<void> {
  const rows = [{ key: keyOf(name), cell: utf8(text), removableAfterMicros: undefined }]
  await store.write({ ...place, rows, compare: () => -1 })
}

function textOf(store: OnlineStore, name: string): string | undefined {
  const found = store.read({ entity: 'Thing', keys: [keyOf(name)], cells: [PLACE] })
  if (found instanceof Promise) throw new Error('memory waits for nothing')
  return found[0] === undefined ? undefined : fromUtf8(found[0] as Uint8Array)
}

test('what was not asked for longest goes first, and no more is held than there is room for', async () => {
  const store = await open()
  const text = 'x'.repeat(100_000)
  for (let index = 0; index < 10; index += 1) await put(store, `k${index}`, text)
  expect(textOf(store, 'k0')).toBe(text)
  await put(store, 'k10', text)
  expect(['k0', 'k1', 'k2', 'k10'].map((name) => textOf(store, name)?.length)).toEqual([
    100_000,
    undefined,
    100_000,
    100_000,
  ])
  expect(store.counts!()).toMatchObject({ cells: 10, evictions: 1 })
  expect(store.counts!().bytes).toBeLessThanOrEqual(MEBIBYTE)
})

test('a cell that has no room of its own is not held, nor what stood in its place', async () => {
  const store = await open()
  await put(store, 'k', 'small')
  await put(store, 'k', 'x'.repeat(MEBIBYTE))
  expect(textOf(store, 'k')).toBeUndefined()
  expect(store.counts!()).toMatchObject({ cells: 0, bytes: 0 })
})

test('parts, views and keys are changed, deleted and gone through apart from each other', async () => {
  const store = await open()
  for (const name of ['b', 'a', 'c']) await put(store, name, name.toUpperCase())
  await put(store, 'a', 'other', { ...PLACE, view: 'w@1' } as never)
  const update = { entity: 'Thing', view: 'v@1', keys: [keyOf('a')], parts: [0, 7] }
  await store.updateMany({
    ...update,
    update: ([cell, none]) => {
      expect([fromUtf8(cell!), none]).toEqual(['A', undefined])
      return new Map([
        [0, utf8('changed')],
        [7, utf8('seven')],
      ])
    },
  })
  await store.delete({ entity: 'Thing', view: 'v@1', keys: [keyOf('b')] })
  const found: string[] = []
  for await (const { cell } of store.iterate(PLACE)) found.push(fromUtf8(cell))
  expect(found).toEqual(['changed', 'C'])
  await store.delete({ entity: 'Thing', view: 'v@1' })
  expect(store.counts!().cells).toBe(1)
})

test('it is closed once and for all', async () => {
  const store = await open()
  await store.close()
  await store.close()
  await expect(store.read({ entity: 'Thing', keys: [], cells: [] })).rejects.toMatchObject({ code: 'STORE_CLOSED' })
  await expect(store.health()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
})

test('its room may be a text, as the environment gives it', async () => {
  expect(await (await open(String(MEBIBYTE))).health()).toMatchObject({ ok: true })
})

test('it is no store of a deployment’s own', async () => {
  const driver = memory({ maxBytes: MEBIBYTE })
  for (const role of ['own', 'behind'] as const) {
    await expect(driver.open(driver.options, openContext('.', { role }))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('cache({ in: memory('),
    })
  }
})

test.each([undefined, '1', 1.5, MEBIBYTE - 1, 2 ** 50])('%s is no room for it', async (maxBytes) => {
  const refused = open(maxBytes === undefined ? Number.NaN : maxBytes)
  await expect(refused).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
})
