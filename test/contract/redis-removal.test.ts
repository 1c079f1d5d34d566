import { randomUUID } from 'node:crypto'
import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { type Clock, fixedClock, systemClock } from '../../src/lib/clock.ts'
import { parseTimestamp } from '../../src/lib/micros.ts'
import type { OnlineStore, OpenContext } from '../../src/stores/online/online-store.ts'
import { redis } from '../../src/stores/online/redis.ts'
import { openContext } from '../support/open-context.ts'
import { cellOf, keyOf, PAIR } from '../support/sample-rows.ts'
import { sharedRedis } from '../support/services/redis.ts'

const SECOND = 1_000_000
const nowMicros = systemClock().nowMicros()

describe('removal by Redis', () => {
  test('takes no row of 2001 where the clock stands still in 2001', async () => {
    const { store } = await open(fixedClock('2001-07-02T00:00:00Z'))
    const removable = parseTimestamp('2001-07-03T00:00:00Z')
    await write(store, { eventMicros: removable! - 2 * SECOND, removable })
    expect(await isThere(store)).toBe(true)
  })

  test('nor where a clock has not said that it runs with the machine', async () => {
    const clock: Clock = { kind: 'clock', description: 'replaying', nowMicros: () => 0 }
    const { store, expiry } = await open(clock)
    await write(store, { eventMicros: 1, removable: 2 })
    expect(await isThere(store)).toBe(true)
    expect(await expiry(0)).toBe('never')
  })

  test('takes a row a minute after its retention, by the machine’s clock', async () => {
    const { store, expiry } = await open(systemClock())
    await write(store, { eventMicros: nowMicros - 300 * SECOND, removable: nowMicros - 30 * SECOND })
    expect(await isThere(store)).toBe(true)
    expectAbout(await expiry(0), nowMicros / 1_000 + 30_000)
    await write(store, { eventMicros: nowMicros - 200 * SECOND, removable: nowMicros - 61 * SECOND })
    expect(await isThere(store)).toBe(false)
  })

  test('takes copies as soon as they may go', async () => {
    const { store, expiry } = await open(systemClock(), { role: 'front' })
    await write(store, { eventMicros: 1, removable: nowMicros + 300 * SECOND })
    expectAbout(await expiry(0), nowMicros / 1_000 + 300_000)
  })

  test('is put off by a later row, and by the same row with a longer life', async () => {
    const { store, expiry } = await open(systemClock())
    const lives = [300, 400, undefined, 500] as const
    for (const packed of [true, undefined] as const) {
      for (const [version, seconds] of lives.entries()) {
        const removable = seconds === undefined ? undefined : nowMicros + seconds * SECOND
        const expected = removable === undefined ? 'never' : removable / 1_000 + 60_000
        await write(store, { eventMicros: version, removable, packed })
        expectAbout(await expiry(0), expected)
        const longer = nowMicros + 900 * SECOND
        expect(await write(store, { eventMicros: version, removable: longer, packed })).toMatchObject({ unchanged: 1 })
        expectAbout(await expiry(0), longer / 1_000 + 60_000)
      }
      await store.delete({ entity: 'Thing', view: 'pair@1', keys: [keyOf('k')] })
    }
  })

  test('is called off by the same row without an end', async () => {
    const { store, expiry } = await open(systemClock())
    for (const packed of [true, undefined] as const) {
      await write(store, { removable: nowMicros + 300 * SECOND, packed })
      expect(await write(store, { removable: undefined, packed })).toMatchObject({ unchanged: 1 })
      expect(await expiry(0)).toBe('never')
      await store.delete({ entity: 'Thing', view: 'pair@1', keys: [keyOf('k')] })
    }
  })

  test('is not touched by an earlier row', async () => {
    const { store, expiry } = await open(systemClock())
    await write(store, { eventMicros: 2, removable: undefined })
    expect(await write(store, { eventMicros: 1, removable: nowMicros + SECOND })).toMatchObject({ superseded: 1 })
    expect(await expiry(0)).toBe('never')
  })

  test('lets the set of a key’s parts live as long as the last of them', async () => {
    const { store, expiryOfParts } = await open(systemClock())
    const at = (seconds: number) => nowMicros + seconds * SECOND
    await write(store, { part: 1, removable: at(300) })
    expectAbout(await expiryOfParts(), at(300) / 1_000 + 60_000)
    await write(store, { part: 2, removable: at(900) })
    await write(store, { part: 3, removable: at(600) })
    expectAbout(await expiryOfParts(), at(900) / 1_000 + 60_000)
    // The same row with a longer life.
    await write(store, { part: 2, removable: at(1_200), packed: true })
    expectAbout(await expiryOfParts(), at(1_200) / 1_000 + 60_000)
    await write(store, { part: 4, removable: undefined })
    await write(store, { part: 5, removable: at(600) })
    expect(await expiryOfParts()).toBe(-1)
    await store.delete({ entity: 'Thing', view: 'pair@1', keys: [keyOf('k')] })
    const cells = [1, 2, 3, 4, 5].map((part) => ({ view: 'pair@1', part }))
    const left = await store.read({ entity: 'Thing', keys: [keyOf('k')], cells })
    expect(left).toEqual(cells.map(() => undefined))
    expect(await expiryOfParts()).toBe(-2)
  })
})

