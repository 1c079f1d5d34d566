import { afterAll, beforeAll, expect, test } from 'vitest'
import { utf8 } from '../../../../src/lib/bytes.ts'
import { lmdb } from '../../../../src/stores/online/lmdb.ts'
import type { OnlineStore, ReadRequest } from '../../../../src/stores/online/online-store.ts'
import { type StoreListener, watchedStore } from '../../../../src/stores/online/watched-store.ts'
import { type FaultyStore, faultyStore } from '../../../support/faulty-store.ts'
import { openContext } from '../../../support/open-context.ts'
import { fileFolder } from '../../../support/temporary-folder.ts'

let real: OnlineStore
let faulty: FaultyStore
beforeAll(async () => {
  real = await lmdb({ path: 'online' }).open({ path: 'online' }, openContext(await fileFolder()))
  faulty = faultyStore(real)
})
afterAll(() => real.close())

/** What a listener is told, durations aside. */
function listening(store: OnlineStore) {
  const told: unknown[] = []
  const listener: StoreListener = {
    onRead: (keys, cells, millis) => void told.push(['read', keys, cells, millis >= 0]),
    onCells: (failed, stale) => void told.push(['cells', failed, stale]),
    onCall: (call, millis) => void told.push([call, millis >= 0]),
    onError: (call, error) => void told.push(['error', call, (error as { code?: string }).code]),
  }
  return { store: watchedStore(store, listener), told }
}

const request: ReadRequest = {
  entity: 'Thing',
  keys: ['a', 'b', 'c'].map(utf8),
  cells: [
    { view: 'x@1', part: 0 },
    { view: 'y@1', part: 0 },
  ],
}

test('a read that is answered at once stays so, and is told of', () => {
  const { store, told } = listening(real)
  expect(store.read(request)).toEqual([undefined, undefined, undefined, undefined, undefined, undefined])
  expect(told).toEqual([['read', 3, 2, true]])
})

test('a read that is waited for tells of cells that failed; one that fails is passed on', async () => {
  const { store, told } = listening(faulty.store)
  faulty.fault = { failingKeys: [1] }
  expect((await store.read(request)).filter((cell) => cell instanceof Error)).toHaveLength(2)
  expect(told.splice(0)).toEqual([
    ['read', 3, 2, true],
    ['cells', 2, 0],
  ])
  faulty.fault = 'refuses'
  await expect(store.read(request)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
  expect(told).toEqual([
    ['read', 3, 2, true],
    ['error', 'read', 'STORE_UNAVAILABLE'],
  ])
})

test('every other call is told of, and what it throws is passed on', async () => {
  const { store, told } = listening(real)
  const write = { entity: 'Thing', view: 'x@1', part: 0, rows: [], compare: () => 0 }
  const update = () => {
    throw new Error('no')
  }
  await store.write(write)
  await expect(
    store.updateMany({ ...{ entity: 'Thing', view: 'x@1', parts: [0] }, keys: [utf8('a')], update }),
  ).rejects.toThrow('no')
  expect((await store.health()).ok).toBe(true)
  await store.prepare({ views: [] }, { dryRun: true })
  await store.delete({ entity: 'Thing', view: 'x@1' })
  for await (const row of store.iterate({ entity: 'Thing', view: 'x@1', part: 0 })) expect.unreachable(String(row.key))
  expect(told.map((one) => (one as readonly unknown[])[0])).toEqual([
    ...['write', 'error', 'updateMany', 'health', 'prepare', 'delete'],
  ])
})

test('what a store says of itself is not changed', () => {
  const counts = () => ({ hits: 1 })
  const { store } = listening({ ...real, mergesReads: true, counts })
  expect([store.mergesReads, store.counts]).toEqual([true, counts])
  expect('counts' in listening(real).store).toBe('counts' in real)
})
