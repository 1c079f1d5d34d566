import { setTimeout as wait } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import {
  type OfflineStore,
  type OfflineValue,
  type ScanRequest,
  StoredInstant,
} from '../../src/stores/offline/offline-store.ts'

/** An offline store with a table `numbers` (i bigint 0 to 9,999, t timestamp i seconds after 2001-01-01, s text `n0`…) and how to write queries for it. */
export interface OfflineSubject {
  readonly store: OfflineStore
  /** A query of one row of every kind of value, in the order of `EVERY_VALUE`. */
  readonly everyValueSql: string
  close(): Promise<void>
}

const JANUARY = 978_307_200_000_000

/** What `everyValueSql` gives: columns a to k. */
const EVERY_VALUE: readonly OfflineValue[] = [
  null,
  true,
  7,
  9_007_199_254_740_993n,
  0.5,
  'Zürich',
  Uint8Array.of(0, 255),
  new StoredInstant(JANUARY + 1, true),
  new StoredInstant(JANUARY, true),
  ['a', null],
  { x: 1, y: 'z' },
]

/** Puts a driver through what every offline store must do. */
export function offlineStoreContract(name: string, open: () => Promise<OfflineSubject>): void {
  describe(`offline store ${name}`, () => {
    let subject: OfflineSubject
    beforeAll(async () => {
      subject = await open()
    })
    afterAll(() => subject.close())

    async function rows(request: Partial<ScanRequest>): Promise<readonly (readonly OfflineValue[])[]> {
      const all: (readonly OfflineValue[])[] = []
      const whole: ScanRequest = {
        from: { table: 'numbers' },
        columns: ['i'],
        orderBy: [],
        bounds: [],
        maxBatchRows: 1_000,
        ...request,
      }
      for await (const batch of subject.store.scan(whole)) all.push(...batch)
      return all
    }

    test('describes tables and queries', async () => {
      const names = (columns: readonly { readonly name: string }[]) => columns.map((column) => column.name)
      expect(names(await subject.store.describe({ table: 'numbers' }))).toEqual(['i', 't', 's'])
      expect(names(await subject.store.describe({ sql: 'select s, i + 1 as more from numbers -- a comment' }))).toEqual(
        ['s', 'more'],
      )
    })

    test('gives every kind of value as it is', async () => {
      const columns = [...'abcdefghijk']
      expect(await rows({ from: { sql: subject.everyValueSql }, columns })).toEqual([EVERY_VALUE])
    })

    test('gives the columns asked for, in that order, ordered', async () => {
      const found = await rows({ columns: ['s', 'i'], orderBy: ['s'] })
      expect(found).toHaveLength(10_000)
      expect(found.slice(0, 3)).toEqual([
        ['n0', 0n],
        ['n1', 1n],
        ['n10', 10n],
      ])
    })

    test('batches are no greater than asked', async () => {
      const sizes: number[] = []
      for await (const batch of subject.store.scan({
        from: { table: 'numbers' },
        columns: ['i'],
        orderBy: ['i'],
        bounds: [],
        maxBatchRows: 3_000,
      }))
        sizes.push(batch.length)
      expect(sizes).toEqual([3_000, 3_000, 3_000, 1_000])
    })

    test('bounds are inclusive at both ends', async () => {
      const bounds = [{ column: 't', fromMicros: JANUARY + 5_000_000, toMicros: JANUARY + 7_000_000 }]
      expect(await rows({ bounds, orderBy: ['i'] })).toEqual([[5n], [6n], [7n]])
      expect(await rows({ bounds: [{ column: 't', fromMicros: JANUARY + 9_998_000_001 }] })).toEqual([[9_999n]])
    })

    test('a row with a null under a bound passes, and nulls come first', async () => {
      const from = { sql: 'select null::timestamp as t, 1 as i union all select t, i from numbers where i = 3' }
      const bounds = [{ column: 't', toMicros: JANUARY + 5_000_000 }]
      expect(await rows({ from, columns: ['i'], orderBy: ['t'], bounds })).toEqual([[1n], [3n]])
    })

    test('scans run side by side, and one may be left early', async () => {
      const left = async (): Promise<void> => {
        for await (const _ of subject.store.scan({
          from: { table: 'numbers' },
          columns: ['i'],
          orderBy: [],
          bounds: [],
          maxBatchRows: 10,
        }))
          return
      }
      const results = await Promise.all([rows({}), left(), rows({}), left()])
      expect(results.map((found) => found?.length)).toEqual([10_000, undefined, 10_000, undefined])
    })

    test.each([
      ['a table that is not there', { table: 'nothing' }],
      ['a query that is no query', { sql: 'selct 1' }],
      ['a file that is not there', { file: 'nothing.parquet' }],
      ['a file of no known ending', { file: 'nothing.xlsx' }],
    ])('%s is SOURCE_INVALID', async (_, from) => {
      await expect(subject.store.describe(from as ScanRequest['from'])).rejects.toMatchObject({
        code: 'SOURCE_INVALID',
      })
      await expect(rows({ from: from as ScanRequest['from'] })).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
    })

    test('an error in the middle of a scan is SOURCE_INVALID', async () => {
      const from = { sql: "select case when i = 9000 then error('broken') else i end as i from numbers" }
      await expect(rows({ from })).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
    })

    test('names are quoted, whatever they hold', async () => {
      const from = { sql: `select 1 as "a""; drop table numbers; --"` }
      expect(await rows({ from, columns: ['a"; drop table numbers; --'] })).toEqual([[1]])
      expect(await rows({ maxBatchRows: 10_000 })).toHaveLength(10_000)
    })

    test('a bound on a text is SOURCE_INVALID, for text is no instant', async () => {
      const bounds = [{ column: 's', toMicros: JANUARY }]
      await expect(rows({ bounds })).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
    })

    test('a bound is on instants with a zone, without one, and on dates', async () => {
      const sql = `select timestamp '2001-01-01' as a, timestamptz '2001-01-01 00:00:00+00' as b, date '2001-01-01' as c`
      for (const column of ['a', 'b', 'c']) {
        const found = (bound: { readonly fromMicros?: number; readonly toMicros?: number }) =>
          rows({ from: { sql }, columns: ['a'], bounds: [{ column, ...bound }] })
        expect(await found({ fromMicros: JANUARY, toMicros: JANUARY })).toHaveLength(1)
        expect(await found({ fromMicros: JANUARY + 1 })).toEqual([])
        expect(await found({ toMicros: JANUARY - 1 })).toEqual([])
      }
    })

    test('a source is one query: what would end it and begin another is SOURCE_INVALID', async () => {
      for (const sql of [
        'select 1 as i; select 2 as i',
        'select 1 as i) as t; select i from (select 2 as i',
        '-- none',
      ]) {
        await expect(rows({ from: { sql } })).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
        await expect(subject.store.describe({ sql })).rejects.toMatchObject({ code: 'SOURCE_INVALID' })
      }
    })

    test('closing ends scans under way with STORE_CLOSED', async () => {
      const other = await open()
      const scan = other.store
        .scan({ from: { table: 'numbers' }, columns: ['i'], orderBy: [], bounds: [], maxBatchRows: 10 })
        [Symbol.asyncIterator]()
      expect((await scan.next()).value).toHaveLength(10)
      const slow = 'select sum(a.i * b.i) as i from numbers a, numbers b, numbers c'
      const run = async () => {
        const request = { from: { sql: slow }, columns: ['i'], orderBy: [], bounds: [], maxBatchRows: 10 }
        for await (const _ of other.store.scan(request));
      }
      const outcome = expect(run()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
      // Long enough for the query to be under way; by itself it would take days.
      await wait(200)
      await other.close()
      await outcome
      // Rows that were fetched may still come; what must be fetched does not.
      const rest = async () => {
        while (!(await scan.next()).done);
      }
      await expect(rest()).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    })

    test('is well until it is closed, and then says so', async () => {
      const other = await open()
      expect(await other.store.health()).toMatchObject({ ok: true })
      await other.close()
      await other.close()
      expect(await other.store.health()).toMatchObject({ ok: false })
      await expect(other.store.describe({ table: 'numbers' })).rejects.toMatchObject({ code: 'STORE_CLOSED' })
    })
  })
}
