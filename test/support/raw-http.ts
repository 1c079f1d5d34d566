import { type Agent, type IncomingHttpHeaders, request } from 'node:http'
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
  readonly body: Buffer
}

export function sendRaw(url: string, raw: RawRequest): Promise<RawAnswer> {
  const { method = 'POST', path = '/graphql', headers = {}, body, agent } = raw
  return new Promise((resolve, reject) => {
    const sent = request(`${url}${path}`, { method, headers, agent: agent ?? false }, (response) => {
      buffer(response).then(
        (received) => resolve({ status: response.statusCode!, headers: response.headers, body: received }),
        reject,
      )
    })
    sent.on('error', reject).end(body)
  })
}
