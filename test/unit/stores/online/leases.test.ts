import { describe, expect, test } from 'vitest'
import type { Clock } from '../../../../src/lib/clock.ts'
import { acquireLease } from '../../../../src/stores/online/leases.ts'
import { createRecords } from '../../../../src/stores/online/records.ts'
import { lmdbAddress, openLmdb } from '../../../support/open-lmdb.ts'
import { startStoreProcess } from '../../../support/store-process.ts'

const HELD = expect.objectContaining({ code: 'LEASE_HELD', retryable: true })

/** A clock that the test moves. */
function handClock(): Clock & { micros: number } {
  return {
    kind: 'clock',
    description: 'by hand',
    micros: 0,
    nowMicros() {
      return this.micros
    },
  }
}

describe('a lease', () => {
  test('has one holder at a time, until it is released', async () => {
    const records = createRecords(await openLmdb())
    const lease = await acquireLease(records, 'work')
    await expect(acquireLease(records, 'work')).rejects.toEqual(HELD)
    await acquireLease(records, 'other work')
    await lease.release()
    const next = await acquireLease(records, 'work')
    await lease.release()
    await expect(acquireLease(records, 'work')).rejects.toEqual(HELD)
    await next.renew()
  })

  test('runs out, and then another may take it for good', async () => {
    const records = createRecords(await openLmdb())
    const clock = handClock()
    const options = { clock, lengthMillis: 10 }
    const first = await acquireLease(records, 'work', options)
    clock.micros = 9_999
    await expect(acquireLease(records, 'work', options)).rejects.toEqual(HELD)
    await first.renew()
    clock.micros = 19_998
    await expect(acquireLease(records, 'work', options)).rejects.toEqual(HELD)
    clock.micros = 19_999
    const second = await acquireLease(records, 'work', options)
    await expect(first.renew()).rejects.toEqual(HELD)
    await first.release()
    await second.renew()
    await second.release()
    await expect(first.renew()).rejects.toEqual(HELD)
  })

  test('that has run out is still its holder’s where nobody took it', async () => {
    const records = createRecords(await openLmdb())
    const clock = handClock()
    const lease = await acquireLease(records, 'work', { clock, lengthMillis: 10 })
    clock.micros = 50_000
    await lease.renew()
    await expect(acquireLease(records, 'work', { clock })).rejects.toEqual(HELD)
  })

  test('goes to one of several processes', async () => {
    const address = await lmdbAddress()
    const store = await openLmdb(address)
    const takers = [1, 2, 3].map(() => startStoreProcess('takeLease', address, null))
    await Promise.all(takers.map((taker) => taker.finished()))
    expect(takers.flatMap((taker) => taker.said).toSorted()).toEqual([false, false, true])
    await expect(acquireLease(createRecords(store), 'work')).rejects.toEqual(HELD)
  })
})
