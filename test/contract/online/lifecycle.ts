import { describe, expect, test } from 'vitest'
import type { OnlineStore } from '../../../src/stores/online/online-store.ts'
import { batchOf, batchOfKilled, keyOf, partsOfKilled } from '../../support/sample-rows.ts'
import { openStore, startStoreProcess } from '../../support/store-process.ts'
import { openFresh, openUntilOver, put, textsOf } from './plain-cells.ts'
import { type StoreSubject, untilSeen } from './subject.ts'

const ROW = { view: 'v@1', part: 0 } as const

export function lifecycleContract(subject: StoreSubject): void {
  describe('lifecycle', () => {
    test('what was written is there when the store is opened again', async () => {
      const address = await subject.fresh()
      const first = await openStore(address)
      await put(first, 'v@1', { a: 'A' })
      await first.close()
      expect(await textsOf(await openUntilOver(address), 'v@1')).toEqual([['a', 'A']])
    })

    test('a store may be open twice, and each sees at once what the other was told is stored', async () => {
      const address = await subject.fresh()
      const [one, two] = [await openUntilOver(address), await openUntilOver(address)]
      for (let round = 0; round < 50; round += 1) {
        await put(one, 'v@1', { a: `round ${round}` })
        await untilSeen(subject)
        expect(await textsOf(two, 'v@1')).toEqual([['a', `round ${round}`]])
      }
      await one.close()
      await put(two, 'v@1', { a: 'alone' })
      expect(await textsOf(two, 'v@1')).toEqual([['a', 'alone']])
    })

    test('a process sees at once what another was told is stored', async () => {
      const address = await subject.fresh()
      const store = await openUntilOver(address)
      const other = startStoreProcess('writeOnDemand', address, null)
      expect(await other.next()).toBe('ready')
      const read = () => store.read({ entity: 'Thing', keys: [keyOf('seen')], cells: [{ view: 'pair@1', part: 0 }] })
      let last: Uint8Array | undefined
      for (let round = 1; round <= 100; round += 1) {
        other.send({ key: 'seen', eventMicros: round })
        // A read just before must not keep an old picture of the store alive.
        const written = other.next()
        await read()
        await written
        await untilSeen(subject)
        const [cell] = await read()
        expect(Buffer.compare(cell as Uint8Array, last ?? new Uint8Array(0))).not.toBe(0)
        last = cell as Uint8Array
      }
      other.send(null)
      await other.finished()
    })

    test('close waits for the calls in flight', async () => {
      const address = await subject.fresh()
      const store = await openStore(address)
      const writes = Array.from({ length: 30 }, (_, index) => put(store, 'v@1', { [`k${index}`]: 'x' }))
      const reads = Array.from({ length: 30 }, () => store.read({ entity: 'Thing', keys: [keyOf('k1')], cells: [ROW] }))
      const closes = [store.close(), store.close()]
      const outcomes = await Promise.allSettled([...writes, ...reads, ...closes])
      expect(outcomes.filter(({ status }) => status === 'rejected')).toEqual([])
      expect((await textsOf(await openUntilOver(address), 'v@1')).length).toBe(30)
    })

    test('every call after close is STORE_CLOSED, and closing again does nothing', async () => {
      const store = await openFresh(subject)
      await put(store, 'v@1', Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, 'x'])))
      const begun = store.iterate({ entity: 'Thing', ...ROW })[Symbol.asyncIterator]()
      await begun.next()
      await store.close()
      await store.close()
      for (const call of everyCall(store)) {
        await expect(call()).rejects.toMatchObject({ code: 'STORE_CLOSED', retryable: true })
      }
      const rest = async () => {
        for (let step = await begun.next(); step.done !== true; ) step = await begun.next()
      }
      await expect(rest()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    })

    test('says that it is well, and has nothing to prepare twice', async () => {
      const store = await openFresh(subject)
      expect(await store.health()).toEqual({ ok: true, detail: expect.stringMatching(/./) })
      const plan = { views: [{ entity: 'Thing', view: 'v@1' }] }
      const planned = await store.prepare(plan, { dryRun: true })
      expect(await store.prepare(plan, { dryRun: true })).toEqual(planned)
      await store.prepare(plan, { dryRun: false })
      expect(await store.prepare(plan, { dryRun: true })).toEqual([])
      await put(store, 'v@1', { a: 'A' })
      await store.prepare(plan, { dryRun: false })
      expect(await textsOf(store, 'v@1')).toEqual([['a', 'A']])
    })

    test('a killed writer loses nothing that was acknowledged, and leaves no half of a row', async () => {
      const address = await subject.fresh()
      // Of a batch that was not acknowledged, some rows may stand.
      const acknowledged: number[] = []
      let from = 1
      for (const millis of [0, 7, 23, 61]) {
        const writer = startStoreProcess('writeUntilKilled', address, { from })
        await writer.next()
        await new Promise((resolve) => setTimeout(resolve, millis))
        await writer.kill()
        acknowledged.push(...(writer.said as number[]))
        from = await expectAllThere(await openUntilOver(address), acknowledged)
      }
      // And the next one writes on.
      const store = await openUntilOver(address)
      await store.write({ ...batchOfKilled(from), compare: () => -1 })
      await store.updateMany(partsOfKilled(from))
      await expectAllThere(store, [...acknowledged, from])
    })
  })
}

function everyCall(store: OnlineStore): readonly (() => Promise<unknown>)[] {
  const place = { entity: 'Thing', view: 'v@1' } as const
  const keys = [keyOf('a')]
  return [
    async () => store.read({ entity: 'Thing', keys, cells: [ROW] }),
    () => store.write({ ...place, part: 0, rows: [], compare: () => -1 }),
    () => store.updateMany({ ...place, keys, parts: [0], update: () => new Map() }),
    () => store.delete(place),
    () =>
      store
        .iterate({ ...place, part: 0 })
        [Symbol.asyncIterator]()
        .next(),
    () => store.prepare({ views: [] }, { dryRun: false }),
    () => store.health(),
  ]
}

/** Checks every batch that was acknowledged, and gives the first number that nothing was written with. */
async function expectAllThere(store: OnlineStore, acknowledged: readonly number[]): Promise<number> {
  const rowsOf = new Map<number, number>()
  for await (const { cell } of store.iterate({ entity: 'Thing', view: 'killed@1', part: 0 })) {
    const batch = batchOf(cell)
    rowsOf.set(batch, (rowsOf.get(batch) ?? 0) + 1)
  }
  for (const batch of acknowledged) expect([batch, rowsOf.get(batch)]).toEqual([batch, 50])
  const cells = [1, 2, 300].map((part) => ({ view: 'killed@1', part }))
  const parts = await store.read({ entity: 'Thing', keys: [keyOf('parts')], cells })
  const [one, two, three] = parts.map((cell) => batchOf(cell as Uint8Array))
  expect([two, three]).toEqual([one, one])
  expect(one).toBeGreaterThanOrEqual(Math.max(...acknowledged))
  return Math.max(...rowsOf.keys(), one!) + 1
}
