import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Logger } from 'pino'
import { clientOf } from './client.ts'
import type { Compression } from './compression.ts'
import { type GatewayRequest, type RequestHook, runAfter, runBefore } from './hooks.ts'
import { type HttpAnswer, outcomeOf } from './http-answer.ts'
import { RequestCancellation } from './request-cancellation.ts'
import type { RequestTracing, TracedRequest } from './request-tracing.ts'
import { sendAnswer } from './send-answer.ts'

/** What stands around every GraphQL request, whichever door it comes by. */
export interface House {
  readonly hooks: readonly RequestHook[]
  readonly nowMicros: () => number
  /** How long a request may take. */
  readonly deadlineMillis: number
  /** Undefined: answers go out as they are. */
  readonly compression: Compression | undefined
  /** Told of hooks that fail when the answer is sent. */
  readonly logger: Logger
  /** Undefined: nothing is traced. */
  readonly tracing: RequestTracing | undefined
}

/** One GraphQL request as it came over HTTP. */
export interface HttpExchange {
  readonly id: string
  readonly request: IncomingMessage
  readonly response: ServerResponse
  /** When it had come whole, by `performance.now()`. Default: when it is run. */
  readonly arrivedAt?: number
}

/** Runs a request through the hooks to its answer. Rejects with what a hook refuses it with; nothing is sent then. */
export function runRequest(house: House, exchange: HttpExchange, answer: AnswerRequest): Promise<void> {
  const trace = house.tracing?.begin(exchange.request, exchange)
  const running = answerTraced(house, exchange, { answer, trace })
  if (trace === undefined) return running
  return running.catch((error) => {
    trace.fail(error)
    throw error
  })
}

type AnswerRequest = (request: GatewayRequest) => HttpAnswer | Promise<HttpAnswer>

async function answerTraced(
  house: House,
  { id, request: { headers }, response, arrivedAt = performance.now() }: HttpExchange,
  { answer, trace }: { readonly answer: AnswerRequest; readonly trace: TracedRequest | undefined },
): Promise<void> {
  const cancellation = cancellationOf(response, new RequestCancellation(house.deadlineMillis, arrivedAt))
  const request: GatewayRequest = {
    ...{ id, headers, client: clientOf(headers) },
    ...{ nowMicros: house.nowMicros(), cancellation, trace },
  }
  const beginning = runBefore(house.hooks, request)
  if (beginning !== undefined) await beginning
  // What is answered from memory is answered before anything else is looked at.
  const answering = answer(request)
  const answered = answering instanceof Promise ? await answering : answering
  const sending = sendAnswer(answered, { id, response, acceptEncoding: headers['accept-encoding'] }, house.compression)
  if (sending !== undefined) await sending
  // The answer is in the hand of the client before the hooks look at it.
  const outcome = outcomeOf(answered, performance.now() - arrivedAt)
  trace?.end(outcome)
  runAfter(house.hooks, { request, outcome }, ({ name }, err) =>
    house.logger.error({ requestId: id, hook: name, err }, 'a hook failed after an answer'),
  )
}

/** Ended where the connection is: before the answer is written, the client has gone. */
function cancellationOf(response: ServerResponse, cancellation: RequestCancellation): RequestCancellation {
  response.on('close', () => {
    if (response.writableFinished) cancellation.end()
    else cancellation.abandon()
  })
  return cancellation
}
