import type { IncomingHttpHeaders } from 'node:http'
import { type Context, createTraceState, ROOT_CONTEXT, type SpanContext, trace } from '@opentelemetry/api'

/** `traceparent` of the W3C's Trace Context: version, trace id, parent id, flags; later versions may add to it. */
const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/

const ZEROS = /^0+$/

/** The span that a request comes from, or none: a header that is not as it should be is as if it were not there. */
export function parentContextOf(headers: IncomingHttpHeaders): Context {
  const parent = spanContextOf(headers.traceparent)
  if (parent === undefined) return ROOT_CONTEXT
  const { tracestate } = headers
  const state = tracestate === undefined ? {} : { traceState: createTraceState(String(tracestate)) }
  return trace.setSpanContext(ROOT_CONTEXT, { ...parent, ...state })
}

function spanContextOf(header: string | string[] | undefined): SpanContext | undefined {
  if (typeof header !== 'string') return undefined
  const [, version, traceId, spanId, flags, more] = TRACEPARENT.exec(header.trim()) ?? []
  if (traceId === undefined || spanId === undefined || version === 'ff') return undefined
  if (version === '00' && more !== undefined) return undefined
  if (ZEROS.test(traceId) || ZEROS.test(spanId)) return undefined
  // Of the flags only that of sampling is known.
  return { traceId, spanId, traceFlags: Number.parseInt(flags!, 16) & 1, isRemote: true }
}
