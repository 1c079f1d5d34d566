import type { IncomingMessage } from 'node:http'
import { type Context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { KnownOperation } from '../serving/known-operation.ts'
import type { PlanTrace, RequestTrace } from '../serving/request-trace.ts'
import type { PlanFind } from '../serving/serving-counts.ts'
import { codeOf, type RequestOutcome } from './hooks.ts'
import { parentContextOf } from './trace-context.ts'

/** Makes a span of each request that is traced. */
export interface RequestTracing {
  /** Undefined: the request is not traced, and costs no more. */
  begin(request: IncomingMessage, facts: { readonly id: string }): TracedRequest | undefined
}

/** A request whose span has begun. */
export interface TracedRequest extends RequestTrace {
  /** By which logs and traces find each other. */
  readonly traceId: string
  end(outcome: Pick<RequestOutcome, 'status' | 'errors' | 'cost'>): void
  /** It was not answered but refused. */
  fail(error: unknown): void
}

/** What spans of reads say of the store. */
export interface TracedStore {
  /** Its driver's name, e.g. `redis`. */
  readonly system: string
}

/**
 * Spans of HTTP, of the answering of a plan within it, and of the reads within that. They hold neither texts of operations nor keys.
 * @param tracer decides what is sampled, by the parent where there is one
 */
export function createRequestTracing(tracer: Tracer, store: TracedStore): RequestTracing {
  return {
    begin: (request, { id }) => {
      const parent = parentContextOf(request.headers)
      const span = tracer.startSpan(
        `${request.method} ${pathOf(request)}`,
        {
          kind: SpanKind.SERVER,
          attributes: {
            'http.request.method': request.method ?? '',
            'http.route': pathOf(request),
            'url.path': pathOf(request),
            'url.scheme': 'http',
            'network.protocol.version': request.httpVersion,
            'fieldstone.request.id': id,
          },
        },
        parent,
      )
      return span.isRecording()
        ? tracedRequest({ tracer, store, span, context: trace.setSpan(parent, span) })
        : undefined
    },
  }
}

function pathOf({ url = '' }: IncomingMessage): string {
  const end = url.indexOf('?')
  return end === -1 ? url : url.slice(0, end)
}

interface Tracing {
  readonly tracer: Tracer
  readonly store: TracedStore
  readonly span: Span
  readonly context: Context
}

function tracedRequest({ tracer, store, span, context }: Tracing): TracedRequest {
  return {
    traceId: span.spanContext().traceId,
    plan: (operation, find) => {
      const plan = tracer.startSpan(operation.type, { attributes: planAttributes(operation, find) }, context)
      return tracedPlan({ tracer, store, span: plan, context: trace.setSpan(context, plan) })
    },
    end: ({ status, errors, cost }) => {
      span.setAttribute('http.response.status_code', status)
      if (cost !== undefined) {
        span.setAttributes({ 'fieldstone.cost.keys': cost.keys, 'fieldstone.cost.values': cost.values })
      }
      if (status >= 500) failed(span, errors[0])
      span.end()
    },
    fail: (error) => {
      failed(span, error)
      span.end()
    },
  }
}

function planAttributes(operation: KnownOperation, find: PlanFind) {
  const { name, type } = operation
  return {
    'graphql.operation.type': type,
    ...(name === undefined ? {} : { 'graphql.operation.name': name.slice(0, 200) }),
    'fieldstone.plan.find': find,
  }
}

function tracedPlan({ tracer, store, span, context }: Tracing): PlanTrace {
  return {
    read: ({ entity, keys, views }) => {
      const read = tracer.startSpan(
        `read ${entity}`,
        {
          kind: SpanKind.CLIENT,
          attributes: {
            'db.system.name': store.system,
            'db.operation.name': 'read',
            'db.collection.name': entity,
            'db.operation.batch.size': keys,
            'fieldstone.views': views,
          },
        },
        context,
      )
      return (error) => {
        if (error !== undefined) failed(read, error)
        read.end()
      }
    },
    end: ({ errors }) => {
      if (errors.length > 0) {
        failed(span, errors[0])
        span.setAttribute('fieldstone.errors', errors.length)
      }
      span.end()
    },
  }
}

/** Messages may quote what a client sent, so the code alone is told. */
function failed(span: Span, error: unknown): void {
  const code = error instanceof Error ? codeOf(error) : 'INTERNAL_SERVER_ERROR'
  span.setAttribute('error.type', code)
  span.setStatus({ code: SpanStatusCode.ERROR, message: code })
}
