import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { FieldstoneError } from '../../../src/errors.ts'
import { utf8 } from '../../../src/lib/bytes.ts'
import type { Cancellation } from '../../../src/serving/cancellation.ts'
import { createScanLoader, type Scan } from '../../../src/serving/loader.ts'
import { createServingCounts } from '../../../src/serving/serving-counts.ts'
import { columnList } from '../../../src/stores/online/column-list.ts'
import { createColumnLists } from '../../../src/stores/online/column-lists.ts'
import { lmdb } from '../../../src/stores/online/lmdb.ts'
import type { OnlineStore, ReadRequest } from '../../../src/stores/online/online-store.ts'
import { encodeCell, valueText } from '../../../src/stores/online/row-codec.ts'
import { type RowOutcome, rowIn } from '../../../src/stores/online/row-reader.ts'
import { openContext } from '../../support/open-context.ts'
import { slowStore } from '../../support/slow-store.ts'
import { NOW, openWorld } from './world.ts'

const list = columnList([{ name: 'text', dtype: { kind: 'string' }, nonFinite: 'null' }])
let folder: string
let store: OnlineStore

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldstone-loader-'))
  store = await lmdb({ path: 'online' }).open({ path: 'online' }, openContext(folder))
  await createColumnLists(store).record(list)
  for (const view of ['a@1', 'b@1']) {
    const keys = ['k1', 'k2'].map(utf8)
    const cellOf = (key: Uint8Array) => cell(`${view} ${new TextDecoder().decode(key)}`)
    await store.updateMany({
      entity: 'Thing',
      view,
      keys,
      parts: [0],
      update: (_, index) => new Map([[0, cellOf(keys[index]!)]]),
    })
  }
})

afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

function cell(text: string): Uint8Array {
  const values = [JSON.stringify(text)]
  return encodeCell(list, { eventMicros: 1, ingestMicros: 1, tieBreaker: new Uint8Array(), tombstone: false, values })
}

function texts(outcomes: readonly RowOutcome[]): readonly unknown[] {
  return outcomes.map((outcome) => {
    const row = outcome instanceof Error ? outcome : rowIn(outcome)
    return row === undefined || row instanceof Error ? row : JSON.parse(valueText(row.header, 0))
  })
}

function cellsOf(views: readonly string[]) {
  return views.map((view) => ({ view, part: 0 }))
}

function watchedLoader() {
  const reads: ReadRequest[] = []
  const read: OnlineStore['read'] = (request) => {
    if (request.entity === 'Thing') reads.push(request)
    return store.read(request)
  }
  const counts = createServingCounts({ nowhereCount: 0 })
  return {
    reads,
    counts,
    loader: createScanLoader({ ...store, mergesReads: true, read }, createColumnLists(store), counts),
  }
}

test('scans that meet become one read, and each gets its own cells in its own order', async () => {
  const { reads, counts, loader } = watchedLoader()
  const [first, second] = await Promise.all([
    loader.load('Thing', { keys: ['k2', 'k1'].map(utf8), cells: cellsOf(['b@1']), cancellation: undefined }),
    loader.load('Thing', { keys: ['k1', 'k0'].map(utf8), cells: cellsOf(['a@1', 'b@1']), cancellation: undefined }),
  ])
  expect(texts(first)).toEqual(['b@1 k2', 'b@1 k1'])
  expect(texts(second)).toEqual(['a@1 k1', 'b@1 k1', undefined, undefined])
  expect(reads).toHaveLength(1)
  expect(reads[0]!.keys).toHaveLength(3)
  expect([...counts.entities]).toEqual([{ entity: 'Thing', scans: 2, reads: 1, keysAsked: 4, keysRead: 3 }])
})

test('nothing is kept: a scan that comes later is read again', async () => {
  const { reads, loader } = watchedLoader()
  const scan = { keys: [utf8('k1')], cells: cellsOf(['a@1']), cancellation: undefined }
  await loader.load('Thing', scan)
  await loader.load('Thing', scan)
  expect(reads).toHaveLength(2)
})

/** A request that can be given up. */
function waiter(name: string): Cancellation & { readonly scan: Scan; giveUp(): Error } {
  const controller = new AbortController()
  const { signal } = controller
  const cancellation: Cancellation = {
    signal,
    get reason() {
      return signal.aborted ? signal.reason : undefined
    },
  }
  const giveUp = (): Error => {
    const error = new FieldstoneError('REQUEST_ABORTED', { seen: name })
    controller.abort(error)
    return error
  }
  return { ...cancellation, giveUp, scan: { keys: [utf8('k1')], cells: cellsOf(['a@1']), cancellation } }
}

const NEVER_MILLIS = 3_600_000

/** A loader over reads that wait, which end by their signal or by time. */
function waitingLoader({
  delayMillis,
  mergesReads = true,
}: {
  readonly delayMillis: number
  readonly mergesReads?: boolean
}) {
  const { through, reads } = slowStore({ delayMillis })
  const loader = createScanLoader(
    { ...through(store), mergesReads },
    createColumnLists(store),
    createServingCounts({ nowhereCount: 0 }),
  )
  return { reads, load: async (scan: Scan) => loader.load('Thing', scan) }
}

