import { randomUUID } from 'node:crypto'
import type { Socket } from 'node:net'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify, LogController } from 'fastify'
import type { Logger } from 'pino'
import { FieldstoneError } from '../errors.ts'
import { fromUtf8 } from '../lib/bytes.ts'
import type { Limits } from '../registry/limits.ts'
import { tooManyRequests } from '../serving/limit-error.ts'
import type { Drain } from './drain.ts'
import { refusalOf } from './http-errors.ts'
import { LIVE_PATH, READY_PATH } from './routes.ts'

interface HttpServerOptions {
  readonly drain: Drain
  readonly logger: Logger
  readonly production: boolean
  readonly limits: Pick<Limits, 'bodyBytes' | 'concurrentRequests'>
}

/** For a whole request to arrive; Fastify's default waits for ever on a body that never ends. */
const REQUEST_TIMEOUT_MILLIS = 60_000
const RETRY_AFTER_SECONDS = '1'

/** Fastify as every route wants it: request ids, JSON bodies, coded errors, draining. Routes are added by the caller. */
export function createHttpServer(options: HttpServerOptions): FastifyInstance {
  const app: FastifyInstance = fastify({
    loggerInstance: options.logger,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: ({ headers }) => requestId(headers['x-request-id']),
    bodyLimit: options.limits.bodyBytes,
    requestTimeout: REQUEST_TIMEOUT_MILLIS,
    forceCloseConnections: 'idle',
    return503OnClosing: false,
    frameworkErrors: (error, request, reply) => refuse(error, request, reply, options),
    clientErrorHandler: (error, socket) => refuseSocket(error, socket, options),
  }) as unknown as FastifyInstance
  // What is logged of a request names it; a logger of its own for each would cost as much as reading a row.
  app.setChildLoggerFactory((logger) => logger)
  app.addHook('onRequest', (request, reply, done) => done(beginRequest(request, reply, options)))
  app.addHook('onSend', (request, reply, payload, done) => {
    const headers = commonHeaders(request)
    for (let index = 0; index < headers.length; index += 2) reply.header(headers[index]!, headers[index + 1])
    done(null, payload)
  })
  app.setErrorHandler((error, request, reply) => refuse(error, request, reply, options))
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, async (request: FastifyRequest, body: Buffer) =>
    parseBody(request.headers['content-type'], body),
  )
  return app
}

/** The client's own id where it is one that can stand in a log, else a new one. */
function requestId(given: string | readonly string[] | undefined): string {
  return typeof given === 'string' && /^[\w.:-]{1,128}$/.test(given) ? given : randomUUID()
}

/** What every response says, names and values in turn. */
export function commonHeaders({ id }: FastifyRequest): string[] {
  return ['x-request-id', id, 'x-content-type-options', 'nosniff', 'cache-control', 'no-store']
}

/** Counts a request in, or gives why it is not let in. */
function beginRequest(
  { url, method }: FastifyRequest,
  reply: FastifyReply,
  { drain, limits }: HttpServerOptions,
): FieldstoneError | undefined {
  const path = url.includes('?') ? url.slice(0, url.indexOf('?')) : url
  if (path === LIVE_PATH || path === READY_PATH) return undefined
  if (drain.isDraining) return new FieldstoneError('SHUTTING_DOWN', { seen: `${method} ${path}` })
  if (drain.inFlight >= limits.concurrentRequests) return tooManyRequests(limits.concurrentRequests)
  reply.raw.on('close', drain.enter())
  return undefined
}

/** What nearly every client sends, which says nothing of a charset. */
const PLAIN_JSON = 'application/json'

function parseBody(contentType: string | undefined, body: Buffer): unknown {
  const charset =
    contentType === PLAIN_JSON ? undefined : /;\s*charset\s*=\s*"?([^\s;"]+)/i.exec(contentType ?? '')?.[1]
  if (charset !== undefined && !/^utf-?8$/i.test(charset)) {
    throw new FieldstoneError('MEDIA_TYPE_UNSUPPORTED', { seen: `a body in ${charset}` })
  }
  try {
    return JSON.parse(fromUtf8(body))
  } catch (error) {
    const reason = error instanceof SyntaxError ? error.message : 'it is not UTF-8'
    throw new FieldstoneError('REQUEST_INVALID', { seen: `the body is not JSON (${reason})`, cause: error })
  }
}

function refuse(thrown: unknown, request: FastifyRequest, reply: FastifyReply, options: HttpServerOptions): void {
  const contentLength = request.headers['content-length']
  const { status, body, error } = refusalOf(thrown, { ...options, contentLength })
  if (status >= 500 && status !== 503) options.logger.error({ requestId: request.id, err: error }, 'unexpected error')
  else options.logger.debug({ requestId: request.id, status, err: error }, 'request refused')
  if (status === 503) reply.header('retry-after', RETRY_AFTER_SECONDS).header('connection', 'close')
  reply.status(status).header('content-type', 'application/json; charset=utf-8').send(body)
}

const SOCKET_STATUSES: ReadonlyMap<string | undefined, string> = new Map([
  ['HPE_HEADER_OVERFLOW', '431 Request Header Fields Too Large'],
  ['ERR_HTTP_REQUEST_TIMEOUT', '408 Request Timeout'],
])

/** Bytes that are no HTTP never become a request, so they are answered on the socket. */
function refuseSocket(error: Error & { code?: string }, socket: Socket, options: HttpServerOptions): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return void socket.destroy()
  const cause = new FieldstoneError('REQUEST_INVALID', {
    seen: `the request is not HTTP (${error.code ?? error.message})`,
  })
  const { body } = refusalOf(cause, options)
  const status = SOCKET_STATUSES.get(error.code) ?? '400 Bad Request'
  const head = [`HTTP/1.1 ${status}`, 'content-type: application/json; charset=utf-8', 'connection: close']
  socket.end(`${head.join('\r\n')}\r\ncontent-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`)
}
