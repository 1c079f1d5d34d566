import { describe, expect, test } from 'vitest'
import { utf8 } from '../../../src/lib/bytes.ts'
import { keyOf } from '../../support/sample-rows.ts'
import { openFresh, put, textsOf } from './plain-cells.ts'
import type { StoreSubject } from './subject.ts'

export function wholeViewContract(subject: StoreSubject): void {
  /** What `iterate` should give, in the order in which it should be. */
  const inOrder = (found: readonly (readonly [string, string])[]) =>
    subject.isOrdered ? found : found.toSorted(([a], [b]) => (a < b ? -1 : 1))

  describe('iterate', () => {
    test('gives the keys of one view version that have the part, with their cells', async () => {
      const store = await openFresh(subject)
      await put(store, 'v@1', { b: 'B', a: 'A', c: 'C' })
      await put(store, 'v@10', { a: 'other', z: 'other' })
      const rows = [{ key: keyOf('d'), cell: utf8('part one'), removableAfterMicros: undefined }]
      await store.write({ entity: 'Thing', view: 'v@1', part: 1, rows, compare: () => -1 })
      const other = [{ key: keyOf('e'), cell: utf8('of another'), removableAfterMicros: undefined }]
      await store.write({ entity: 'Thin', view: 'v@1', part: 0, rows: other, compare: () => -1 })
      expect(inOrder(await textsOf(store, 'v@1'))).toEqual([
        ['a', 'A'],
        ['b', 'B'],
        ['c', 'C'],
      ])
      expect(await textsOf(store, 'nothing@1')).toEqual([])
    })

    test('goes on after a key, whether it is there or not', async () => {
      const store = await openFresh(subject)
      const names = ['', '\0', '\x01', 'a', 'a\0', 'a\x01', 'aa', 'b', 'ÿ', '東', '😀']
      await put(store, 'v@1', Object.fromEntries(names.map((name) => [name, name])))
      await put(store, 'w@1', Object.fromEntries(names.map((name) => [name, name])))
      const all = (await textsOf(store, 'v@1')).map(([, text]) => text)
      if (subject.isOrdered) expect(all).toEqual(names)
      for (const [index, name] of all.entries()) {
        expect((await textsOf(store, 'v@1', name)).map(([, text]) => text)).toEqual(all.slice(index + 1))
      }
      if (subject.isOrdered) expect((await textsOf(store, 'v@1', 'aab')).map(([, text]) => text)).toEqual(all.slice(7))
    })

    test('gives every key once of many, while others write', async () => {
      const store = await openFresh(subject)
      const names = Array.from({ length: 7_000 }, (_, index) => `k${String(index).padStart(5, '0')}`)
      await put(store, 'v@1', Object.fromEntries(names.map((name) => [name, name])))
      await put(store, 'w@1', Object.fromEntries(names.map((name) => [name, name])))
      const found: string[] = []
      let writing: Promise<void> | undefined
      for await (const { cell } of store.iterate({ entity: 'Thing', view: 'v@1', part: 0 })) {
        if (found.length % 1_000 === 500) writing = put(store, 'w@1', { [`new ${found.length}`]: 'new' })
        await writing
        found.push(Buffer.from(cell).toString('utf8'))
      }
      expect(subject.isOrdered ? found : found.toSorted()).toEqual(names)
    })

    test('may be left in the middle', async () => {
      const store = await openFresh(subject)
      await put(store, 'v@1', { a: 'A', b: 'B', c: 'C' })
      for await (const _ of store.iterate({ entity: 'Thing', view: 'v@1', part: 0 })) break
      await put(store, 'v@1', { d: 'D' })
      expect((await textsOf(store, 'v@1')).length).toBe(4)
    })
  })

  describe('delete', () => {
    test('of keys removes all their parts of one view version, and nothing else', async () => {
      const store = await openFresh(subject)
      for (const view of ['v@1', 'v@10', 'vv@1']) await put(store, view, { a: 'A', aa: 'AA', b: 'B' })
      const all = [0, 7, 300]
      await store.updateMany({
        ...{ entity: 'Thing', view: 'v@1', keys: [keyOf('a'), keyOf('b')], parts: [] },
        update: () => new Map(all.map((part) => [part, utf8('x')])),
      })
      await store.delete({ entity: 'Thing', view: 'v@1', keys: [keyOf('a'), keyOf('nobody')] })
      const cells = all.map((part) => ({ view: 'v@1', part }))
      expect(await store.read({ entity: 'Thing', keys: [keyOf('a')], cells })).toEqual([
        undefined,
        undefined,
        undefined,
      ])
      expect((await textsOf(store, 'v@1')).map(([name]) => name).toSorted()).toEqual(['aa', 'b'])
      for (const view of ['v@10', 'vv@1']) expect((await textsOf(store, view)).length).toBe(3)
    })

    test('of a view version removes it whole, and nothing else', async () => {
      const store = await openFresh(subject)
      const many = Object.fromEntries(Array.from({ length: 6_000 }, (_, index) => [`k${index}`, 'x']))
      for (const view of ['v@1', 'v@10', 'vv@1']) await put(store, view, many)
      await store.updateMany({
        ...{ entity: 'Thing', view: 'v@1', keys: [keyOf('only part 5')], parts: [] },
        update: () => new Map([[5, utf8('x')]]),
      })
      await store.delete({ entity: 'Thing', view: 'v@1' })
      expect(await textsOf(store, 'v@1')).toEqual([])
      const left = await store.read({
        entity: 'Thing',
        keys: [keyOf('only part 5')],
        cells: [{ view: 'v@1', part: 5 }],
      })
      expect(left).toEqual([undefined])
      for (const view of ['v@10', 'vv@1']) expect((await textsOf(store, view)).length).toBe(6_000)
    })
  })
}
