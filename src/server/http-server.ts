import type { Socket } from 'node:net'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify, LogController } from 'fastify'
import type { Logger } from 'pino'
import { FieldstoneError } from '../errors.ts'
import type { Limits } from '../registry/limits.ts'
import type { Drain } from './drain.ts'
import { codeOf } from './hooks.ts'
import type { HttpExchange } from './house.ts'
import { type HttpRefusal, refusalOf } from './http-errors.ts'
import { parseJsonBody } from './json-body.ts'
import type { Overload } from './overload.ts'
import type { Places } from './places.ts'
import { requestIdOf } from './request-id.ts'
import { isOfTheProcess } from './routes.ts'
import { commonHeaders } from './send-answer.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** By `performance.now()`: its time in the line counts to its deadline. */
    arrivedAt: number
  }
}

interface HttpServerOptions {
  readonly drain: Drain
  readonly places: Places
  readonly overload: Overload
  readonly overloadError: FieldstoneError
  readonly logger: Logger
  /** Told of the code of each request that is refused before GraphQL saw it. */
  readonly onRefused: (code: string) => void
  readonly production: boolean
  readonly limits: Pick<Limits, 'maxBodyBytes' | 'deadlineMillis'>
  /** For a whole request to arrive, and for a client to go on with reading its answer; Fastify's defaults wait for ever. */
  readonly patienceMillis: number
}

/** Fastify as every route wants it: request ids, JSON bodies, coded errors, draining. Routes are added by the caller. */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const { limits, patienceMillis } = options
  const app: FastifyInstance = fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: requestIdOf,
    bodyLimit: limits.maxBodyBytes,
    requestTimeout: patienceMillis,
    // Nothing is heard of a connection either while its request is answered.
    connectionTimeout: limits.deadlineMillis + patienceMillis,
    http: {
      requestTimeout: patienceMillis,
      // Where it is longer than the other, Node waits as long for a body.
      headersTimeout: patienceMillis,
      connectionsCheckingInterval: Math.ceil(patienceMillis / 4),
    },
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => refuse(error, request, reply, options),
    clientErrorHandler: (error, socket) => refuseSocket(error, socket, options),
  }) as unknown as FastifyInstance
  // What is logged of a request names it; a logger of its own for each would cost as much as reading a row.
  app.setChildLoggerFactory((logger) => logger)
  app.decorateRequest('arrivedAt', 0)
  app.addHook('onRequest', (request, reply, done) => {
    request.arrivedAt = performance.now()
    beginRequest(request, reply, options).then(() => done(), done)
  })
  app.addHook('onSend', (request, reply, payload, done) => {
    const headers = commonHeaders(request.id)
    for (let index = 0; index < headers.length; index += 2) reply.header(headers[index]!, headers[index + 1])
    done(null, payload)
  })
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply, options))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) =>
    parseJsonBody(request.headers['content-type'], body),
  )
  return app
}

/** Counts a request in, in its turn. Rejects with why it is not let in. */
async function beginRequest(
  { url, method }: FastifyRequest,
  reply: FastifyReply,
  { drain, places, overload, overloadError }: HttpServerOptions,
): Promise<void> {
  const path = url.includes('?') ? url.slice(0, url.indexOf('?')) : url
  if (isOfTheProcess(path)) return
  if (drain.isDraining) throw new FieldstoneError('SHUTTING_DOWN', { seen: `${method} ${path}` })
  if (!overload.admits()) throw overloadError
  reply.raw.on('close', drain.enter())
  await places.take(reply.raw)
}

function refuse(thrown: unknown, request: FastifyRequest, reply: FastifyReply, options: HttpServerOptions): void {
  const { status, headers, body } = loggedRefusal(thrown, { id: request.id, request: request.raw }, options)
  for (const [name, value] of headers) reply.header(name, value)
  reply.status(status).send(body)
}

/** As `refuse`, for a request that Fastify has not seen. */
export function sendRefusal(thrown: unknown, exchange: HttpExchange, options: RefusingOptions): void {
  const { status, headers, body } = loggedRefusal(thrown, exchange, options)
  const { id, response } = exchange
  // An answer that has begun can only be cut off.
  if (response.headersSent) return void response.destroy()
  const head = [...commonHeaders(id), ...headers.flat(), 'content-length', String(Buffer.byteLength(body))]
  response.writeHead(status, head).end(body)
}

type RefusingOptions = Pick<HttpServerOptions, 'production' | 'logger' | 'limits' | 'onRefused'>

/** Why a request is refused; what nobody expected is logged whole. */
function loggedRefusal(
  thrown: unknown,
  { id, request }: Pick<HttpExchange, 'id' | 'request'>,
  options: RefusingOptions,
): HttpRefusal {
  const refusal = refusalOf(thrown, { ...options, contentLength: request.headers['content-length'] })
  const { status, error } = refusal
  options.onRefused(codeOf(error))
  if (status >= 500 && status !== 503) options.logger.error({ requestId: id, err: error }, 'unexpected error')
  else options.logger.debug({ requestId: id, status, err: error }, 'request refused')
  return refusal
}

const SOCKET_STATUSES: ReadonlyMap<string | undefined, string> = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
])

/**
 * Bytes that are no HTTP never become a request, so they are answered on the socket. A client cannot keep that half open then:
 * a request whose body went wrong would stay counted in.
 */
function refuseSocket(error: Error & { code?: string }, socket: Socket, options: HttpServerOptions): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const cause = new FieldstoneError('REQUEST_INVALID', {
    seen: `the request is not HTTP (${error.code ?? error.message})`,
  })
  options.onRefused(cause.code)
  const { body } = refusalOf(cause, options)
  const status = SOCKET_STATUSES.get(error.code) ?? '400 Bad Request'
  const head = [`HTTP/1.1 ${status}`, 'content-type: application/json; charset=utf-8', 'connection: close']
  socket.end(`${head.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
  socket.destroySoon()
}
