import { describe, expect, onTestFinished, test } from 'vitest'
import { FieldstoneError } from '../../../../src/errors.ts'
import { fromUtf8, utf8 } from '../../../../src/lib/bytes.ts'
import { type CacheOptions, cache } from '../../../../src/stores/online/cache.ts'
import { memory } from '../../../../src/stores/online/memory.ts'
import {
  type CopyRules,
  type OnlineDriver,
  type OnlineStore,
  type ReadRequest,
  StaleCell,
} from '../../../../src/stores/online/online-store.ts'
import { openContext } from '../../../support/open-context.ts'
import { openLmdb } from '../../../support/open-lmdb.ts'
import { keyOf } from '../../../support/sample-rows.ts'

const CELL = { view: 'v@1', part: 0 }
const SECOND = 1_000_000
const FREE: CopyRules = { maxStalenessMillis: undefined, staleIfError: false }

interface Tried {
  readonly store: OnlineStore
  readonly behind: OnlineStore
  /** Reads that the store behind was asked for. */
  readonly reads: ReadRequest[]
  pass(seconds: number): void
  /** Makes reads of the store behind fail, or wait. */
  readBehind: OnlineStore['read'] | undefined
}

/** A cache of memory before a real LMDB, at a clock that is moved by hand. */
async function open(options: Partial<CacheOptions> = {}, rules: CopyRules = FREE): Promise<Tried> {
  const lmdb = await openLmdb()
  let nowMicros = 1_000 * SECOND
  const reads: ReadRequest[] = []
  const behind: OnlineStore = {
    ...lmdb,
    read: (request) => {
      reads.push(request)
      return (tried.readBehind ?? lmdb.read)(request)
    },
  }
  const store: OnlineDriver = { kind: 'onlineDriver', name: 'lmdb', options: {}, open: async () => behind }
  const driver = cache({ store, in: memory({ maxBytes: 2 ** 20 }), ...options })
  const opened = await driver.open(
    driver.options,
    openContext('.', {
      machineClock: { kind: 'clock', description: 'by hand', nowMicros: () => nowMicros },
      copyRulesOf: (view) => (view.startsWith('unknown') ? undefined : rules),
    }),
  )
  onTestFinished(() => opened.close())
  const pass = (seconds: number): void => {
    nowMicros += seconds * SECOND
  }
  const tried: Tried = { store: opened, behind: lmdb, reads, pass, readBehind: undefined }
  return tried
}

async function put(store: OnlineStore, name: string, text: string, view = 'v@1'): Promise<void> {
  const rows = [{ key: keyOf(name), cell: utf8(text), removableAfterMicros: undefined }]
  await store.write({ entity: 'Thing', view, part: 0, rows, compare: () => -1 })
}

async function get(store: OnlineStore, ...names: readonly string[]) {
  const found = await store.read({ entity: 'Thing', keys: names.map(keyOf), cells: [CELL] })
  return found.map((place) => (place instanceof Uint8Array ? fromUtf8(place) : place))
}

