import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { createOverload, type Overload } from '../../../src/server/overload.ts'

/** A turn of the event loop in which so many requests come, each of which is so much work. Gives how many were taken on. */
async function turn(overload: Overload, requests: number, workMillis: number): Promise<number> {
  let taken = 0
  for (let request = 0; request < requests; request += 1) {
    if (!overload.admits()) continue
    taken += 1
    const until = performance.now() + workMillis
    while (performance.now() < until);
  }
  // Past the end of the turn, and of what is done at it.
  await new Promise((resolve) => setImmediate(() => setImmediate(resolve)))
  return taken
}

describe('where turns are too long', () => {
  test('a single one is let be', async () => {
    const told: boolean[] = []
    const overload = createOverload(1_000, (isShedding) => told.push(isShedding))
    expect([await turn(overload, 5, 250), await turn(overload, 5, 1), await turn(overload, 5, 1)]).toEqual([5, 5, 5])
    expect([overload.isShedding, told]).toEqual([false, []])
  })

  test('work between which the loop sleeps makes none', async () => {
    const overload = createOverload(30)
    for (let time = 0; time < 4; time += 1) {
      expect(await turn(overload, 5, 10)).toBe(5)
      await wait(100)
    }
    expect(overload.isShedding).toBe(false)
  })

  test('the second is cut short, and the next take on what is soon done', async () => {
    const overload = createOverload(30)
    expect(await turn(overload, 10, 10)).toBe(10)
    expect(await turn(overload, 10, 10)).toBeLessThan(10)
    expect(overload.isShedding).toBe(true)
    for (let time = 0; time < 5; time += 1) expect([1, 2]).toContain(await turn(overload, 10, 10))
  })

  test('one request is taken on in each, however much work it is', async () => {
    const overload = createOverload(10)
    await turn(overload, 3, 30)
    for (let time = 0; time < 5; time += 1) expect(await turn(overload, 3, 30)).toBe(1)
  })

  test('all are taken on again when nothing has had to be refused for a while', async () => {
    const told: boolean[] = []
    const overload = createOverload(100, (isShedding) => told.push(isShedding))
    await turn(overload, 3, 80)
    await turn(overload, 3, 80)
    expect([overload.isShedding, told]).toEqual([true, [true]])
    await turn(overload, 1, 1)
    await wait(1_100)
    await turn(overload, 1, 1)
    expect([overload.isShedding, told]).toEqual([false, [true, false]])
    expect(await turn(overload, 50, 0.01)).toBe(50)
  })
})
