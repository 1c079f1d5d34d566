import { once } from 'node:events'
import { type AddressInfo, connect, createServer } from 'node:net'
import { describe, expect, onTestFinished, test } from 'vitest'
import { fromUtf8, utf8 } from '../../src/lib/bytes.ts'
import { createColumnLists } from '../../src/stores/online/column-lists.ts'
import { cellIn, type OnlineStore, type WriteSummary } from '../../src/stores/online/online-store.ts'
import { readCellHeader } from '../../src/stores/online/row-codec.ts'
import { writeRows } from '../../src/stores/online/row-writer.ts'
import { freshBigtable, openBigtable } from '../support/open-bigtable.ts'
import { cellOf, keyOf, PAIR, type PairRow } from '../support/sample-rows.ts'

const DAY = 86_400_000_000

describe('writes to Bigtable', () => {
  test.each([{ exclusive: true as const }, {}])('%j count what became of each row', async (how) => {
    const store = await openBigtable()
    const first = ['new', 'same', 'older', 'newer', 'tied', 'lesser'].map((key) => row(key, DAY, 5))
    expect(await write(store, first.slice(1), how)).toEqual({ written: 5, superseded: 0, unchanged: 0 })
    const second = [
      ...[row('new', DAY, 5), row('same', DAY, 5), row('older', DAY - 1_000, 5), row('newer', DAY + 1_000, 5)],
      ...[row('tied', DAY + 999, 5), row('lesser', DAY, 4), row('new', DAY - 1, 5), row('new', DAY - 1, 5)],
    ]
    expect(await write(store, second, how)).toEqual({ written: 3, superseded: 4, unchanged: 1 })
    expect(await eventsOf(store, ['new', 'same', 'older', 'newer', 'tied', 'lesser'])).toEqual(
      [0, 0, 0, 1_000, 999, 0].map((after) => DAY + after),
    )
  })

  test.each([{ exclusive: true as const }, {}])(
    '%j order rows of one millisecond, and of all time before 1970',
    async (how) => {
      for (const times of [
        [DAY, DAY + 1, DAY + 999],
        [-DAY, -DAY + 1, -1, 0, 999],
      ]) {
        for (const order of [times, times.toReversed()]) {
          const store = await openBigtable()
          for (const time of order) await write(store, [row('k', time, 1)], how)
          expect(await eventsOf(store, ['k'])).toEqual([times.at(-1)])
        }
      }
    },
  )

  test('of two stores at the same time, ties within a millisecond among them, end at the greatest', async () => {
    const address = await freshBigtable()
    const stores = [await openBigtable(address), await openBigtable(address)]
    const keys = Array.from({ length: 20 }, (_, index) => `k${index}`)
    const writes = stores.flatMap((store, side) =>
      Array.from({ length: 15 }, (_, index) =>
        write(
          store,
          keys.map((key) => row(key, DAY + ((index * 7 + side * 4) % 15), index)),
          {},
        ),
      ),
    )
    const summaries = await Promise.all(writes)
    const total = (name: keyof WriteSummary) => summaries.reduce((sum, summary) => sum + summary[name], 0)
    expect(total('written') + total('superseded') + total('unchanged')).toBe(2 * 15 * 20)
    expect(await eventsOf(stores[0]!, keys)).toEqual(keys.map(() => DAY + 14))
  })

  test('of cells that no filter can hold are compared all the same', async () => {
    const store = await openBigtable()
    const long = (fill: string, end: string) => `"${fill.repeat(50_000)}${end}"`
    const rows = ['a', 'b', 'c'].map((end) => ({ ...row('k', DAY, 1), values: ['1', long('x', end)] }))
    for (const [index, one] of rows.entries()) {
      expect(await write(store, [one], {})).toEqual({ written: 1, superseded: 0, unchanged: 0 })
      expect(await write(store, [one], {})).toEqual({ written: 0, superseded: 0, unchanged: 1 })
      if (index > 0)
        expect(await write(store, [rows[index - 1]!], {})).toEqual({ written: 0, superseded: 1, unchanged: 0 })
    }
    // Shorter, and then longer again.
    for (const label of ['"z"', long('z', '')]) {
      expect(await write(store, [{ ...row('k', DAY, 1), values: ['1', label] }], {})).toMatchObject({ written: 1 })
    }
    const racing = Array.from({ length: 8 }, (_, index) => ({
      ...row('r', DAY, 1),
      values: ['1', long('x', String(index))],
    }))
    await Promise.all(racing.map((one) => write(store, [one], {})))
    expect(await write(store, [racing[7]!], {})).toEqual({ written: 0, superseded: 0, unchanged: 1 })
  })

  test('refuse a cell that is longer than Bigtable should hold', async () => {
    const store = await openBigtable()
    const cell = new Uint8Array(10 * 2 ** 20 + 1)
    const refused = expect.objectContaining({ code: 'VALUE_INVALID' })
    const rows = [{ key: keyOf('k'), cell, removableAfterMicros: undefined }]
    await expect(store.write({ entity: 'Thing', view: 'v@1', part: 0, rows, compare: () => -1 })).rejects.toEqual(
      refused,
    )
    const update = () => new Map([[0, cell]])
    await expect(
      store.updateMany({ entity: 'Thing', view: 'v@1', keys: [keyOf('k')], parts: [0], update }),
    ).rejects.toEqual(refused)
  })
})

