import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import type { FieldstoneError } from '../../../../src/errors.ts'
import { type GuardSettings, guardStore } from '../../../../src/stores/online/guarded-store.ts'
import type { ReadRequest } from '../../../../src/stores/online/online-store.ts'
import { faultyStore } from '../../../support/faulty-store.ts'
import { openLmdb } from '../../../support/open-lmdb.ts'

const SETTINGS: GuardSettings = {
  ...{ readTimeoutMillis: 20_000, maxReadsInFlight: 100, maxReadsWaiting: 100 },
  ...{ openAfterFailures: 3, openAfterMillis: 0, probeAfterMillis: 30_000, maxProbeAfterMillis: 30_000 },
}

const keyed = (...keys: readonly number[]): ReadRequest => ({
  entity: 'City',
  keys: keys.map((key) => Uint8Array.of(key)),
  cells: [{ view: 'profile@1', part: 0 }],
})
const ONE = keyed(1)

async function guarded(settings: Partial<GuardSettings> = {}) {
  const faulty = faultyStore(await openLmdb())
  const told: string[] = []
  const store = guardStore(faulty.store, {
    name: 'store',
    settings: { ...SETTINGS, ...settings },
    listener: { circuitIs: (state) => told.push(state), refused: (why) => told.push(why) },
  })
  /** What a read comes to: its batch, or its error's code. */
  const outcomeOf = async (request = ONE): Promise<unknown> => {
    try {
      return await store.read(request)
    } catch (error) {
      return (error as FieldstoneError).code
    }
  }
  return { faulty, store, told, outcomeOf }
}

