import { expect, test } from 'vitest'
import { createCachedStore } from '../../src/stores/online/cache/cached-store.ts'
import { cacheSettings } from '../../src/stores/online/cache/settings.ts'
import { stampsOf } from '../../src/stores/online/cache/stamps.ts'
import { rulesReader } from '../../src/stores/online/cache/view-rules.ts'
import { createMemoryStore } from '../../src/stores/online/memory/memory-store.ts'
import {
  type CellBatch,
  type DeleteRequest,
  type OnlineStore,
  type ReadRequest,
  StaleCell,
  type UpdateRequest,
  type WriteRequest,
} from '../../src/stores/online/online-store.ts'
import { readCellHeader, valueText } from '../../src/stores/online/row-codec.ts'
import { openLmdb } from '../support/open-lmdb.ts'
import { type Random, seededRandom } from '../support/random.ts'
import { cellOf, keyOf, PAIR } from '../support/sample-rows.ts'

const SECOND = 1_000_000
const FIRST_SEED = Number(process.env.FIELDSTONE_PROPERTY_SEED ?? 1)
const WORLDS = 25
const STEPS = 600
/** Stamps are a microsecond apart, however long the clock stands still. */
const SLACK = 100_000

const VIEWS = {
  plain: { ttl: 10 * SECOND, stale: 0, rules: { maxStalenessMillis: undefined, staleIfError: false } },
  bounded: { ttl: 4 * SECOND, stale: 0, rules: { maxStalenessMillis: 4_000, staleIfError: false } },
  standing: { ttl: 10 * SECOND, stale: 60 * SECOND, rules: { maxStalenessMillis: 60_000, staleIfError: true } },
} as const
type ViewName = keyof typeof VIEWS
const NAMES = Object.keys(VIEWS) as readonly ViewName[]

/** Keys whose rows are only ever written, and keys whose rows come and go. */
const KEYS = ['kept 1', 'kept 2', 'comes 1', 'comes 2', 'comes 3']

/** What stood in the store for one cell, one state after another, and from when. */
interface State {
  readonly fromMicros: number
  readonly text: string | undefined
}

class History {
  readonly #states = new Map<string, State[]>()

  of(place: string): State[] {
    const known = this.#states.get(place) ?? [{ fromMicros: 0, text: undefined }]
    this.#states.set(place, known)
    return known
  }

  add(place: string, text: string | undefined, fromMicros: number): void {
    const states = this.of(place)
    if (states.at(-1)!.text !== text) states.push({ fromMicros, text })
  }

  /** The places among the states at which this was there. */
  placesOf(place: string, text: string | undefined): readonly number[] {
    return this.of(place).flatMap((state, index) => (state.text === text ? [index] : []))
  }

  /** Until when a state stood. */
  end(place: string, index: number): number {
    return this.of(place)[index + 1]?.fromMicros ?? Number.POSITIVE_INFINITY
  }
}

/** Things that wait until the test lets them go on. */
class Gates {
  readonly #waiting: (() => void)[] = []
  readonly #random: Random

  constructor(random: Random) {
    this.#random = random
  }

  get count(): number {
    return this.#waiting.length
  }

