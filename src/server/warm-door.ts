import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Serving } from '../serving/serving.ts'
import type { Drain } from './drain.ts'
import { type House, type HttpExchange, runRequest } from './house.ts'
import { JSON_TYPE, parseJsonBody } from './json-body.ts'
import { requestIdOf } from './request-id.ts'
import { findWarm, type WarmRequest } from './warm-request.ts'

export interface WarmDoorOptions {
  readonly house: House
  readonly drain: Drain
  /** What requests that begin now are answered by. */
  readonly serving: () => Serving
  readonly path: string
  readonly limits: { readonly bodyBytes: number; readonly concurrentRequests: number }
  /** Sends what a hook refused a request with, and what nobody expected. */
  readonly refuse: (thrown: unknown, exchange: HttpExchange) => void
  /** Takes every request that is not for this door, its body read or not: see `bodyRead`. */
  readonly longWay: RequestListener
}

/** Bodies that this door has read of requests that then went the long way. */
const bodiesRead = new WeakMap<IncomingMessage, Buffer>()

/** Whether a request comes from this door: it was let in and is counted. */
export function hasComeFromDoor(request: IncomingMessage): boolean {
  return bodiesRead.has(request)
}

/** The body of a request that comes from this door, as a stream. */
export function bodyRead(request: IncomingMessage): Readable | undefined {
  const body = bodiesRead.get(request)
  return body === undefined ? undefined : Readable.from([body], { objectMode: false })
}

/**
 * The short way, before any framework: a POST of JSON whose operation was answered before goes from its body straight to its plan, through the
 * same hooks as any other. Every other request goes the long way, as if it had not been looked at.
 */
export function createWarmDoor(options: WarmDoorOptions): RequestListener {
  const { house, drain, limits, longWay, path } = options

  function enters({ method, url, headers }: IncomingMessage): boolean {
    const length = headers['content-length']
    return (
      method === 'POST' &&
      (url === path || url?.startsWith(`${path}?`) === true) &&
      isJson(headers['content-type']) &&
      length !== undefined &&
      Number(length) <= limits.bodyBytes &&
      !drain.isDraining &&
      drain.inFlight < limits.concurrentRequests
    )
  }

  function onBody(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const warm = warmOf(request, body)
    if (warm !== undefined) return void answer(warm, { id: requestIdOf(request), request, response })
    bodiesRead.set(request, body)
    longWay(request, response)
  }

  function warmOf({ headers }: IncomingMessage, body: Buffer): WarmRequest | undefined {
    try {
      return findWarm(options.serving(), parseJsonBody(headers['content-type'], body), headers.accept)
    } catch {
      // What is wrong with it is told on the long way.
      return undefined
    }
  }

  async function answer(warm: WarmRequest, exchange: HttpExchange): Promise<void> {
    try {
      await runRequest(house, exchange, warm.answer)
    } catch (error) {
      options.refuse(error, exchange)
    }
  }

  return (request, response) => {
    if (!enters(request)) return longWay(request, response)
    response.on('close', drain.enter())
    readBody(request, (body) => onBody(request, response, body))
  }
}

/** Whatever its parameters: a charset is looked at with the body. */
function isJson(contentType: string | undefined): boolean {
  return contentType === JSON_TYPE || /^application\/json\s*(;|$)/i.test(contentType ?? '')
}

/** A body is nearly always one piece. One that never ends is the server's to cut off. */
function readBody(request: IncomingMessage, onEnd: (body: Buffer) => void): void {
  let first: Buffer | undefined
  let rest: Buffer[] | undefined
  request.on('data', (piece: Buffer) => {
    if (first === undefined) first = piece
    else if (rest === undefined) rest = [first, piece]
    else rest.push(piece)
  })
  request.on('end', () => onEnd(rest === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(rest)))
}
