import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { FastifyInstance } from 'fastify'

const deflate = promisify(gzip)
/** As the product's defaults are. */
const THRESHOLD_BYTES = 1_024
const LEVEL = 6

export function isWorthCompressing(body: string | Buffer): boolean {
  return body.length >= THRESHOLD_BYTES
}

/** On libuv's threads, so that the server goes on meanwhile. */
export function gzipped(body: string | Buffer): Promise<Buffer> {
  return deflate(body, { level: LEVEL })
}

/** Compresses the answers of a Fastify app, whole. */
export function compressAnswers(app: FastifyInstance): void {
  app.addHook('onSend', async (request, reply, payload) => {
    const takesGzip = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
    const isBody = typeof payload === 'string' || Buffer.isBuffer(payload)
    if (!takesGzip || !isBody || !isWorthCompressing(payload)) return payload
    const small = await gzipped(payload)
    reply.header('content-encoding', 'gzip').header('content-length', small.byteLength)
    return small
  })
}
