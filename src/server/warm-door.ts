import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import type { Serving } from '../serving/serving.ts'
import type { Drain } from './drain.ts'
import { type House, type HttpExchange, runRequest } from './house.ts'
import { JSON_TYPE, parseJsonBody } from './json-body.ts'
import type { Places } from './places.ts'
import { requestIdOf } from './request-id.ts'
import { findWarm, type WarmRequest } from './warm-request.ts'

export interface WarmDoorOptions {
  readonly house: House
  readonly drain: Drain
  readonly places: Places
  /** What requests that begin now are answered by. */
  readonly serving: () => Serving
  readonly path: string
  readonly maxBodyBytes: number
  /** Sends what a hook refused a request with, and what nobody expected. */
  readonly refuse: (thrown: unknown, exchange: HttpExchange) => void
  /** Takes every request that is not for this door, its body read or not: see `bodyRead`. */
  readonly longWay: RequestListener
}

/** Requests that this door has let in and that then went the long way, with their bodies where it has read them whole. */
const letIn = new WeakMap<IncomingMessage, Buffer | undefined>()

/** Whether a request comes from this door: it is counted already. */
export function hasComeFromDoor(request: IncomingMessage): boolean {
  return letIn.has(request)
}

/** The body of a request that comes from this door, as a stream; undefined where it is still to be read. */
export function bodyRead(request: IncomingMessage): Readable | undefined {
  const body = letIn.get(request)
  return body === undefined ? undefined : Readable.from([body], { objectMode: false })
}

/**
 * The short way, before any framework: a POST of JSON whose operation was answered before goes from its body straight to its plan, through the
 * same hooks as any other. Every other request goes the long way, as if it had not been looked at.
 */
export function createWarmDoor(options: WarmDoorOptions): RequestListener {
  const { house, drain, places, maxBodyBytes, longWay, path } = options

  function enters({ method, url, headers }: IncomingMessage): boolean {
    return (
      method === 'POST' &&
      (url === path || url?.startsWith(`${path}?`) === true) &&
      isJson(headers['content-type']) &&
      Number(headers['content-length'] ?? 0) <= maxBodyBytes &&
      !drain.isDraining
    )
  }

  function onBody(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
    const exchange = { id: requestIdOf(request), request, response }
    const leave = places.take()
    if (leave instanceof Error) return void options.refuse(leave, exchange)
    response.on('close', leave)
    const warm = warmOf(request, body)
    if (warm !== undefined) void answer(warm, exchange)
    else goLongWay(request, response, body)
  }

  function goLongWay(request: IncomingMessage, response: ServerResponse, body: Buffer | undefined): void {
    letIn.set(request, body)
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
    readBody(request, maxBodyBytes, (body) => {
      if (body === undefined) goLongWay(request, response, undefined)
      else onBody(request, response, body)
    })
  }
}

/** Whatever its parameters: a charset is looked at with the body. */
function isJson(contentType: string | undefined): boolean {
  return contentType === JSON_TYPE || /^application\/json\s*(;|$)/i.test(contentType ?? '')
}

/**
 * Reads a body, which is nearly always one piece. One that turns out longer than allowed is put back, and none is given; one that never ends
 * is the server's to cut off.
 */
function readBody(request: IncomingMessage, maxBytes: number, onEnd: (body: Buffer | undefined) => void): void {
  const pieces: Buffer[] = []
  let bytes = 0
  const onData = (piece: Buffer): void => {
    pieces.push(piece)
    bytes += piece.byteLength
    if (bytes <= maxBytes) return
    request.off('data', onData).off('end', onAll).pause()
    request.unshift(Buffer.concat(pieces))
    onEnd(undefined)
  }
  const onAll = (): void => onEnd(pieces.length === 1 ? pieces[0] : Buffer.concat(pieces))
  request.on('data', onData).on('end', onAll)
}