async function open(clock: Clock, parts: Partial<OpenContext> = {}) {
  const { url } = await sharedRedis()
  const keyPrefix = `removal:${randomUUID()}`
  const driver = redis({ url, keyPrefix })
  const store = await driver.open(driver.options, openContext('.', { clock, ...parts }))
  const client = new Redis(url)
  const start = parts.role === 'front' ? `${keyPrefix}:copies` : keyPrefix
  onTestFinished(async () => {
    client.disconnect()
    await store.close()
  })
  const expiryOf = async (name: Buffer): Promise<number> => {
    const left = await client.pttl(name)
    // Reckoned back from what is left, for PEXPIRETIME is of Redis 7.
    const [seconds, micros] = await client.time()
    return left < 0 ? left : Number(seconds) * 1_000 + Math.floor(Number(micros) / 1_000) + left
  }
  return {
    store,
    /** When the cell goes, in milliseconds since 1970. */
    expiry: async (part: number): Promise<number | 'never'> => {
      const tail = Buffer.from([part >> 8, part & 0xff]).toString('latin1')
      const at = await expiryOf(Buffer.from(`${start}:1c:{Thing\0k\0}pair@1\x06${tail}`, 'latin1'))
      return at === -1 ? 'never' : at
    },
    expiryOfParts: () => expiryOf(Buffer.from(`${start}:1p:{Thing\0k\0}pair@1\x06`, 'latin1')),
  }
}

/** Two times are asked for one after another. */
function expectAbout(found: number | 'never', expected: number | 'never'): void {
  if (found === 'never' || expected === 'never') expect(found).toBe(expected)
  else expect(Math.abs(found - expected)).toBeLessThan(1_000)
}

interface Written {
  readonly eventMicros?: number
  readonly removable: number | undefined
  readonly part?: number
  readonly packed?: true | undefined
}

function write(store: OnlineStore, { eventMicros = 0, removable, part = 0, packed }: Written) {
  const cell = cellOf(PAIR, { eventMicros })
  const rows = [{ key: keyOf('k'), cell, removableAfterMicros: removable }]
  const compare = (a: Uint8Array, b: Uint8Array) => Buffer.compare(a, b)
  return store.write({ entity: 'Thing', view: 'pair@1', part, rows, compare, ...(packed === true ? { packed } : {}) })
}

async function isThere(store: OnlineStore): Promise<boolean> {
  const [cell] = await store.read({ entity: 'Thing', keys: [keyOf('k')], cells: [{ view: 'pair@1', part: 0 }] })
  return cell !== undefined
}
