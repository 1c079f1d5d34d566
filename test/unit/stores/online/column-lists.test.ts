import { describe, expect, test } from 'vitest'
import { utf8 } from '../../../../src/lib/bytes.ts'
import { columnListOf, createColumnLists, RESERVED_ENTITY } from '../../../../src/stores/online/column-lists.ts'
import { encodeText } from '../../../../src/stores/online/key-codec.ts'
import type { OnlineStore } from '../../../../src/stores/online/online-store.ts'
import { openLmdb } from '../../../support/open-lmdb.ts'
import { PAIR, TRIPLE } from '../../../support/sample-rows.ts'

/** The store with its reads counted. */
function counted(store: OnlineStore): { readonly store: OnlineStore; readonly reads: () => number } {
  let reads = 0
  const read: OnlineStore['read'] = (request) => {
    reads += 1
    return store.read(request)
  }
  return { store: { ...store, read }, reads: () => reads }
}

describe('column lists', () => {
  test('are recorded by one process and fetched by another, once', async () => {
    const store = await openLmdb()
    const writer = createColumnLists(store)
    for (const list of [PAIR, TRIPLE]) await writer.record(list)
    const { store: observed, reads } = counted(store)
    const reader = createColumnLists(observed)
    expect(reader.get(PAIR.fingerprint)).toBeUndefined()
    const both = [PAIR.fingerprint, TRIPLE.fingerprint, PAIR.fingerprint]
    await Promise.all([reader.load(both), reader.load(both), reader.load([TRIPLE.fingerprint])])
    await reader.load(both)
    expect(reads()).toBe(1)
    expect([reader.get(PAIR.fingerprint), reader.get(TRIPLE.fingerprint)]).toEqual([PAIR, TRIPLE])
  })

  test('that are nowhere are not asked for again at once, and found as soon as they are recorded here', async () => {
    const { store, reads } = counted(await openLmdb())
    const lists = createColumnLists(store)
    await lists.load([PAIR.fingerprint])
    await lists.load([PAIR.fingerprint])
    expect(reads()).toBe(1)
    expect(lists.get(PAIR.fingerprint)).toBeUndefined()
    await lists.record(PAIR)
    expect(lists.get(PAIR.fingerprint)).toEqual(PAIR)
  })

  test('may be recorded by many at once', async () => {
    const store = await openLmdb()
    await Promise.all(Array.from({ length: 20 }, () => createColumnLists(store).record(PAIR)))
    const lists = createColumnLists(store)
    await lists.load([PAIR.fingerprint])
    expect(lists.get(PAIR.fingerprint)).toEqual(PAIR)
  })

  test('that are not what their name says are CELL_CORRUPT', async () => {
    const store = await openLmdb()
    const wrong = new Map([[0, utf8(JSON.stringify([['a', { kind: 'int32' }, 'null']]))]])
    await store.updateMany({
      ...{ entity: RESERVED_ENTITY, view: 'columnList@1', keys: [encodeText(PAIR.fingerprint)], parts: [] },
      update: () => wrong,
    })
    const lists = createColumnLists(store)
    await expect(lists.load([PAIR.fingerprint])).rejects.toMatchObject({ code: 'CELL_CORRUPT' })
    expect(lists.get(PAIR.fingerprint)).toBeUndefined()
  })

  test('cannot be fetched from a closed store, and are asked for again', async () => {
    const store = await openLmdb()
    await store.close()
    const lists = createColumnLists(store)
    for (let time = 0; time < 2; time += 1) {
      await expect(lists.load([PAIR.fingerprint])).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    }
  })

  test('are made of a view’s features', () => {
    expect(columnListOf({ features: PAIR.columns })).toEqual(PAIR)
  })
})
