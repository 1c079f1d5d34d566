import { type Agent, type IncomingHttpHeaders, type IncomingMessage, request } from 'node:http'
import { buffer } from 'node:stream/consumers'

/** A request with the headers that are named and no others, save `host`, `connection` and the length of the body. */
export interface RawRequest {
  /** Default POST. */
  readonly method?: string
  /** Default /graphql. */
  readonly path?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Uint8Array | undefined
  /** Default: a connection of its own. */
  readonly agent?: Agent
}

/** What came back, as it was on the wire: not decompressed. */
export interface RawAnswer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  /** Names that were sent more than once. */
  readonly repeated: readonly string[]
  readonly body: Buffer
}

export function sendRaw(url: string, raw: RawRequest): Promise<RawAnswer> {
  const { method = 'POST', path = '/graphql', headers = {}, body, agent } = raw
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers, agent: agent ?? false }, (response) => {
      buffer(response).then((received) => resolve(answerOf(response, received)), reject)
    })
    sent.on('error', reject).end(body)
  })
}

function answerOf({ statusCode, headers, headersDistinct }: IncomingMessage, body: Buffer): RawAnswer {
  const repeated = Object.keys(headersDistinct).filter((name) => headersDistinct[name]!.length > 1)
  return { status: statusCode!, headers, repeated, body }
}
