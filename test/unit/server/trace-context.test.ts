import { ROOT_CONTEXT, trace } from '@opentelemetry/api'
import { expect, test } from 'vitest'
import { parentContextOf } from '../../../src/server/trace-context.ts'

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const PARENT = '00f067aa0ba902b7'

const parentOf = (traceparent: string, tracestate?: string) =>
  trace.getSpanContext(parentContextOf(tracestate === undefined ? { traceparent } : { traceparent, tracestate }))

test('a traceparent gives the trace, its parent and whether it is sampled', () => {
  expect(parentOf(`00-${TRACE}-${PARENT}-01`)).toEqual({
    ...{ traceId: TRACE, spanId: PARENT, traceFlags: 1, isRemote: true },
  })
  expect(parentOf(`00-${TRACE}-${PARENT}-00`)?.traceFlags).toBe(0)
  expect(parentOf(`00-${TRACE}-${PARENT}-03`)?.traceFlags).toBe(1)
  expect(parentOf(`00-${TRACE}-${PARENT}-01`, 'a=1,b=2')?.traceState?.serialize()).toBe('a=1,b=2')
})

test('a version that is not known yet is read as the first', () => {
  expect(parentOf(`7b-${TRACE}-${PARENT}-01-what.comes`)?.traceId).toBe(TRACE)
})

test.each([
  ['', 'empty'],
  [`00-${TRACE}-${PARENT}`, 'too short'],
  [`00-${TRACE}-${PARENT}-01-x`, 'too long for its version'],
  [`ff-${TRACE}-${PARENT}-01`, 'a version that is forbidden'],
  [`00-${'0'.repeat(32)}-${PARENT}-01`, 'no trace'],
  [`00-${TRACE}-${'0'.repeat(16)}-01`, 'no parent'],
  [`00-${TRACE.toUpperCase()}-${PARENT}-01`, 'upper case'],
])('%j is as if it were not there: %s', (traceparent) => {
  expect(parentContextOf({ traceparent })).toBe(ROOT_CONTEXT)
})
