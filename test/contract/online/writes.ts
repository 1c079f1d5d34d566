import { describe, expect, test } from 'vitest'
import { compareBytes, utf8 } from '../../../src/lib/bytes.ts'
import { createColumnLists } from '../../../src/stores/online/column-lists.ts'
import type { OnlineStore } from '../../../src/stores/online/online-store.ts'
import { valueText } from '../../../src/stores/online/row-codec.ts'
import { readRows, rowIn } from '../../../src/stores/online/row-reader.ts'
import { writeRows } from '../../../src/stores/online/row-writer.ts'
import { type AgeLimits, rowStatus } from '../../../src/values/status.ts'
import { cellOf, keyOf, PAIR, type PairRow } from '../../support/sample-rows.ts'
import { startStoreProcess } from '../../support/store-process.ts'
import { openFresh, openUntilOver, textsOf } from './plain-cells.ts'
import { type StoreSubject, untilSeen } from './subject.ts'

export function writeContract(subject: StoreSubject): void {
  describe('writes', () => {
    test('never replace a row by an earlier one, and the same row changes nothing', async () => {
      const store = await openFresh(subject)
      const rows = [row({ eventMicros: 5 }), row({ eventMicros: 4 }), row({ eventMicros: 5 }), row({ eventMicros: 6 })]
      const summaries = []
      for (const one of rows) summaries.push(await writePairs(store, [one]))
      expect(summaries).toEqual([
        { written: 1, superseded: 0, unchanged: 0 },
        { written: 0, superseded: 1, unchanged: 0 },
        { written: 0, superseded: 0, unchanged: 1 },
        { written: 1, superseded: 0, unchanged: 0 },
      ])
      expect((await readPair(store, 'k'))?.header.eventMicros).toBe(6)
    })

    test('order rows by event time, ingest time, tie-breaker, tombstone, then values as their dtypes go', async () => {
      const store = await openFresh(subject)
      const inOrder: readonly PairRow[] = [
        row({ eventMicros: -1, ingestMicros: 9, tieBreaker: 'z' }),
        row({ eventMicros: 0, ingestMicros: 0, tieBreaker: 'z' }),
        row({ ingestMicros: 1, tieBreaker: '', values: ['9', '"z"'] }),
        row({ ingestMicros: 1, tieBreaker: 'a', values: ['null', '"z"'] }),
        row({ ingestMicros: 1, tieBreaker: 'a', values: ['-10', 'null'] }),
        row({ ingestMicros: 1, tieBreaker: 'a', values: ['9', '"A"'] }),
        row({ ingestMicros: 1, tieBreaker: 'a', values: ['10', 'null'] }),
        row({ ingestMicros: 1, tieBreaker: 'a', values: ['10', '"B"'] }),
        row({ ingestMicros: 1, tieBreaker: 'a', values: ['10', '"a"'] }),
        row({ ingestMicros: 1, tieBreaker: 'a', values: ['10', '"é"'] }),
        row({ ingestMicros: 1, tieBreaker: 'a', tombstone: true }),
        row({ ingestMicros: 1, tieBreaker: 'a\0', values: ['1', 'null'] }),
        row({ ingestMicros: 1, tieBreaker: 'a\x01', values: ['1', 'null'] }),
        row({ eventMicros: 1, values: ['1', 'null'] }),
      ]
      for (const [index, one] of inOrder.entries()) {
        const last = { written: 1, superseded: 0, unchanged: 0 }
        expect([index, await writePairs(store, [one])]).toEqual([index, last])
        for (const earlier of inOrder.slice(0, index)) {
          expect(await writePairs(store, [earlier])).toEqual({ written: 0, superseded: 1, unchanged: 0 })
        }
      }
    })

    test('of one key many times in a call leave the greatest, and count the others as superseded', async () => {
      const versions = [3, 1, 4, 1, 5, 9, 2, 6].map((eventMicros) => row({ eventMicros }))
      for (const rows of [versions, versions.toReversed()]) {
        const store = await openFresh(subject)
        const { written, superseded, unchanged } = await writePairs(store, rows)
        expect(written).toBe(1)
        expect(superseded + unchanged).toBe(7)
        expect((await readPair(store, 'k'))?.header.eventMicros).toBe(9)
      }
    })

    test('pass on what the order throws, and then store nothing of that row', async () => {
      const store = await openFresh(subject)
      await writePairs(store, [row({ eventMicros: 1 })])
      const failure = new Error('these cannot be compared')
      const compare = (): number => {
        throw failure
      }
      const rows = [{ key: keyOf('k'), cell: utf8('x'), removableAfterMicros: undefined }]
      const failed = store.write({ entity: 'Thing', view: 'pair@1', part: 0, rows, compare })
      await expect(failed).rejects.toBe(failure)
      expect((await readPair(store, 'k'))?.header.eventMicros).toBe(1)
      expect(await writePairs(store, [row({ eventMicros: 2 })])).toEqual({ written: 1, superseded: 0, unchanged: 0 })
    })

    test('of many thousand rows in one call are all there', async () => {
      const store = await openFresh(subject)
      const rows = Array.from({ length: 12_345 }, (_, index) => row({ key: `k${index % 12_000}`, eventMicros: index }))
      const { written, superseded } = await writePairs(store, rows)
      expect(written + superseded).toBe(12_345)
      expect((await textsOf(store, 'pair@1')).length).toBe(12_000)
      expect((await readPair(store, 'k17'))?.header.eventMicros).toBe(12_017)
    })

    test('at the same time, ties among them, end at the greatest by V1', async () => {
      const store = await openFresh(subject)
      const rows = shuffled(manyVersions(), 1)
      const parts = Array.from({ length: 8 }, (_, part) => rows.filter((_row, index) => index % 8 === part))
      await Promise.all(parts.map((part) => writePairs(store, part)))
      await expectGreatest(store)
    })

    test('of several processes at the same time end at the greatest by V1', async () => {
      const address = await subject.fresh()
      const store = await openUntilOver(address)
      const writers = [1, 2].map((seed) =>
        startStoreProcess('writeRows', address, { rows: shuffled(manyVersions(), seed), callRows: 37 }),
      )
      await writePairs(store, shuffled(manyVersions(), 3))
      await Promise.all(writers.map((writer) => writer.finished()))
      await untilSeen(subject)
      await expectGreatest(store)
    })
  })

  describe('age', () => {
    // Rows of the next century: a store that removes by the machine's clock leaves them alone.
    const start = 4_102_444_800_000_000
    const limits: AgeLimits = { ttlMicros: 10, retentionMicros: 5, timeless: false }
    test.each([
      [99, 'NOT_FOUND'],
      [100, 'PRESENT'],
      [110, 'PRESENT'],
      [111, 'OUTSIDE_MAX_AGE'],
      [115, 'OUTSIDE_MAX_AGE'],
      [116, 'NOT_FOUND'],
      [10_000, 'NOT_FOUND'],
    ] as const)('a row of 100 with ttl 10 and retention 5 is at %d %s', async (nowMicros, status) => {
      const store = await openFresh(subject)
      await writePairs(store, [row({ eventMicros: start + 100 })], start + 115)
      const found = await readPair(store, 'k')
      expect(found).toBeDefined()
      expect(rowStatus(found?.header, limits, start + nowMicros)).toBe(status)
    })

    test('a tombstone is NOT_FOUND from its event time on, until a later row', async () => {
      const store = await openFresh(subject)
      await writePairs(store, [row({ eventMicros: 100 }), row({ eventMicros: 100, tombstone: true })])
      expect(rowStatus((await readPair(store, 'k'))?.header, limits, 100)).toBe('NOT_FOUND')
      await writePairs(store, [row({ eventMicros: 99 })])
      expect(rowStatus((await readPair(store, 'k'))?.header, limits, 101)).toBe('NOT_FOUND')
      await writePairs(store, [row({ eventMicros: 101, values: ['7', '"back"'] })])
      const back = await readPair(store, 'k')
      expect(rowStatus(back?.header, limits, 101)).toBe('PRESENT')
      expect(valueText(back!.header, 1)).toBe('"back"')
    })
  })
}

