import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { fromUtf8, utf8 } from '../../../src/lib/bytes.ts'
import { cellIn, type OnlineStore } from '../../../src/stores/online/online-store.ts'
import { createRecords } from '../../../src/stores/online/records.ts'
import { keyOf } from '../../support/sample-rows.ts'
import { startStoreProcess } from '../../support/store-process.ts'
import { openFresh, openUntilOver } from './plain-cells.ts'
import type { StoreSubject } from './subject.ts'

const PLACE = { entity: 'Thing', view: 'state@1' } as const

export function updateContract(subject: StoreSubject): void {
  describe('updates', () => {
    test('leave a key that is deleted meanwhile whole or nothing of it', async () => {
      const address = await subject.fresh()
      const [writer, other] = [await openUntilOver(address), await openUntilOver(address)]
      const keys = [keyOf('k')]
      let isDone = false
      const writing = (async () => {
        for (let round = 0; round < 100; round += 1) {
          const [own, rest] = round % 2 === 0 ? [2, 3] : [3, 2]
          const changes = new Map([0, own].map((part): [number, Uint8Array | null] => [part, utf8(String(round))]))
          await writer.updateMany({ ...PLACE, keys, parts: [0, 2, 3], update: () => changes.set(rest, null) })
        }
        isDone = true
      })()
      const deleting = (async () => {
        while (!isDone) await other.delete({ ...PLACE, keys })
      })()
      while (!isDone) {
        const cells = [0, 2, 3].map((part) => ({ view: PLACE.view, part }))
        const [one, ...others] = (await other.read({ entity: 'Thing', keys, cells })).map(cellIn)
        expect(others.filter((cell) => cell !== undefined)).toEqual(one === undefined ? [] : [one])
        await pause(0)
      }
      await Promise.all([writing, deleting])
    })

    test('see the parts that they ask for, and store, delete or leave alone', async () => {
      const store = await openFresh(subject)
      const keys = [keyOf('a'), keyOf('b')]
      await store.updateMany({
        ...PLACE,
        keys,
        parts: [],
        update: (_, index) => parts({ 1: `one ${index}`, 2: 'two', 9: 'nine' }),
      })
      const seen: (readonly (string | undefined)[])[] = []
      await store.updateMany({
        ...PLACE,
        keys: keys.toReversed(),
        parts: [2, 3, 1],
        update: (current, index) => {
          seen[index] = current.map((cell) => (cell === undefined ? undefined : fromUtf8(cell)))
          return new Map([...parts({ 3: 'three' }), [2, null], [4, null]])
        },
      })
      expect(seen).toEqual([
        ['two', undefined, 'one 1'],
        ['two', undefined, 'one 0'],
      ])
      expect(await readParts(store, 'a', [1, 2, 3, 4, 9])).toEqual(['one 0', undefined, 'three', undefined, 'nine'])
    })

    test('of one key by many callers each count once', async () => {
      const store = await openFresh(subject)
      const records = createRecords(store)
      const callers = Array.from({ length: 300 }, () => records.update<number>('counter', 'shared', (n = 0) => n + 1))
      const results = await Promise.all(callers)
      expect(await records.get('counter', 'shared')).toBe(300)
      expect(new Set(results).size).toBe(300)
    })

    test('of one key by several processes each count once', async () => {
      const address = await subject.fresh()
      const records = createRecords(await openUntilOver(address))
      const others = [1, 2].map(() => startStoreProcess('increment', address, { times: 150 }))
      for (let time = 0; time < 150; time += 1) await records.update<number>('counter', 'shared', (n = 0) => n + 1)
      await Promise.all(others.map((other) => other.finished()))
      expect(await records.get('counter', 'shared')).toBe(450)
    })

    test('store all parts of a key or none, also where the function throws for another key', async () => {
      const store = await openFresh(subject)
      const keys = ['a', 'b', 'c'].map(keyOf)
      await store.updateMany({ ...PLACE, keys, parts: [], update: () => parts({ 1: 'old', 2: 'old' }) })
      const failure = new Error('no')
      const failed = store.updateMany({
        ...PLACE,
        keys,
        parts: [1],
        update: (_, index) => {
          if (index === 2) throw failure
          return parts({ 1: 'new', 2: 'new' })
        },
      })
      await expect(failed).rejects.toBe(failure)
      for (const name of ['a', 'b']) {
        const [one, two] = await readParts(store, name, [1, 2])
        expect(one).toBe(two)
      }
      expect(await readParts(store, 'c', [1, 2])).toEqual(['old', 'old'])
    })

    test('never show half of a key to a reader', async () => {
      const store = await openFresh(subject)
      let isDone = false
      const writing = (async () => {
        for (let round = 0; round < 200; round += 1) {
          const both = parts({ 1: String(round), 2: String(round) })
          await store.updateMany({ ...PLACE, keys: [keyOf('a')], parts: [], update: () => both })
        }
        isDone = true
      })()
      while (!isDone) {
        const [one, two] = await readParts(store, 'a', [1, 2])
        expect(one).toBe(two)
        await new Promise(setImmediate)
      }
      await writing
    })
  })
}

function parts(texts: Readonly<Record<number, string>>): ReadonlyMap<number, Uint8Array> {
  return new Map(Object.entries(texts).map(([part, text]) => [Number(part), utf8(text)]))
}

async function readParts(store: OnlineStore, name: string, numbers: readonly number[]) {
  const cells = numbers.map((part) => ({ view: PLACE.view, part }))
  const found = await store.read({ entity: PLACE.entity, keys: [keyOf(name)], cells })
  return found.map((cell) => (cell === undefined ? undefined : fromUtf8(cell as Uint8Array)))
}
