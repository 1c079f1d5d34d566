import { EventEmitter } from 'node:events'
import type { ServerResponse } from 'node:http'
import { describe, expect, test } from 'vitest'
import { createPlaces } from '../../../src/server/places.ts'

/** All that places see of a response is its end. */
class Response extends EventEmitter {
  end(): void {
    this.emit('close')
  }
  take(places: ReturnType<typeof createPlaces>): undefined | Promise<void> {
    return places.take(this as unknown as ServerResponse)
  }
}

const LIMITS = { maxConcurrentRequests: 1, maxQueuedRequests: 2, maxQueueMillis: 20_000 }

/** Takes a place for each, and notes whose turn has come. */
function line(places: ReturnType<typeof createPlaces>, names: readonly string[]) {
  const begun: string[] = []
  const responses = names.map((name) => {
    const response = new Response()
    const turn = response.take(places)
    if (turn === undefined) begun.push(name)
    else
      turn.then(
        () => begun.push(name),
        ({ code }) => begun.push(`${name}: ${code}`),
      )
    return response
  })
  return { begun, responses }
}

const tick = () => new Promise((resolve) => setImmediate(resolve))

describe('places', () => {
  test('are given in the order of coming', async () => {
    const { begun, responses } = line(createPlaces(LIMITS), ['a', 'b', 'c'])
    for (const [index, response] of responses.entries()) {
      await tick()
      expect(begun).toEqual(['a', 'b', 'c'].slice(0, index + 1))
      response.end()
    }
  })

  test('are refused where the line is full, and given again where it is not', async () => {
    const places = createPlaces(LIMITS)
    const { responses } = line(places, ['a', 'b', 'c'])
    expect(() => new Response().take(places)).toThrow(expect.objectContaining({ code: 'TOO_MANY_REQUESTS' }))
    responses[0]!.end()
    expect(line(places, ['d']).begun).toEqual([])
    for (const response of responses) response.end()
  })

  test('are not kept for one who has gone', async () => {
    const places = createPlaces(LIMITS)
    const { begun, responses } = line(places, ['a', 'b', 'c'])
    responses[1]!.end()
    responses[0]!.end()
    await tick()
    expect(begun).toEqual(['a', 'b: REQUEST_ABORTED', 'c'])
    responses[2]!.end()
    expect(line(places, ['d']).begun).toEqual(['d'])
  })

  test('are not waited for longer than is allowed', async () => {
    const places = createPlaces({ ...LIMITS, maxQueueMillis: 10 })
    const { begun, responses } = line(places, ['a', 'b'])
    await expect.poll(() => begun).toEqual(['a', 'b: TOO_MANY_REQUESTS'])
    for (const response of responses) response.end()
    expect(line(places, ['c']).begun).toEqual(['c'])
  })
})
