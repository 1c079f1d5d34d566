import { expect, test } from 'vitest'
import { createDrain } from '../../../src/server/drain.ts'

test('idle comes with the last request that leaves', async () => {
  const drain = createDrain()
  const [leaveFirst, leaveSecond] = [drain.enter(), drain.enter()]
  drain.begin()
  const idle = drain.idle(5_000)
  leaveFirst()
  leaveFirst()
  expect(drain.inFlight).toBe(1)
  leaveSecond()
  expect(await idle).toBe(true)
  expect(drain.isDraining).toBe(true)
})

test('idle is at once where nothing is in flight', async () => {
  expect(await createDrain().idle(0)).toBe(true)
})

test('idle gives up at the deadline', async () => {
  const drain = createDrain()
  drain.enter()
  expect(await drain.idle(10)).toBe(false)
})
