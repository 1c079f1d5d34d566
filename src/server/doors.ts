import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import type { FieldstoneError } from '../errors.ts'
import type { ApolloGateway } from './apollo.ts'
import { toApolloRequest } from './apollo-request.ts'
import type { Drain } from './drain.ts'
import type { GatewayRequest } from './hooks.ts'
import { type House, type HttpExchange, runRequest } from './house.ts'
import type { HttpAnswer } from './http-answer.ts'
import { JSON_TYPE, parseJsonBody } from './json-body.ts'
import type { Overload } from './overload.ts'
import type { Places } from './places.ts'
import { requestIdOf } from './request-id.ts'
import { findWarm } from './warm-request.ts'

export interface DoorOptions {
  readonly house: House
  readonly apollo: ApolloGateway
  readonly drain: Drain
  readonly places: Places
  readonly overload: Overload
  /** What a request is refused with that is not taken on: one for all, for there may be very many. */
  readonly overloadError: FieldstoneError
  readonly path: string
  readonly maxBodyBytes: number
  /** Sends what a hook refused a request with, what is wrong with its body, and what nobody expected. */
  readonly refuse: (thrown: unknown, exchange: HttpExchange) => void
  /** Takes every request that is no POST of JSON to the path, unread, and those whose body turns out too long. */
  readonly elsewhere: RequestListener
}

/**
 * The two doors of GraphQL, before any framework: a POST of JSON whose operation was answered before goes from its body straight to its
 * plan, every other one to Apollo; both through the same hooks.
 */
export function createDoors(options: DoorOptions): RequestListener {
  const { house, apollo, drain, places, overload, maxBodyBytes, path } = options

  function enters({ method, url, headers }: IncomingMessage): boolean {
    return (
      method === 'POST' &&
      (url === path || url?.startsWith(`${path}?`) === true) &&
      isJson(headers['content-type']) &&
      Number(headers['content-length'] ?? 0) <= maxBodyBytes &&
      !drain.isDraining
    )
  }

  async function onBody(request: IncomingMessage, response: ServerResponse, body: Buffer): Promise<void> {
    const exchange = { id: requestIdOf(request), request, response, arrivedAt: performance.now() }
    try {
      const turn = places.take(response)
      if (turn !== undefined) await turn
      await runRequest(house, exchange, wayOf(request, parseJsonBody(request.headers['content-type'], body)))
    } catch (error) {
      options.refuse(error, exchange)
    }
  }

  function wayOf(request: IncomingMessage, body: unknown) {
    const warm = findWarm(apollo.current.serving, body, request.headers.accept)
    if (warm !== undefined) return warm.answer
    return (graphqlRequest: GatewayRequest): Promise<HttpAnswer> =>
      apollo.answer(toApolloRequest(request, body), graphqlRequest)
  }

  return (request, response) => {
    if (!enters(request)) return options.elsewhere(request, response)
    if (!overload.admits()) {
      return options.refuse(options.overloadError, { id: requestIdOf(request), request, response })
    }
    response.on('close', drain.enter())
    readBody(request, maxBodyBytes, (body) => {
      if (body === undefined) options.elsewhere(request, response)
      else void onBody(request, response, body)
    })
  }
}

/** Whatever its parameters: a charset is looked at with the body. */
function isJson(contentType: string | undefined): boolean {
  return contentType === JSON_TYPE || /^application\/json\s*(;|$)/i.test(contentType ?? '')
}

/**
 * Reads a body, which is nearly always one piece. One that turns out longer than allowed is put back, and none is given; one that
 * never ends is the server's to cut off.
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
