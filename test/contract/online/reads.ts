import { describe, expect, test } from 'vitest'
import { utf8 } from '../../../src/lib/bytes.ts'
import { encodeKey, MAX_KEY_BYTES } from '../../../src/stores/online/key-codec.ts'
import { type CellBatch, cellIn, type OnlineStore } from '../../../src/stores/online/online-store.ts'
import { keyOf } from '../../support/sample-rows.ts'
import { openFresh, put, textsOf } from './plain-cells.ts'
import type { StoreSubject } from './subject.ts'

const ROW = { view: 'v@1', part: 0 } as const

export function readContract(subject: StoreSubject): void {
  describe('reads', () => {
    test('come in the order asked, with duplicates, and undefined where there is nothing', async () => {
      const store = await openFresh(subject)
      await put(store, 'v@1', { a: 'a in v', b: 'b in v' })
      await put(store, 'w@1', { b: 'b in w' })
      const cells = [{ view: 'w@1', part: 0 }, ROW]
      const keys = ['b', 'a', 'nobody', 'b'].map(keyOf)
      const found = await store.read({ entity: 'Thing', keys, cells })
      const texts = ['b in w', 'b in v', undefined, 'a in v', undefined, undefined, 'b in w', 'b in v']
      expect(found.map(textOf)).toEqual(texts)
    })

    test('of nothing are nothing', async () => {
      const store = await openFresh(subject)
      expect(await store.read({ entity: 'Thing', keys: [], cells: [ROW] })).toEqual([])
      expect(await store.read({ entity: 'Thing', keys: [keyOf('a')], cells: [] })).toEqual([])
      const summary = await store.write({ entity: 'Thing', ...ROW, rows: [], compare: () => -1 })
      expect(summary).toEqual({ written: 0, superseded: 0, unchanged: 0 })
      await store.updateMany({ entity: 'Thing', view: 'v@1', keys: [], parts: [0], update: () => new Map() })
      await store.delete({ entity: 'Thing', view: 'v@1', keys: [] })
      await store.delete({ entity: 'Thing', view: 'v@1' })
    })

    test('that wait reject with the reason of their signal', async () => {
      const store = await openFresh(subject)
      await put(store, 'v@1', { a: 'a in v' })
      const reason = new Error('given up')
      const signal = AbortSignal.abort(reason)
      const reading = store.read({ entity: 'Thing', keys: [keyOf('a')], cells: [ROW], signal })
      if (reading instanceof Promise) await expect(reading).rejects.toBe(reason)
      else expect(reading.map(textOf)).toEqual(['a in v'])
    })

    test('give one cell that is asked for twice twice', async () => {
      const store = await openFresh(subject)
      await put(store, 'v@1', { a: 'a in v' })
      const found = await store.read({ entity: 'Thing', keys: [keyOf('a')], cells: [ROW, ROW] })
      expect(found.map(textOf)).toEqual(['a in v', 'a in v'])
    })

    test('find cells of one key beside each other, however they grow and shrink', async () => {
      const store = await openFresh(subject)
      const views = ['v@1', 'w@1', 'x@1']
      const expected = new Map<string, string>()
      const sizes = [10, 40_000, 16_384, 16_385, 200_000, 0, 10, 17_000]
      for (const [step, size] of sizes.entries()) {
        const view = views[step % views.length]!
        expected.set(view, `${step} `.padEnd(size, 'x'))
        await put(store, view, { a: expected.get(view)! })
        const cells = views.map((name) => ({ view: name, part: 0 }))
        const found = await store.read({ entity: 'Thing', keys: [keyOf('a'), keyOf('b')], cells })
        expect(found.map(textOf)).toEqual([...views.map((name) => expected.get(name)), undefined, undefined, undefined])
      }
      await store.delete({ entity: 'Thing', view: 'w@1', keys: [keyOf('a')] })
      await store.delete({ entity: 'Thing', view: 'x@1' })
      for (const view of ['w@1', 'x@1']) expect(await textsOf(store, view)).toEqual([])
      expect(await textsOf(store, 'v@1')).toEqual([['a', expected.get('v@1')]])
    })

    test('find the cells of hundreds of views of one key, few or all of them, however long they are together', async () => {
      const store = await openFresh(subject)
      const views = Array.from({ length: 300 }, (_, index) => `v${index}@1`)
      const fill = (view: string, length: number) => view.padEnd(length, '.')
      const read = async (asked: readonly string[]) => {
        const cells = asked.map((view) => ({ view, part: 0 }))
        const found = await store.read({ entity: 'Thing', keys: [keyOf('a'), keyOf('nothing')], cells })
        return found.map(textOf)
      }
      const nothing = views.map(() => undefined)
      for (const length of [20, 900, 20]) {
        for (const view of views) await put(store, view, { a: fill(view, length) })
        expect(await read(views)).toEqual([...views.map((view) => fill(view, length)), ...nothing])
        const few = ['v299@1', 'v7@1', 'none@1']
        const expected = [fill('v299@1', length), fill('v7@1', length), undefined]
        expect(await read(few)).toEqual([...expected, undefined, undefined, undefined])
      }
      for (const view of views.slice(0, 299)) await store.delete({ entity: 'Thing', view })
      expect(await read(views)).toEqual([...nothing.slice(1), fill('v299@1', 20), ...nothing])
    })

    test('keep entities, views and parts of like names apart', async () => {
      const store = await openFresh(subject)
      const places = ['A', 'AB', 'A_'].flatMap((entity) =>
        ['v@1', 'v@10', 'v@11', 'vv@1', 'A@1'].flatMap((view) => [0, 1, 256].map((part) => ({ entity, view, part }))),
      )
      const key = keyOf('A')
      for (const place of places) {
        const rows = [{ key, cell: utf8(JSON.stringify(place)), removableAfterMicros: undefined }]
        await store.write({ ...place, rows, compare: () => -1 })
      }
      for (const { entity, view, part } of places) {
        const found = await store.read({ entity, keys: [key], cells: [{ view, part }] })
        expect(found.map(textOf)).toEqual([JSON.stringify({ entity, view, part })])
      }
    })

    test('give bytes that are the caller’s, and writes keep none of the writer’s', async () => {
      const store = await openFresh(subject)
      const cell = utf8('as written')
      const rows = [{ key: keyOf('a'), cell, removableAfterMicros: undefined }]
      await store.write({ entity: 'Thing', ...ROW, rows, compare: () => -1 })
      cell.fill(0)
      const first = await readOne(store, keyOf('a'))
      const other = await readOne(store, keyOf('nobody'))
      expect([textOf(first), other]).toEqual(['as written', undefined])
      first!.fill(0)
      expect(textOf(await readOne(store, keyOf('a')))).toBe('as written')
    })

    test('take 10,000 keys in one call', async () => {
      const store = await openFresh(subject)
      const names = Array.from({ length: 10_000 }, (_, index) => `key ${index}`)
      await put(store, 'v@1', Object.fromEntries(names.map((name) => [name, name])))
      const asked = names.toReversed()
      const found = await store.read({
        entity: 'Thing',
        keys: asked.map(keyOf),
        cells: [ROW, { view: 'w@1', part: 0 }],
      })
      expect(found.length).toBe(20_000)
      expect(found.flatMap((cell, index) => (index % 2 === 0 ? [textOf(cell)] : []))).toEqual(asked)
      expect(found.every((cell, index) => index % 2 === 0 || cell === undefined)).toBe(true)
    })

    test('find keys and values of any text', async () => {
      const store = await openFresh(subject)
      const texts = ['', '\0', '\0\0', '\x01', 'a\0b', 'ÿ', '東京', '😀', '\u{10ffff}', 'e\u0301', 'é']
      await put(store, 'v@1', Object.fromEntries(texts.map((text) => [text, `value ${text}`])))
      const found = await store.read({ entity: 'Thing', keys: texts.map(keyOf), cells: [ROW] })
      expect(found.map(textOf)).toEqual(texts.map((text) => `value ${text}`))
    })

    test('find the longest keys, and refuse longer and empty ones', async () => {
      const store = await openFresh(subject)
      const shape = { name: 'Thing', keys: [{ name: 'name', dtype: { kind: 'string' } }] } as const
      const long = ['a', 'b'].map((end) => encodeKey(shape, ['x'.repeat(MAX_KEY_BYTES - 2) + end]))
      const [entity, view] = ['Entity'.repeat(40), `${'view'.repeat(60)}@1`]
      const rows = long.map((key, index) => ({ key, cell: utf8(String(index)), removableAfterMicros: undefined }))
      await store.write({ entity, view, part: 65_535, rows, compare: () => -1 })
      const found = await store.read({ entity, keys: long, cells: [{ view, part: 65_535 }] })
      expect(found.map(textOf)).toEqual(['0', '1'])
      for (const key of [new Uint8Array(0), new Uint8Array(MAX_KEY_BYTES + 1)]) {
        const refused = expect.objectContaining({ code: 'KEY_INVALID' })
        await expect(store.read({ entity, keys: [key], cells: [ROW] })).rejects.toEqual(refused)
        const bad = [{ key, cell: utf8('x'), removableAfterMicros: undefined }]
        await expect(store.write({ entity, ...ROW, rows: bad, compare: () => -1 })).rejects.toEqual(refused)
      }
    })

    test.each([1 << 20, subject.largestCellBytes])('hold a cell of %d bytes', async (length) => {
      const store = await openFresh(subject)
      const cell = Uint8Array.from({ length }, (_, index) => (index * 31 + (index >> 8)) & 0xff)
      const names = ['big', 'also big']
      const rows = names.map((name) => ({ key: keyOf(name), cell, removableAfterMicros: undefined }))
      await store.write({ entity: 'Thing', ...ROW, rows, compare: () => -1 })
      await put(store, 'v@1', { small: 'small' })
      const found = await store.read({ entity: 'Thing', keys: ['big', 'small', 'also big'].map(keyOf), cells: [ROW] })
      expect([found[0], found[2]].every((big) => Buffer.compare(big as Uint8Array, cell) === 0)).toBe(true)
      expect(textOf(found[1])).toBe('small')
      const iterated: number[] = []
      for await (const row of store.iterate({ entity: 'Thing', ...ROW })) iterated.push(row.cell.byteLength)
      expect(iterated.toSorted((a, b) => a - b)).toEqual([5, length, length])
    })
  })
}

function textOf(place: CellBatch[number]): string | undefined {
  const cell = cellIn(place)
  return cell === undefined ? undefined : Buffer.from(cell).toString('utf8')
}

async function readOne(store: OnlineStore, key: Uint8Array): Promise<Uint8Array | undefined> {
  const [cell] = await store.read({ entity: 'Thing', keys: [key], cells: [ROW] })
  return cell as Uint8Array | undefined
}
