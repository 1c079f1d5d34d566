import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { type CircuitState, createCircuitBreaker } from '../../../../src/stores/online/circuit-breaker.ts'

/** A circuit that opens at the third failure, and takes half a minute or no time to probe. */
function circuit(parts: { readonly openAfterMillis?: number; readonly probeAfterMillis?: number } = {}) {
  const states: CircuitState[] = []
  const settings = { openAfterFailures: 3, openAfterMillis: 0, probeAfterMillis: 30_000, maxProbeAfterMillis: 30_000 }
  const breaker = createCircuitBreaker({ ...settings, ...parts }, (state) => states.push(state))
  const fail = (times: number) => {
    for (let time = 0; time < times; time += 1) breaker.report('read', 'failed')
  }
  return { breaker, states, fail }
}

describe('a circuit', () => {
  test('opens when so many reads have failed with none answered between', () => {
    const { breaker, fail } = circuit()
    fail(2)
    breaker.report('read', 'answered')
    fail(2)
    expect(breaker.enter()).toBe('read')
    fail(1)
    expect(breaker.state).toBe('open')
    expect(breaker.enter()).toBeUndefined()
    expect(breaker.leftMillis).toBeGreaterThan(20_000)
  })

  test('stays closed while the failures all fall within a moment', async () => {
    const { breaker, fail } = circuit({ openAfterMillis: 20 })
    fail(100)
    expect(breaker.state).toBe('closed')
    await wait(30)
    fail(1)
    expect(breaker.state).toBe('open')
  })

  test('is left as it is by what says nothing of the store', () => {
    const { breaker, fail } = circuit()
    fail(2)
    breaker.report('read', 'unsaid')
    fail(1)
    expect(breaker.state).toBe('open')
  })

  test('lets one read through to see, and closes when it is answered', () => {
    const { breaker, states, fail } = circuit({ probeAfterMillis: 0 })
    fail(3)
    expect([breaker.enter(), breaker.enter(), breaker.leftMillis]).toEqual(['probe', undefined, 0])
    breaker.report('probe', 'answered')
    expect([breaker.enter(), breaker.enter()]).toEqual(['read', 'read'])
    expect(states).toEqual(['open', 'probing', 'closed'])
  })

  test('waits twice as long after each probe that fails, up to the most, and as at first once it has closed', async () => {
    const { breaker, fail } = circuit({ probeAfterMillis: 10_000 })
    const waits: number[] = []
    // As nothing is answered, each probe is one more failure; that it is not due yet the breaker need not know.
    fail(3)
    waits.push(breaker.leftMillis)
    for (let probe = 0; probe < 3; probe += 1) {
      breaker.report('probe', 'failed')
      waits.push(breaker.leftMillis)
    }
    const seconds = [10, 20, 30, 30]
    for (const [index, millis] of waits.entries()) {
      expect(millis).toBeGreaterThan(seconds[index]! * 890)
      expect(millis).toBeLessThanOrEqual(seconds[index]! * 1_100)
    }
    breaker.report('probe', 'answered')
    fail(3)
    expect(breaker.leftMillis).toBeLessThanOrEqual(11_000)
  })

  test('lets the next read probe where the first was given up', () => {
    const { breaker, fail } = circuit({ probeAfterMillis: 0 })
    fail(3)
    expect(breaker.enter()).toBe('probe')
    breaker.report('probe', 'unsaid')
    expect([breaker.state, breaker.enter()]).toEqual(['open', 'probe'])
  })

  test('hears nothing of reads that began before it opened', () => {
    const { breaker, states, fail } = circuit()
    fail(3)
    breaker.report('read', 'answered')
    fail(20)
    expect([breaker.state, states]).toEqual(['open', ['open']])
  })
})