describe('a copy', () => {
  test('is used for the ttl, and then the store is asked', async () => {
    const { store, behind, reads, pass } = await open({ ttl: '10s' })
    await put(behind, 'a', 'first')
    expect(await get(store, 'a')).toEqual(['first'])
    await put(behind, 'a', 'second')
    pass(10 - 0.001)
    expect(await get(store, 'a')).toEqual(['first'])
    expect(reads.length).toBe(1)
    pass(0.002)
    expect(await get(store, 'a')).toEqual(['second'])
  })

  test('of nothing is used for a time of its own', async () => {
    const { store, behind, pass } = await open({ ttl: '10s', negativeTtl: '3s' })
    expect(await get(store, 'a')).toEqual([undefined])
    await put(behind, 'a', 'there')
    pass(2)
    expect(await get(store, 'a')).toEqual([undefined])
    pass(1.1)
    expect(await get(store, 'a')).toEqual(['there'])
    expect(store.counts!()).toMatchObject({ negativeHits: 1, misses: 2 })
  })

  test('is never older than its view allows, and may have a time of its own', async () => {
    const rules = { maxStalenessMillis: 4_000, staleIfError: false }
    const options = { ttl: '1h', views: { v: { ttl: '30m' } } } as const
    const { store, behind, pass } = await open(options, rules)
    await put(behind, 'a', 'first')
    expect(await get(store, 'a')).toEqual(['first'])
    await put(behind, 'a', 'second')
    pass(4.1)
    expect(await get(store, 'a')).toEqual(['second'])
    const own = await open({ ttl: '1s', views: { v: { ttl: '30m' } } })
    expect(await get(own.store, 'a')).toEqual([undefined])
    own.pass(1_700)
    await get(own.store, 'a')
    expect(own.reads.length).toBe(1)
  })

  test('that was answered at once is given at once', async () => {
    const { store, behind } = await open()
    await put(behind, 'a', 'A')
    await get(store, 'a')
    expect(store.read({ entity: 'Thing', keys: [keyOf('a')], cells: [CELL] })).not.toBeInstanceOf(Promise)
    expect(store.mergesReads).toBe(false)
  })

  test('is none of what is not defined, of Fieldstone’s own records, and of other parts', async () => {
    const { store, reads } = await open()
    for (const [entity, view, part] of [
      ['Thing', 'unknown@1', 0],
      ['_fieldstone', 'lease@1', 0],
      ['Thing', 'v@1', 1],
    ] as const) {
      const cells = [{ view, part }]
      for (const _ of [1, 2]) await store.read({ entity, keys: [keyOf('a')], cells })
    }
    expect(reads.length).toBe(6)
  })

  test('is none of a cell that is too large, nor of the one before it', async () => {
    const { store, reads } = await open({ maxCellBytes: 10 })
    await put(store, 'a', 'small')
    await put(store, 'a', 'x'.repeat(11))
    for (const _ of [1, 2]) expect(await get(store, 'a')).toEqual(['x'.repeat(11)])
    expect(reads.length).toBe(2)
  })
})

describe('reads that meet', () => {
  test('ask the store once for each cell, and in one read', async () => {
    const { store, behind, reads } = await open()
    for (const name of ['a', 'b', 'c']) await put(behind, name, name.toUpperCase())
    const answers = [get(store, 'a', 'b'), get(store, 'b', 'c'), get(store, 'c', 'a', 'a')]
    expect(await Promise.all(answers)).toEqual([
      ['A', 'B'],
      ['B', 'C'],
      ['C', 'A', 'A'],
    ])
    expect(reads.map(({ keys }) => keys.length)).toEqual([3])
  })

  test('are given up one by one, and the read of the store when nobody waits any more', async () => {
    const tried = await open()
    const signals: AbortSignal[] = []
    tried.readBehind = (request) => {
      signals.push(request.signal!)
      return new Promise((_, reject) => {
        request.signal!.addEventListener('abort', () => reject(request.signal!.reason))
      })
    }
    const [first, second] = [new AbortController(), new AbortController()]
    const read = ({ signal }: AbortController) =>
      tried.store.read({ entity: 'Thing', keys: [keyOf('a')], cells: [CELL], signal })
    const reading = [read(first), read(second)]
    await new Promise(setImmediate)
    first.abort(new Error('the first has gone'))
    await expect(reading[0]).rejects.toThrow('the first has gone')
    expect(signals.map(({ aborted }) => aborted)).toEqual([false])
    second.abort(new Error('the second has gone'))
    await expect(reading[1]).rejects.toThrow('the second has gone')
    expect(signals.map(({ aborted }) => aborted)).toEqual([true])
    tried.readBehind = undefined
    expect(await get(tried.store, 'a')).toEqual([undefined])
  })
})