function row(fields: Partial<PairRow>): PairRow {
  return { key: 'k', ...fields }
}

async function writePairs(store: OnlineStore, rows: readonly PairRow[], removableAfterMicros?: number) {
  const lists = createColumnLists(store)
  await lists.record(PAIR)
  const writes = rows.map((one) => ({ key: keyOf(one.key), cell: cellOf(PAIR, one), removableAfterMicros }))
  return writeRows(store, lists, { entity: 'Thing', view: 'pair@1', rows: writes })
}

async function readPair(store: OnlineStore, key: string) {
  const cells = [{ view: 'pair@1', part: 0 }]
  const [found] = await readRows(store, createColumnLists(store), { entity: 'Thing', keys: [keyOf(key)], cells })
  return rowIn(found)
}

/** 40 keys, each with rows that tie in ever more of what orders them. */
function manyVersions(): readonly PairRow[] {
  return Array.from({ length: 40 }, (_, key) => `key ${key}`).flatMap((key, index) =>
    Array.from({ length: 24 }, (_, version) => ({
      key,
      eventMicros: Math.min(version, 3),
      ingestMicros: Math.min(version, 6),
      tieBreaker: 'ab'.slice(0, Math.floor(version / 10)),
      tombstone: index % 4 === 0 && version % 7 === 0,
      values: version % 7 === 0 && index % 4 === 0 ? [] : [String((version * 5) % 13), `"${'zyx'[version % 3]}"`],
    })),
  )
}

async function expectGreatest(store: OnlineStore): Promise<void> {
  const groups = Map.groupBy(manyVersions(), (version) => version.key)
  for (const [key, versions] of groups) {
    const greatest = versions.reduce((best, one) => (plainOrder(best, one) < 0 ? one : best))
    const found = await readPair(store, key)
    expect([key, Buffer.from(found!.header.bytes)]).toEqual([key, Buffer.from(cellOf(PAIR, greatest))])
  }
}

/** V1 in plain words, as the oracle. */
function plainOrder(a: PairRow, b: PairRow): number {
  return (
    a.eventMicros! - b.eventMicros! ||
    a.ingestMicros! - b.ingestMicros! ||
    compareBytes(utf8(a.tieBreaker!), utf8(b.tieBreaker!)) ||
    Number(a.tombstone) - Number(b.tombstone) ||
    Number(a.values?.[0] ?? 0) - Number(b.values?.[0] ?? 0) ||
    compareBytes(utf8(a.values?.[1] ?? ''), utf8(b.values?.[1] ?? ''))
  )
}

function shuffled<T>(items: readonly T[], seed: number): readonly T[] {
  let state = seed * 2_654_435_761
  const random = (): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31
    return state
  }
  return items
    .map((item) => [random(), item] as const)
    .toSorted(([a], [b]) => a - b)
    .map(([, item]) => item)
}