describe('updates in Bigtable', () => {
  const PLACE = { entity: 'Thing', view: 'state@1' } as const

  test('count each once, while others write and delete the same key', async () => {
    const address = await freshBigtable()
    const [one, two] = [await openBigtable(address), await openBigtable(address)]
    const cells = [0, 1].map((part) => ({ view: PLACE.view, part }))
    /** Part 1 counts how often part 0 was seen to be another than before. */
    const bump = (store: OnlineStore) =>
      store.updateMany({
        ...PLACE,
        keys: [keyOf('k')],
        parts: [0, 1],
        update: ([seen, told]) => {
          const text = seen === undefined ? 'nothing' : fromUtf8(seen)
          return new Map([[1, utf8(`${told === undefined ? '' : fromUtf8(told)}|${text}`)]])
        },
      })
    const put = (store: OnlineStore, text: string) =>
      store.write({
        ...{ ...PLACE, part: 0, compare: () => -1 },
        rows: [{ key: keyOf('k'), cell: utf8(text), removableAfterMicros: undefined }],
      })
    for (let round = 0; round < 15; round += 1) {
      await Promise.all([bump(one), put(two, `w${round}`), bump(two), put(one, `x${round}`)])
    }
    await bump(one)
    const [last, told] = (await one.read({ entity: 'Thing', keys: [keyOf('k')], cells })).map((cell) =>
      fromUtf8(cellIn(cell)!),
    )
    const history = told!.split('|').slice(1)
    expect(history.length).toBe(31)
    expect(history.at(-1)).toBe(last)
    // No update stands upon what had been replaced before it.
    const rounds = history.map((text) => (text === 'nothing' ? -1 : Number(text.slice(1))))
    expect(rounds).toEqual(rounds.toSorted((a, b) => a - b))
  })

  test('come wholly before a delete of the same key, or wholly after it', async () => {
    const address = await freshBigtable()
    const [one, two] = [await openBigtable(address), await openBigtable(address)]
    const keys = Array.from({ length: 150 }, (_, index) => keyOf(`k${index}`))
    const rows = keys.map((key) => ({ key, cell: utf8('first'), removableAfterMicros: undefined }))
    await one.write({ ...PLACE, part: 0, rows, compare: () => -1 })
    /** Part 1 is what part 0 was seen to be. */
    const tell = (key: Uint8Array) =>
      one.updateMany({
        ...{ ...PLACE, keys: [key], parts: [0] },
        update: ([seen]) => new Map([[1, seen ?? utf8('nothing')]]),
      })
    await Promise.all(keys.flatMap((key) => [tell(key), two.delete({ ...PLACE, keys: [key] })]))
    const cells = [0, 1].map((part) => ({ view: PLACE.view, part }))
    const found = await one.read({ entity: 'Thing', keys, cells })
    const texts = found.map((cell) => (cellIn(cell) === undefined ? undefined : fromUtf8(cellIn(cell)!)))
    expect(texts.filter((text) => text !== undefined && text !== 'nothing')).toEqual([])
  })

  test('of hundreds of keys and parts take and leave all parts', async () => {
    const store = await openBigtable()
    const keys = Array.from({ length: 300 }, (_, index) => keyOf(`k${index}`))
    const parts = Array.from({ length: 40 }, (_, index) => index)
    const all = (text: string) => new Map(parts.map((part) => [part, utf8(`${text} ${part}`)]))
    await store.updateMany({ ...PLACE, keys, parts, update: () => all('one') })
    await store.updateMany({ ...PLACE, keys, parts, update: (current) => all(`${fromUtf8(current[0]!)} two`) })
    const found = await store.read({ entity: 'Thing', keys, cells: parts.map((part) => ({ view: PLACE.view, part })) })
    expect(found.length).toBe(12_000)
    expect(found.every((cell, index) => fromUtf8(cellIn(cell)!) === `one 0 two ${index % 40}`)).toBe(true)
  })

  test('of parts whose names fill more than a filter find that nothing is there', async () => {
    const store = await openBigtable()
    const view = `${'v'.repeat(230)}@1`
    const parts = Array.from({ length: 100 }, (_, index) => index)
    const count = async () =>
      store.updateMany({
        ...{ entity: 'Thing', view, keys: [keyOf('k')], parts },
        update: ([, , third]) => new Map([[2, utf8(String(Number(third === undefined ? 0 : fromUtf8(third)) + 1))]]),
      })
    await Promise.all([count(), count(), count()])
    const [found] = await store.read({ entity: 'Thing', keys: [keyOf('k')], cells: [{ view, part: 2 }] })
    expect(fromUtf8(cellIn(found)!)).toBe('3')
  })

  test('of parts whose names fill more than a filter send none that the service would refuse', async () => {
    const address = await freshBigtable()
    const { port, sent } = await countingProxy(Number(String(address.options.emulatorHost).split(':')[1]))
    const store = await openBigtable({ ...address, options: { ...address.options, emulatorHost: `127.0.0.1:${port}` } })
    const parts = Array.from({ length: 500 }, (_, index) => index)
    const before = sent()
    const update = ([first]: readonly (Uint8Array | undefined)[]) => new Map([[0, first ?? utf8('1')]])
    await store.updateMany({ entity: 'Thing', view: `${'v'.repeat(230)}@1`, keys: [keyOf('k')], parts, update })
    // The service takes 20 KB of a filter; in all there were several requests.
    expect(sent() - before).toBeLessThan(20_000)
  })
})

