import { describe, expect, test } from 'vitest'
import type { ColumnList } from '../../../src/stores/online/column-list.ts'
import { createColumnLists } from '../../../src/stores/online/column-lists.ts'
import type { OnlineStore } from '../../../src/stores/online/online-store.ts'
import { valueText } from '../../../src/stores/online/row-codec.ts'
import { readRows, rowIn } from '../../../src/stores/online/row-reader.ts'
import { writeRows } from '../../../src/stores/online/row-writer.ts'
import { cellOf, keyOf, PAIR, TRIPLE } from '../../support/sample-rows.ts'
import { openStore } from '../../support/store-process.ts'
import { openFresh, openUntilOver } from './plain-cells.ts'
import type { StoreSubject } from './subject.ts'

const OLD = ['1', '"old"']
const NEW = ['1', '2.5', '"old"']

export function columnContract(subject: StoreSubject): void {
  describe('while a column is added', () => {
    test('old and new readers read the rows of old and new writers', async () => {
      const address = await subject.fresh()
      const [oldSide, newSide] = [side(await openUntilOver(address), PAIR), side(await openUntilOver(address), TRIPLE)]
      await oldSide.write('by old', 1, OLD)
      await newSide.write('by new', 1, NEW)
      for (const { read } of [oldSide, newSide, side(await openUntilOver(address), PAIR)]) {
        expect(await read('by old')).toEqual({ count: '1', label: '"old"' })
        expect(await read('by new')).toEqual({ count: '1', added: '2.5', label: '"old"' })
      }
    })

    test('the same row by both loses no value, whichever writes last', async () => {
      for (const order of [
        ['old', 'new'],
        ['new', 'old'],
        ['old', 'new', 'old', 'new'],
      ]) {
        const store = await openFresh(subject)
        const [oldSide, newSide] = [side(store, PAIR), side(store, TRIPLE)]
        for (const who of order) await (who === 'old' ? oldSide.write('k', 1, OLD) : newSide.write('k', 1, NEW))
        expect(await newSide.read('k')).toEqual({ count: '1', added: '2.5', label: '"old"' })
        expect(await oldSide.read('k')).toMatchObject({ count: '1', label: '"old"' })
      }
    })

    test('a newer row stands, whoever writes it', async () => {
      const store = await openFresh(subject)
      const [oldSide, newSide] = [side(store, PAIR), side(store, TRIPLE)]
      await newSide.write('k', 1, NEW)
      await oldSide.write('k', 2, ['3', '"newer"'])
      expect(await newSide.read('k')).toEqual({ count: '3', label: '"newer"' })
      await newSide.write('k', 3, ['4', '5.5', '"newest"'])
      await oldSide.write('k', 2, ['3', '"newer"'])
      expect(await oldSide.read('k')).toEqual({ count: '4', added: '5.5', label: '"newest"' })
    })

    test('rows that tie end alike in whatever order both write them', async () => {
      const rows = [
        ['old', ['1', '"b"']],
        ['old', ['2', '"a"']],
        ['new', ['1', '9', '"c"']],
        ['new', ['1', '8', '"d"']],
      ] as const
      const ends = new Set<string>()
      for (const order of permutations(rows)) {
        const store = await openStore(await subject.fresh())
        for (const [who, values] of order) await side(store, who === 'old' ? PAIR : TRIPLE).write('k', 1, values)
        ends.add(JSON.stringify(await side(store, PAIR).read('k')))
        await store.close()
      }
      expect([...ends]).toEqual(['{"count":"1","added":"9","label":"\\"c\\""}'])
    })

    test('a row whose list is nowhere reads as none, is counted, and may be written over', async () => {
      const store = await openFresh(subject)
      const rows = [
        { key: keyOf('k'), cell: cellOf(TRIPLE, { eventMicros: 1, values: NEW }), removableAfterMicros: undefined },
      ]
      await store.write({ entity: 'Thing', view: 'pair@1', part: 0, rows, compare: () => -1 })
      const lists = createColumnLists(store)
      const cells = [{ view: 'pair@1', part: 0 }]
      const request = { entity: 'Thing', keys: [keyOf('k'), keyOf('k'), keyOf('nobody')], cells }
      expect(await readRows(store, lists, request)).toEqual([undefined, undefined, undefined])
      expect(lists.nowhereCount).toBe(2)
      const { write, read } = side(store, PAIR)
      await write('k', 2, OLD)
      expect(await read('k')).toEqual({ count: '1', label: '"old"' })
    })
  })
}

/** A process that knows a view by one column list: its memory of lists is its own. */
function side(store: OnlineStore, list: ColumnList) {
  const lists = createColumnLists(store)
  return {
    write: async (key: string, eventMicros: number, values: readonly string[]) => {
      await lists.record(list)
      const rows = [{ key: keyOf(key), cell: cellOf(list, { eventMicros, values }), removableAfterMicros: undefined }]
      return writeRows(store, lists, { entity: 'Thing', view: 'pair@1', rows })
    },
    /** Texts by column, as they were stored. */
    read: async (key: string) => {
      const cells = [{ view: 'pair@1', part: 0 }]
      const [outcome] = await readRows(store, lists, { entity: 'Thing', keys: [keyOf(key)], cells })
      const found = rowIn(outcome)
      if (found === undefined) throw new Error('no row')
      const texts = found.list.columns.map(({ name }, index) => [name, valueText(found.header, index)] as const)
      return Object.fromEntries(texts)
    },
  }
}

function permutations<T>(items: readonly T[]): readonly (readonly T[])[] {
  if (items.length <= 1) return [items]
  return items.flatMap((item, index) => permutations(items.toSpliced(index, 1)).map((rest) => [item, ...rest]))
}
