import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Compression } from './compression.ts'
import type { HttpAnswer } from './http-answer.ts'
import { commonHeaders } from './http-server.ts'

/** The fingerprint of the registry that an answer comes from. */
const REGISTRY_HEADER = 'x-fieldstone-registry'

/** A body up to this length goes to the socket together with its head, as one text; a greater one is not worth copying. */
const MAX_TEXT_BYTES = 16 * 1024

/**
 * Sends a GraphQL answer, compressed as its client takes it. It is written to Node's response itself: Fastify's way there has
 * nothing to add to bytes that are ready, and costs as much as answering for one entity.
 */
export function sendAnswer(
  answer: HttpAnswer,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply },
  compression: Compression | undefined,
): void | Promise<void> {
  const body = typeof answer.body === 'string' ? Buffer.from(answer.body) : answer.body
  const headers = [...commonHeaders(request), REGISTRY_HEADER, answer.fingerprint]
  for (const [name, value] of answer.headers) headers.push(name, value)
  if (compression === undefined) return write({ reply, status: answer.status, headers }, body)
  headers.push('vary', 'accept-encoding')
  const encoding = compression.choose(request.headers['accept-encoding'], body.byteLength)
  if (encoding === undefined) return write({ reply, status: answer.status, headers }, body)
  headers.push('content-encoding', encoding)
  return compression
    .compress(encoding, body)
    .then((compressed) => write({ reply, status: answer.status, headers }, compressed))
}

interface Head {
  readonly reply: FastifyReply
  readonly status: number
  /** Names and values in turn. */
  readonly headers: string[]
}

function write({ reply, status, headers }: Head, body: Uint8Array): void {
  reply.hijack()
  const { raw } = reply
  headers.push('content-length', String(body.byteLength))
  raw.writeHead(status, headers)
  if (body.byteLength > MAX_TEXT_BYTES) raw.end(body)
  else raw.end(Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('latin1'), 'latin1')
}
