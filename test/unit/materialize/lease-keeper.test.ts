import { setTimeout as wait } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { keepLease } from '../../../src/materialize/lease-keeper.ts'
import { acquireLease } from '../../../src/stores/online/leases.ts'
import { createRecords } from '../../../src/stores/online/records.ts'
import { openLmdb } from '../../support/open-lmdb.ts'

const HELD = expect.objectContaining({ code: 'LEASE_HELD' })

test('a lease is held for longer than its length, and free once it is given back', async () => {
  const records = createRecords(await openLmdb())
  const keeper = keepLease(await acquireLease(records, 'work', { lengthMillis: 1_500 }), 50)
  await wait(2_500)
  await expect(acquireLease(records, 'work')).rejects.toEqual(HELD)
  keeper.assertHeld()
  await keeper.release()
  const next = await acquireLease(records, 'work')
  await wait(150)
  await next.renew()
})

test('a lease that another has taken is told as soon as it is known, and is not given back', async () => {
  const records = createRecords(await openLmdb())
  const keeper = keepLease(await acquireLease(records, 'work'), 20)
  await records.update('lease', 'work', () => undefined)
  const other = await acquireLease(records, 'work')
  await expect(keeper.renew()).rejects.toEqual(HELD)
  await expect.poll(() => isLost(keeper)).toBe(true)
  await keeper.release()
  await other.renew()
})

function isLost(keeper: ReturnType<typeof keepLease>): boolean {
  try {
    keeper.assertHeld()
    return false
  } catch {
    return true
  }
}