  /** @param quick how often it is not waited for */
  pass(quick: number): Promise<void> {
    if (this.#random.chance(quick)) return Promise.resolve()
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Lets one of them go on. */
  open(): void {
    const [gate] = this.#waiting.splice(this.#random.int(this.#waiting.length), 1)
    gate?.()
  }
}

interface Way {
  readonly gates: Gates
  readonly quick: number
  readonly isDown: () => boolean
}

/** A real store behind something slow that fails now and then, before or after it has done what it was asked for. */
function hardToReach(store: OnlineStore, { gates, quick, isDown }: Way): OnlineStore {
  const reach = async <T>(work: () => T | Promise<T>): Promise<T> => {
    await gates.pass(quick)
    if (isDown()) throw new Error('not reached')
    const result = await work()
    await gates.pass(quick)
    if (isDown()) throw new Error('no answer')
    return result
  }
  return {
    ...store,
    read: (request) => reach(() => store.read(request)),
    write: (request) => reach(() => store.write(request)),
    updateMany: (request) => reach(() => store.updateMany(request)),
    delete: (request) => reach(() => store.delete(request)),
  }
}

/** Tells of each change of a real store when it is made: changes are made one after another, and nothing is read meanwhile. */
function recorded(store: OnlineStore, { history, now }: { readonly history: History; readonly now: () => number }) {
  let last: Promise<unknown> = Promise.resolve()
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }
  const look = async (view: string): Promise<void> => {
    const keys = KEYS.map(keyOf)
    const cells = [{ view, part: 0 }]
    const found = await store.read({ entity: 'Thing', keys, cells })
    KEYS.forEach((key, index) => {
      history.add(`${view} ${key}`, textOf(found[index]), now())
    })
  }
  const change = <T>(view: string, work: () => Promise<T>): Promise<T> =>
    inTurn(async () => {
      const result = await work()
      await look(view)
      return result
    })
  return {
    ...store,
    /** Until it has done what it was asked for, which it does in a time of its own. */
    settled: () => last,
    read: (request: ReadRequest) => inTurn(async () => store.read(request)),
    write: (request: WriteRequest) => change(request.view, () => store.write(request)),
    updateMany: (request: UpdateRequest) => change(request.view, () => store.updateMany(request)),
    delete: (request: DeleteRequest) => change(request.view, () => store.delete(request)),
  }
}

function textOf(place: CellBatch[number]): string | undefined {
  if (place instanceof Error) throw place
  const cell = place instanceof StaleCell ? place.cell : place
  return cell === undefined ? undefined : valueText(readCellHeader(cell), 1)
}

interface World {
  readonly random: Random
  readonly gates: Gates
  readonly history: History
  readonly cached: OnlineStore
  readonly outside: OnlineStore
  readonly now: () => number
  /**
   * What no later read falls behind: a front that has room keeps all; one that is far is told of reads after they are answered, but of
   * changes before.
   */
  readonly holds: 'what was read' | 'what was changed' | 'nothing'
  /** The earliest state that a read may give that begins now, by place. */
  readonly floor: Map<string, number>
  readonly met: Map<string, number>
  readonly problems: string[]
  nextOrder: number
}

/** Writes rows of ever later orders, but for some of keys that are never deleted. */
function writeOf(world: World, view: ViewName) {
  const { random } = world
  const keys = random.some(KEYS, 0.4)
  const rows = keys.map((name) => {
    world.nextOrder += 1
    const isEarlier = name.startsWith('kept') && random.chance(0.2)
    // No two rows tie: those that do are one (SPEC V1).
    const eventMicros = isEarlier ? 2 * world.nextOrder - 7 : 2 * world.nextOrder
    const label = JSON.stringify(`${world.nextOrder}${random.chance(0.1) ? ' '.repeat(400) : ''}`)
    const cell = cellOf(PAIR, { eventMicros, values: ['1', label] })
    return { name, label, row: { key: keyOf(name), cell, removableAfterMicros: undefined } }
  })
  const compare = (stored: Uint8Array, offered: Uint8Array): number =>
    readCellHeader(stored).eventMicros - readCellHeader(offered).eventMicros
  return { rows, request: { entity: 'Thing', view: `${view}@1`, part: 0, rows: rows.map(({ row }) => row), compare } }
}

function raise(world: World, place: string, index: number): void {
  if (world.holds === 'nothing') return
  world.floor.set(place, Math.max(world.floor.get(place) ?? 0, index))
}

async function doWrite(world: World, view: ViewName): Promise<void> {
  const { rows, request } = writeOf(world, view)
  await world.cached.write(request)
  for (const { name, label } of rows) {
    const [index] = world.history.placesOf(`${view}@1 ${name}`, label)
    if (index !== undefined) raise(world, `${view}@1 ${name}`, index)
  }
}

async function doDelete(world: World, view: ViewName): Promise<void> {
  const { random, history } = world
  const names = random.some(KEYS, 0.5).filter((name) => name.startsWith('comes'))
  const before = names.map((name) => history.of(`${view}@1 ${name}`).length)
  await world.cached.delete({ entity: 'Thing', view: `${view}@1`, keys: names.map(keyOf) })
  names.forEach((name, index) => {
    // The deletion made it none, or found it so: that state, or the one before it, is the earliest that may be told.
    const place = `${view}@1 ${name}`
    const at = history.of(place).findIndex(({ text }, state) => state >= before[index]! - 1 && text === undefined)
    if (at >= 0) raise(world, place, at)
  })
}

async function doUpdate(world: World, view: ViewName): Promise<void> {
  const { history } = world
  const [name] = world.random.shuffled(KEYS.filter((key) => key.startsWith('comes')))
  world.nextOrder += 1
  const label = JSON.stringify(`${world.nextOrder} updated`)
  const cell = world.random.chance(0.3)
    ? null
    : cellOf(PAIR, { eventMicros: 2 * world.nextOrder, values: ['2', label] })
  const place = `${view}@1 ${name}`
  const update = () => new Map([[0, cell]])
  await world.cached.updateMany({ entity: 'Thing', view: `${view}@1`, keys: [keyOf(name!)], parts: [0], update })
  const [index] = cell === null ? [] : history.placesOf(place, label)
  if (index !== undefined) raise(world, place, index)
}

async function doRead(world: World): Promise<void> {
  const { random, history, cached, now } = world
  const names = random.shuffled(random.some(KEYS, 0.5))
  const views = random.shuffled(random.some(NAMES, 0.6))
  const places = names.flatMap((name) => views.map((view) => ({ view, place: `${view}@1 ${name}` })))
  const floors = places.map(({ place }) => world.floor.get(place) ?? 0)
  const beganMicros = now()
  const cells = views.map((view) => ({ view: `${view}@1`, part: 0 }))
  const controller = new AbortController()
  if (random.chance(0.05)) setImmediate(() => controller.abort(new Error('given up')))
  const found = await cached.read({ entity: 'Thing', keys: names.map(keyOf), cells, signal: controller.signal })
  const endedMicros = now()
  found.forEach((cell, index) => {
    if (cell instanceof Error) return
    const { view, place } = places[index]!
    const isStale = cell instanceof StaleCell
    world.met.set(isStale ? 'stale' : 'told', (world.met.get(isStale ? 'stale' : 'told') ?? 0) + 1)
    const text = textOf(cell)
    const earliest = isStale ? endedMicros - VIEWS[view].stale : beganMicros - VIEWS[view].ttl
    const inTime = history.placesOf(place, text).filter((state) => history.end(place, state) >= earliest - SLACK)
    const problem = `${place}: ${text}${isStale ? ', stale' : ''}`
    if (inTime.length === 0) world.problems.push(`too old: ${problem}`)
    const notFallenBack = inTime.filter((state) => state >= floors[index]!)
    if (inTime.length > 0 && notFallenBack.length === 0) world.problems.push(`older after newer: ${problem}`)
    else if (notFallenBack.length > 0 && world.holds === 'what was read') raise(world, place, notFallenBack[0]!)
  })
}

/** Somebody who knows nothing of the cache. */
async function doOutside(world: World, view: ViewName): Promise<void> {
  const { random, outside } = world
  if (random.chance(0.7)) await outside.write(writeOf(world, view).request)
  else {
    const keys = random.some(KEYS, 0.3).filter((name) => name.startsWith('comes'))
    await outside.delete({ entity: 'Thing', view: `${view}@1`, keys: keys.map(keyOf) })
  }
}

async function runWorld(seed: number, { isFrontFar }: { readonly isFrontFar: boolean }) {
  const random = seededRandom(seed)
  const gates = new Gates(random)
  const history = new History()
  let clockMicros = 1_000 * SECOND
  let isDown = false
  const now = () => clockMicros
  const outside = recorded(await openLmdb(), { history, now })
  const isTight = !isFrontFar && random.chance(0.5)
  const maxBytes = isTight ? random.pick([1_500, 4_000]) : 2 ** 20
  const memory = createMemoryStore(maxBytes)
  const settings = cacheSettings({ ttl: '10s', negativeTtl: '3s', maxCellBytes: 300, frontTimeout: '1m' }, () => true)
  const cached = createCachedStore({
    store: hardToReach(outside, { gates, quick: 0.3, isDown: () => isDown }),
    front: isFrontFar ? hardToReach(memory, { gates, quick: 0.7, isDown: () => false }) : memory,
    rulesOf: rulesReader(settings, (view) => VIEWS[view.slice(0, -2) as ViewName].rules),
    nowMicros: stampsOf({ kind: 'clock', description: 'by hand', nowMicros: now }),
    frontTimeoutMillis: 86_400_000,
    maxCellBytes: settings.maxCellBytes,
  })
  const world: World = {
    ...{ random, gates, history, cached, outside, now, nextOrder: 100, problems: [] },
    ...{ floor: new Map(), met: new Map() },
    holds: isTight ? 'nothing' : isFrontFar ? 'what was changed' : 'what was read',
  }
  const running = new Set<Promise<unknown>>()
  const start = (work: Promise<unknown>): void => {
    const over: Promise<unknown> = work.catch(() => {}).finally(() => running.delete(over))
    running.add(over)
  }
  const actions: readonly (() => void)[] = [
    ...Array.from({ length: 5 }, () => () => start(doRead(world))),
    ...Array.from({ length: 14 }, () => () => gates.open()),
    () => start(doWrite(world, random.pick(NAMES))),
    () => start(doWrite(world, random.pick(NAMES))),
    () => start(doDelete(world, random.pick(NAMES))),
    () => start(doUpdate(world, random.pick(NAMES))),
    () => start(doOutside(world, random.pick(NAMES))),
    () => {
      clockMicros += random.pick([1, 1_000, SECOND, SECOND, 2 * SECOND, 3 * SECOND, 11 * SECOND])
    },
    () => {
      isDown = random.chance(0.4)
    },
  ]
  for (let step = 0; step < STEPS; step += 1) {
    random.pick(actions)()
    await outside.settled()
    await new Promise(setImmediate)
    if ((memory.counts?.().bytes ?? 0) > maxBytes) world.problems.push('more bytes than allowed')
  }
  isDown = false
  while (running.size > 0) {
    gates.open()
    await new Promise(setImmediate)
  }
  const closing = cached.close()
  let isClosed = false
  void closing.then(() => {
    isClosed = true
  })
  while (!isClosed) {
    gates.open()
    await new Promise(setImmediate)
  }
  return { ...world, counts: cached.counts!() }
}

test.each([false, true])(
  'whatever meets, nothing is too old and nothing falls back (front is far: %s)',
  {
    timeout: 300_000,
  },
  async (isFrontFar) => {
    const totals: Record<string, number> = {}
    for (let seed = FIRST_SEED; seed < FIRST_SEED + WORLDS; seed += 1) {
      const { problems, counts, met } = await runWorld(seed, { isFrontFar })
      expect({ seed, problems }).toEqual({ seed, problems: [] })
      for (const [name, count] of [...met, ...Object.entries(counts)]) totals[name] = (totals[name] ?? 0) + count
    }
    for (const name of ['hits', 'negativeHits', 'misses', 'stale'])
      expect([name, totals[name]! > 100]).toEqual([name, true])
    expect(totals.frontFailures).toBe(0)
    if (!isFrontFar) expect(totals.evictions).toBeGreaterThan(100)
  },
)