describe('a guard', () => {
  test('gives an answer that is there at once as it is', async () => {
    const { faulty, store } = await guarded()
    faulty.fault = 'at once'
    expect(store.read(ONE)).toEqual([undefined])
  })

  test('watches a store that has answered at once, and then does not', async () => {
    const { faulty, outcomeOf, told } = await guarded({ readTimeoutMillis: 30 })
    faulty.fault = 'at once'
    for (let read = 0; read < 3; read += 1) expect(await outcomeOf()).toEqual([undefined])
    faulty.fault = 'hangs'
    expect([await outcomeOf(), await outcomeOf()]).toEqual(['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'])
    expect(faulty.reads.at(-1)!.signal!.aborted).toBe(true)
    expect(told).toEqual(['closed', 'timed out', 'timed out'])
  })

  test('gives a read up that takes too long, and tells the store so', async () => {
    const { faulty, outcomeOf, told } = await guarded({ readTimeoutMillis: 30 })
    faulty.fault = 'hangs'
    expect(await outcomeOf()).toBe('STORE_UNAVAILABLE')
    expect(faulty.reads[0]!.signal!.aborted).toBe(true)
    expect(told).toEqual(['closed', 'timed out'])
  })

  test('opens the circuit of a store that answers nothing, and says for how long', async () => {
    const { faulty, store, told, outcomeOf } = await guarded()
    faulty.fault = 'refuses'
    for (let read = 0; read < 3; read += 1) await outcomeOf()
    await expect(store.read(ONE)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/the circuit to store is open: .* It is asked again in \d+ ms\./),
      details: {
        facts: { circuit: 'open', retryAfterMillis: expect.any(Number) },
        cause: { code: 'STORE_UNAVAILABLE' },
      },
    })
    expect(faulty.reads).toHaveLength(3)
    expect(told).toEqual(['closed', 'open', 'circuit open'])
  })

  test('asks one read again after a while, and then all', async () => {
    const { faulty, told, outcomeOf } = await guarded({ probeAfterMillis: 1 })
    faulty.fault = 'refuses'
    for (let read = 0; read < 3; read += 1) await outcomeOf()
    await wait(10)
    faulty.fault = 'hangs'
    const probe = outcomeOf()
    expect(await outcomeOf()).toBe('STORE_UNAVAILABLE')
    faulty.release()
    expect(await probe).toEqual([undefined])
    faulty.fault = 'answers'
    expect(await Promise.all([outcomeOf(), outcomeOf()])).toEqual([[undefined], [undefined]])
    expect(told).toEqual(['closed', 'open', 'probing', 'circuit open', 'closed'])
  })

  test.each(['refuses a key' as const, { failingKeys: [0] }])(
    'stays closed at %j beside cells that are read',
    async (fault) => {
      const { faulty, told, outcomeOf } = await guarded()
      faulty.fault = fault
      for (let read = 0; read < 10; read += 1) await outcomeOf(keyed(1, 2))
      expect(told).toEqual(['closed'])
    },
  )

  test('takes a batch without a cell that could be read for a failure, and gives it all the same', async () => {
    const { faulty, told, outcomeOf } = await guarded()
    faulty.fault = { failingKeys: [0, 1] }
    for (let read = 0; read < 3; read += 1)
      expect(await outcomeOf(keyed(1, 2))).toEqual([expect.any(Error), expect.any(Error)])
    expect(told).toEqual(['closed', 'open'])
  })

  test('ends a read with its caller, which says nothing of the store', async () => {
    const { faulty, told, outcomeOf } = await guarded()
    faulty.fault = 'hangs'
    const gone = new Error('gone')
    for (let read = 0; read < 5; read += 1) {
      const caller = new AbortController()
      const reading = outcomeOf({ ...ONE, signal: caller.signal })
      caller.abort(gone)
      await reading
    }
    const late = AbortSignal.abort(gone)
    await outcomeOf({ ...ONE, signal: late })
    expect(faulty.reads.map(({ signal }) => signal!.reason)).toEqual(Array.from({ length: 6 }, () => gone))
    expect(told).toEqual(['closed'])
  })

  test('lets so many reads in, so many wait in their order, and refuses the rest', async () => {
    const { faulty, told, outcomeOf } = await guarded({ maxReadsInFlight: 2, maxReadsWaiting: 2 })
    faulty.fault = 'hangs'
    const four = [1, 2, 3, 4].map((key) => outcomeOf(keyed(key)))
    expect(await outcomeOf(keyed(5))).toBe('STORE_BUSY')
    expect(faulty.reads).toHaveLength(2)
    faulty.fault = 'answers'
    faulty.release()
    expect(await Promise.all(four)).toEqual([[undefined], [undefined], [undefined], [undefined]])
    expect(faulty.reads.map(({ keys }) => keys[0]![0])).toEqual([1, 2, 3, 4])
    expect(told).toEqual(['closed', 'line full'])
  })

  test('lets nobody wait longer than a read may take', async () => {
    const { faulty, told, outcomeOf } = await guarded({ maxReadsInFlight: 1, readTimeoutMillis: 40 })
    faulty.fault = 'hangs'
    // At the end of the first the second begins, and the third has waited as long as the first was read.
    expect(await Promise.all([outcomeOf(), outcomeOf(), outcomeOf()])).toEqual([
      'STORE_UNAVAILABLE',
      'STORE_UNAVAILABLE',
      'STORE_BUSY',
    ])
    expect(told).toEqual(['closed', 'timed out', 'waited too long', 'timed out'])
  })

  test('lets nobody wait for a store whose circuit has opened', async () => {
    const { faulty, told, outcomeOf } = await guarded({
      maxReadsInFlight: 1,
      openAfterFailures: 1,
      readTimeoutMillis: 50,
    })
    faulty.fault = 'hangs'
    const all = await Promise.all([outcomeOf(), outcomeOf(), outcomeOf()])
    expect(all).toEqual(['STORE_UNAVAILABLE', 'STORE_UNAVAILABLE', 'STORE_UNAVAILABLE'])
    expect(faulty.reads).toHaveLength(1)
    expect(told.slice(0, 3)).toEqual(['closed', 'timed out', 'open'])
  })

  test('lets one that waits go with its caller', async () => {
    const { faulty, outcomeOf } = await guarded({ maxReadsInFlight: 1 })
    faulty.fault = 'hangs'
    const first = outcomeOf()
    const caller = new AbortController()
    const second = outcomeOf({ ...ONE, signal: caller.signal })
    caller.abort(new Error('gone'))
    expect(await second).toBeUndefined()
    faulty.release()
    expect(await first).toEqual([undefined])
    expect(faulty.reads).toHaveLength(1)
  })

  test('asks of health past an open circuit', async () => {
    const { faulty, store, outcomeOf } = await guarded()
    faulty.fault = 'refuses'
    for (let read = 0; read < 3; read += 1) await outcomeOf()
    expect(await store.health()).toMatchObject({ ok: true })
  })
})