describe('a store that fails', () => {
  const rules = { maxStalenessMillis: 60_000, staleIfError: true }
  const failing = () => Promise.reject(new Error('not reached'))

  test('is stood in for by a copy that the view allows, marked with its age, and never by an older one', async () => {
    const tried = await open({ ttl: '10s' }, rules)
    const { store, behind, pass } = tried
    await put(behind, 'a', 'A')
    expect(await get(store, 'a', 'nothing')).toEqual(['A', undefined])
    tried.readBehind = failing
    pass(59)
    const [copy, none] = await get(store, 'a', 'nothing')
    expect([copy, none]).toEqual([expect.any(StaleCell), expect.any(StaleCell)])
    expect(fromUtf8((copy as StaleCell).cell!)).toBe('A')
    expect(Math.round((copy as StaleCell).ageMillis)).toBe(59_000)
    expect((none as StaleCell).cell).toBeUndefined()
    expect(store.counts!()).toMatchObject({ stale: 2 })
    pass(1.1)
    await expect(get(store, 'a')).rejects.toThrow('not reached')
    tried.readBehind = undefined
    expect(await get(store, 'a')).toEqual(['A'])
  })

  test('is not stood in for where the view does not allow it; what is fresh is given beside the failure', async () => {
    const tried = await open({ ttl: '10s' })
    const { store, behind, pass } = tried
    await put(behind, 'old', 'O')
    await put(behind, 'new', 'N')
    await get(store, 'old')
    pass(9)
    await get(store, 'new')
    pass(2)
    tried.readBehind = failing
    expect(await get(store, 'old', 'new')).toEqual([expect.objectContaining({ message: 'not reached' }), 'N'])
    await expect(get(store, 'old')).rejects.toThrow('not reached')
  })
})

test('a store that fails takes nothing from copies that are read beside what is never copied', async () => {
  const tried = await open()
  await put(tried.behind, 'a', 'row')
  await get(tried.store, 'a')
  const failure = new FieldstoneError('STORE_UNAVAILABLE', { seen: 'a store that is down' })
  tried.readBehind = () => Promise.reject(failure)
  const cells = [{ view: 'unknown@1', part: 0 }, CELL]
  const found = await tried.store.read({ entity: 'Thing', keys: [keyOf('a'), keyOf('b')], cells })
  expect(found.map((place) => (place instanceof Uint8Array ? fromUtf8(place) : place))).toEqual([
    failure,
    'row',
    failure,
    failure,
  ])
  await expect(tried.store.read({ entity: 'Thing', keys: [keyOf('b')], cells })).rejects.toBe(failure)
})

describe('a write', () => {
  test('is seen at once, also where there was known to be nothing, and so is a deletion', async () => {
    const { store, reads } = await open()
    expect(await get(store, 'a')).toEqual([undefined])
    await put(store, 'a', 'A')
    expect(await get(store, 'a')).toEqual(['A'])
    expect(reads.length).toBe(1)
    await store.delete({ entity: 'Thing', view: 'v@1', keys: [keyOf('a')] })
    expect(await get(store, 'a')).toEqual([undefined])
    await store.updateMany({
      ...{ entity: 'Thing', view: 'v@1', keys: [keyOf('a')], parts: [] },
      update: () => new Map([[0, utf8('changed')]]),
    })
    expect(await get(store, 'a')).toEqual(['changed'])
    await store.delete({ entity: 'Thing', view: 'v@1' })
    expect(await get(store, 'a')).toEqual([undefined])
  })

  test('and a deletion are not taken back by a read that began before', async () => {
    const tried = await open()
    const { store, behind } = tried
    await put(behind, 'a', 'old')
    const change = Promise.withResolvers<void>()
    tried.readBehind = async (request) => {
      const found = await behind.read(request)
      await change.promise
      return found
    }
    const reading = get(store, 'a')
    await new Promise(setImmediate)
    await store.delete({ entity: 'Thing', view: 'v@1', keys: [keyOf('a')] })
    change.resolve()
    expect(await reading).toEqual(['old'])
    expect(await get(store, 'a')).toEqual([undefined])
  })

  test('that is superseded leaves no copy', async () => {
    const { store, reads } = await open()
    await put(store, 'a', 'later')
    const rows = [{ key: keyOf('a'), cell: utf8('earlier'), removableAfterMicros: undefined }]
    const summary = await store.write({ entity: 'Thing', ...CELL, rows, compare: () => 1 })
    expect(summary).toEqual({ written: 0, superseded: 1, unchanged: 0 })
    expect(await get(store, 'a')).toEqual(['later'])
    expect(reads.length).toBe(1)
  })
})