describe('a read that others wait for, too', () => {
  test('is ended when all have given up, each with its own reason', async () => {
    const { reads, load } = waitingLoader({ delayMillis: NEVER_MILLIS })
    const waiters = ['a', 'b', 'c'].map(waiter)
    const loading = waiters.map(({ scan }) => load(scan))
    const settled = Promise.allSettled(loading)
    await vi.waitFor(() => expect(reads).toHaveLength(1))
    const { signal } = reads[0]!
    const reasons: Error[] = []
    for (const { giveUp } of waiters) {
      expect(signal!.aborted).toBe(false)
      reasons.push(giveUp())
    }
    expect([signal!.aborted, signal!.reason]).toEqual([true, reasons[2]])
    expect(await settled).toEqual(reasons.map((reason) => ({ status: 'rejected', reason })))
  })

  test('goes on for those who stay, while who gives up is told at once', async () => {
    const { reads, load } = waitingLoader({ delayMillis: 100 })
    const [leaving, staying] = [waiter('leaves'), waiter('stays')]
    const left = load(leaving.scan).catch((error: unknown) => error)
    const stayed = load(staying.scan)
    await vi.waitFor(() => expect(reads).toHaveLength(1))
    const reason = leaving.giveUp()
    const first = await Promise.race([left, stayed])
    expect(first).toBe(reason)
    expect(texts(await stayed)).toEqual(['a@1 k1'])
    expect([reads.length, reads[0]!.signal!.aborted]).toEqual([1, false])
  })

  test('goes on for one who cannot give up', async () => {
    const { reads, load } = waitingLoader({ delayMillis: 50 })
    const leaving = waiter('leaves')
    const left = load(leaving.scan).catch((error: unknown) => error)
    const stayed = load({ ...leaving.scan, cancellation: undefined })
    await vi.waitFor(() => expect(reads).toHaveLength(1))
    const reason = leaving.giveUp()
    expect([await left, reads[0]!.signal!.aborted]).toEqual([reason, false])
    expect(texts(await stayed)).toEqual(['a@1 k1'])
  })

  test('counts out who gave up before it began', async () => {
    const { reads, load } = waitingLoader({ delayMillis: NEVER_MILLIS })
    const [early, late] = [waiter('early'), waiter('late')]
    const settled = Promise.allSettled([load(early.scan), load(late.scan)])
    const reasons = [early.giveUp()]
    await vi.waitFor(() => expect(reads).toHaveLength(1))
    expect(reads[0]!.signal!.aborted).toBe(false)
    reasons.push(late.giveUp())
    expect(reads[0]!.signal!.aborted).toBe(true)
    expect(await settled).toEqual(reasons.map((reason) => ({ status: 'rejected', reason })))
  })

  test('that fails fails for all, and is over: giving up later ends nothing', async () => {
    const folderOfClosed = await mkdtemp(join(tmpdir(), 'fieldstone-loader-'))
    const closed = await lmdb({ path: 'online' }).open({ path: 'online' }, openContext(folderOfClosed))
    await closed.close()
    const loader = createScanLoader(
      { ...closed, mergesReads: true },
      createColumnLists(closed),
      createServingCounts({ nowhereCount: 0 }),
    )
    const waiters = ['a', 'b'].map(waiter)
    const settled = await Promise.allSettled(waiters.map(async ({ scan }) => loader.load('Thing', scan)))
    expect(settled).toMatchObject([1, 2].map(() => ({ status: 'rejected', reason: { code: 'STORE_CLOSED' } })))
    for (const { giveUp } of waiters) giveUp()
    await rm(folderOfClosed, { recursive: true })
  })
})

test('a read of its own is ended by its own request', async () => {
  const { reads, load } = waitingLoader({ delayMillis: NEVER_MILLIS, mergesReads: false })
  const one = waiter('one')
  const loading = load(one.scan).catch((error: unknown) => error)
  await vi.waitFor(() => expect(reads).toHaveLength(1))
  const reason = one.giveUp()
  expect([await loading, reads[0]!.signal!.reason]).toEqual([reason, reason])
})

test('requests whose reads are merged have their statuses at their own nows', async () => {
  const world = await openWorld({ mergesReads: true })
  await world.write('airportDaily', ['SFO'], { values: { departures: 12, meanDelay: 3 } })
  const query = '{ airport(iata: "SFO") { departures featureInfo(names: [departures]) { status ageSeconds } } }'
  const days = [0, 1, 10, 11, 100]
  world.reads.length = 0
  const answers = await Promise.all(days.map((day) => world.answer(query, { nowMicros: NOW + day * 86_400_000_000 })))
  expect(world.reads).toHaveLength(1)
  expect(world.reads[0]!.keys).toHaveLength(1)
  const airports = answers.map(({ body }) => JSON.parse(Buffer.from(body).toString()).data.airport)
  expect(airports.map(({ departures }) => departures)).toEqual([12, 12, 12, null, null])
  expect(airports.map(({ featureInfo: [info] }) => info.status)).toEqual([
    ...['PRESENT', 'PRESENT', 'PRESENT', 'OUTSIDE_MAX_AGE', 'NOT_FOUND'],
  ])
  await world.close()
})
