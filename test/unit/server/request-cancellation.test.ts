import { once } from 'node:events'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { RequestCancellation } from '../../../src/server/request-cancellation.ts'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

const codeOf = (reason: unknown): unknown => (reason as { code?: unknown } | undefined)?.code

describe('a request in time', () => {
  test('has no reason, and no timer as long as nobody asks for a signal', () => {
    const cancellation = new RequestCancellation(100)
    vi.advanceTimersByTime(99)
    expect(cancellation.reason).toBeUndefined()
    expect(vi.getTimerCount()).toBe(0)
  })

  test('has one signal and one timer, which its end stops', () => {
    const cancellation = new RequestCancellation(100)
    const { signal } = cancellation
    expect([cancellation.signal, vi.getTimerCount()]).toEqual([signal, 1])
    cancellation.end()
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(1_000)
    expect(signal.aborted).toBe(false)
  })

  test('that has ended has no reason and starts no timer, however late it is asked', () => {
    const cancellation = new RequestCancellation(100)
    cancellation.end()
    vi.advanceTimersByTime(1_000)
    expect(cancellation.reason).toBeUndefined()
    expect([cancellation.signal.aborted, vi.getTimerCount()]).toEqual([false, 0])
  })
})

describe('a deadline that passes', () => {
  test('is the reason from that instant on, whoever asks when', () => {
    const cancellation = new RequestCancellation(100)
    vi.advanceTimersByTime(100)
    const { reason } = cancellation
    expect(reason).toMatchObject({ code: 'DEADLINE_EXCEEDED', details: { facts: { allowedMillis: 100 } } })
    expect(cancellation.reason).toBe(reason)
    expect([cancellation.signal.aborted, cancellation.signal.reason]).toEqual([true, reason])
    expect(vi.getTimerCount()).toBe(0)
  })

  test('aborts a signal that was asked for before, once and with the same reason', () => {
    const cancellation = new RequestCancellation(100)
    vi.advanceTimersByTime(40)
    const { signal } = cancellation
    const reasons: unknown[] = []
    signal.addEventListener('abort', () => reasons.push(signal.reason))
    vi.advanceTimersByTime(59)
    expect(signal.aborted).toBe(false)
    vi.advanceTimersByTime(2)
    expect(reasons.map(codeOf)).toEqual(['DEADLINE_EXCEEDED'])
    expect(cancellation.reason).toBe(reasons[0])
    cancellation.abandon()
    expect([reasons.length, codeOf(cancellation.reason)]).toEqual([1, 'DEADLINE_EXCEEDED'])
  })

  test('is seen between reads though its timer has not come yet', () => {
    vi.useRealTimers()
    const cancellation = new RequestCancellation(20)
    const { signal } = cancellation
    const startedAt = performance.now()
    // The thread is held by work, so no timer comes.
    while (performance.now() - startedAt < 25) expect(signal.aborted).toBe(false)
    expect(codeOf(cancellation.reason)).toBe('DEADLINE_EXCEEDED')
    expect(signal.reason).toBe(cancellation.reason)
  })
})

describe('a client that goes away', () => {
  test('is the reason, before any deadline', () => {
    const cancellation = new RequestCancellation(100)
    const { signal } = cancellation
    cancellation.abandon()
    expect([codeOf(cancellation.reason), signal.reason]).toEqual(['REQUEST_ABORTED', cancellation.reason])
    expect(vi.getTimerCount()).toBe(0)
    vi.advanceTimersByTime(1_000)
    expect(codeOf(cancellation.reason)).toBe('REQUEST_ABORTED')
  })

  test('is told by a signal that is asked for later', () => {
    const cancellation = new RequestCancellation(100)
    cancellation.abandon()
    expect([cancellation.signal.aborted, codeOf(cancellation.signal.reason)]).toEqual([true, 'REQUEST_ABORTED'])
  })
})

test('a timer of the machine ends a wait', async () => {
  vi.useRealTimers()
  const cancellation = new RequestCancellation(30)
  const startedAt = performance.now()
  await once(cancellation.signal, 'abort')
  expect(performance.now() - startedAt).toBeGreaterThanOrEqual(25)
  await wait(0)
  expect(codeOf(cancellation.signal.reason)).toBe('DEADLINE_EXCEEDED')
})