describe('a front', () => {
  test('that holds another program’s bytes holds nothing', async () => {
    const tried = await openWithFront((front) => front)
    const rows = [{ key: keyOf('a'), cell: utf8('of another program'), removableAfterMicros: undefined }]
    await tried.front.write({ entity: 'Thing', ...CELL, rows, compare: () => -1 })
    await put(tried.behind, 'a', 'A')
    expect(await get(tried.store, 'a')).toEqual(['A'])
    await put(tried.behind, 'a', 'B')
    expect(await get(tried.store, 'a')).toEqual(['A'])
  })

  test.each(['fails', 'hangs'])('that %s is done without', async (how) => {
    const never = () => (how === 'fails' ? Promise.reject(new Error('no front')) : new Promise<never>(() => {}))
    const { store, behind } = await openWithFront((front) => ({ ...front, read: never, write: never, delete: never }))
    await put(behind, 'a', 'A')
    expect(await get(store, 'a')).toEqual(['A'])
    await put(store, 'a', 'B')
    expect(await get(store, 'a')).toEqual(['B'])
    await store.delete({ entity: 'Thing', view: 'v@1', keys: [keyOf('a')] })
    expect(await get(store, 'a')).toEqual([undefined])
    expect(store.counts!().frontFailures).toBeGreaterThan(0)
    expect(await store.health()).toMatchObject({ ok: true, detail: expect.stringMatching(/^lmdb.*; in front/) })
  })
})

async function openWithFront(through: (front: OnlineStore) => OnlineStore) {
  const behind = await openLmdb()
  const own = memory({ maxBytes: 2 ** 20 })
  const front = await own.open(own.options, openContext('.', { role: 'front' }))
  const driverOf = (store: OnlineStore): OnlineDriver => ({
    ...{ kind: 'onlineDriver', name: 'wrapped', options: {}, open: async () => store },
  })
  const driver = cache({ store: driverOf(behind), in: driverOf(through(front)), frontTimeout: '20ms' })
  const store = await driver.open(driver.options, openContext('.', { copyRulesOf: () => FREE }))
  onTestFinished(() => store.close())
  return { store, behind, front }
}

describe('options', () => {
  const store = memory({ maxBytes: 2 ** 20 })
  test.each([
    { ttl: 'soon' },
    { negativeTtl: 5 },
    { frontTimeout: '0s' },
    { frontTimeout: '61s' },
    { ttlMillis: 10 },
    { maxCellBytes: -1 },
    { views: 'v' },
    { views: { v: { ttl: '1 s' } } },
    { views: { v: { maxStaleness: '1s' } } },
    { store: undefined },
    { in: 'redis' },
  ])('%o are refused', async (options) => {
    const driver = cache({ store, in: store, ...(options as object) })
    await expect(driver.open(driver.options, openContext('.'))).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
  })

  test('what is no store is refused without showing it, for it may be an address with a password', async () => {
    for (const given of ['redis://:s3cret@cache', { url: 'redis://:s3cret@cache' }]) {
      const driver = cache({ store, in: given as never })
      const error = await driver.open(driver.options, openContext('.')).catch(String)
      expect(error).toMatch(/cache\(\{ in: … \}\), of type (string|object)/)
      expect(error).not.toContain('s3cret')
    }
  })

  test('a view that is not defined is refused by its name', async () => {
    const driver = cache({ store, in: store, views: { nobody: { ttl: '1m' } } })
    const opened = driver.open(driver.options, openContext('.', { definesView: (name) => name !== 'nobody' }))
    await expect(opened).rejects.toMatchObject({ code: 'CONFIG_INVALID', message: expect.stringContaining('nobody') })
  })

  test('a cache holds no cache, neither in front nor behind', async () => {
    const inner = cache({ store, in: store })
    for (const options of [
      { store: inner, in: store },
      { store, in: inner },
    ]) {
      const opened = cache(options as CacheOptions).open(options, openContext('.'))
      await expect(opened).rejects.toMatchObject({ code: 'CONFIG_INVALID' })
    }
  })
})