/** A way to a server that counts what is sent to it. */
async function countingProxy(serverPort: number) {
  let bytes = 0
  const server = createServer((client) => {
    const upstream = connect(serverPort, '127.0.0.1')
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
    client.on('data', (piece) => {
      bytes += piece.length
    })
    client.pipe(upstream).pipe(client)
    client.on('close', () => upstream.destroy())
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return { port: (server.address() as AddressInfo).port, sent: () => bytes }
}

function row(key: string, eventMicros: number, ingestMicros: number): PairRow {
  return { key, eventMicros, ingestMicros, values: ['1', '"x"'] }
}

async function write(store: OnlineStore, rows: readonly PairRow[], how: { readonly exclusive?: true }) {
  const lists = createColumnLists(store)
  await lists.record(PAIR)
  const writes = rows.map((one) => ({ key: keyOf(one.key), cell: cellOf(PAIR, one), removableAfterMicros: undefined }))
  return writeRows(store, lists, { entity: 'Thing', view: 'pair@1', rows: writes, ...how })
}

async function eventsOf(store: OnlineStore, names: readonly string[]): Promise<readonly number[]> {
  const cells = [{ view: 'pair@1', part: 0 }]
  const found = await store.read({ entity: 'Thing', keys: names.map(keyOf), cells })
  return found.map((cell) => readCellHeader(cellIn(cell)!).eventMicros)
}
