import type { ServerResponse } from 'node:http'
import type { Compression } from './compression.ts'
import type { HttpAnswer } from './http-answer.ts'

/** The fingerprint of the registry that an answer comes from. */
const REGISTRY_HEADER = 'x-fieldstone-registry'

/** A body up to this length goes to the socket together with its head, as one text; a greater one is not worth copying. */
const MAX_TEXT_BYTES = 16 * 1024

/** What every response says, names and values in turn. */
export function commonHeaders(id: string): string[] {
  return ['x-request-id', id, 'x-content-type-options', 'nosniff', 'cache-control', 'no-store']
}

interface Receiver {
  readonly id: string
  readonly response: ServerResponse
  readonly acceptEncoding: string | string[] | undefined
}

/**
 * Sends a GraphQL answer, compressed as its client takes it. It is written to Node's response itself: Fastify's way there has
 * nothing to add to bytes that are ready, and costs as much as answering for one entity.
 */
export function sendAnswer(
  { status, headers, body: given, fingerprint }: HttpAnswer,
  { id, response, acceptEncoding }: Receiver,
  compression: Compression | undefined,
): undefined | Promise<void> {
  const body = typeof given === 'string' ? Buffer.from(given) : given
  const head = commonHeaders(id)
  head.push(REGISTRY_HEADER, fingerprint)
  for (const [name, value] of headers) head.push(name, value)
  if (compression !== undefined) head.push('vary', 'accept-encoding')
  const encoding = compression?.choose(String(acceptEncoding ?? ''), body.byteLength)
  if (encoding === undefined) {
    write(response, { status, head }, body)
    return undefined
  }
  head.push('content-encoding', encoding)
  return compression!.compress(encoding, body).then((compressed) => write(response, { status, head }, compressed))
}

interface Head {
  readonly status: number
  /** Names and values in turn. */
  readonly head: string[]
}

function write(response: ServerResponse, { status, head }: Head, body: Uint8Array): void {
  head.push('content-length', String(body.byteLength))
  response.writeHead(status, head)
  if (body.byteLength > MAX_TEXT_BYTES) response.end(body)
  else response.end(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'), 'latin1')
}
