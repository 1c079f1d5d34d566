import { GraphQLError } from 'graphql'
import { type ErrorCode, FieldstoneError } from '../errors.ts'
import { inspect } from '../lib/inspect.ts'
import type { Limits } from '../registry/limits.ts'
import { formatError } from '../serving/masking.ts'

/** The HTTP status of a request that was refused before GraphQL saw it. */
const STATUS_BY_CODE: Partial<Record<ErrorCode, number>> = {
  REQUEST_INVALID: 400,
  PATH_UNKNOWN: 404,
  METHOD_NOT_ALLOWED: 405,
  BODY_TOO_LARGE: 413,
  MEDIA_TYPE_UNSUPPORTED: 415,
  // Nobody sees it but the log: the client has gone.
  REQUEST_ABORTED: 499,
  OVERLOADED: 503,
  SHUTTING_DOWN: 503,
  TOO_MANY_REQUESTS: 503,
}

const COME_AGAIN = ['retry-after', '1'] as const

/** Another connection may lead to another process; but where there is too much to do, making one costs more than a refusal. */
const ELSEWHERE = ['connection', 'close'] as const

/** A request that ends without a GraphQL answer: its status and its coded JSON body. */
export interface HttpRefusal {
  readonly status: number
  readonly headers: readonly (readonly [string, string])[]
  readonly body: string
  readonly error: Error
}

export interface RefusalOptions {
  readonly production: boolean
  readonly limits: Pick<Limits, 'maxBodyBytes'>
  /** What the request says of its body's length. */
  readonly contentLength?: string | undefined
}

/** Says an error as HTTP: coded ones as they are, all else as INTERNAL_SERVER_ERROR, masked in production. */
export function refusalOf(thrown: unknown, options: RefusalOptions): HttpRefusal {
  const error = codedError(thrown, options)
  const status = error instanceof FieldstoneError ? (STATUS_BY_CODE[error.code] ?? 500) : 500
  const formatted = formatError(new GraphQLError(error.message, { originalError: error }), options)
  const type = ['content-type', 'application/json; charset=utf-8'] as const
  const isLeaving = error instanceof FieldstoneError && error.code === 'SHUTTING_DOWN'
  const headers = [type, ...(status === 503 ? [COME_AGAIN] : []), ...(isLeaving ? [ELSEWHERE] : [])]
  return { status, headers, body: JSON.stringify({ errors: [formatted] }), error }
}

/** Gives Fastify's own errors a code of the catalogue. */
function codedError(thrown: unknown, options: RefusalOptions): Error {
  if (!(thrown instanceof Error)) return new Error(`thrown: ${inspect(thrown)}`)
  const { code, statusCode } = thrown as Error & { code?: string; statusCode?: number }
  if (thrown instanceof FieldstoneError) return thrown
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return bodyTooLarge(options, thrown)
  }
  if (code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') {
    return new FieldstoneError('MEDIA_TYPE_UNSUPPORTED', { seen: 'a body that is not application/json', cause: thrown })
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500) {
    return new FieldstoneError('REQUEST_INVALID', { seen: thrown.message.replace(/\.$/, ''), cause: thrown })
  }
  return thrown
}

/** A body that comes in pieces is cut off at the limit, so how long it would be is not known. */
function bodyTooLarge({ limits, contentLength }: RefusalOptions, cause: Error): FieldstoneError {
  const { maxBodyBytes: allowed } = limits
  const value = contentLength === undefined ? undefined : Number(contentLength)
  return new FieldstoneError('BODY_TOO_LARGE', {
    seen: `a body of ${value ?? `more than ${allowed}`} bytes`,
    why: `server.limits.maxBodyBytes allows ${allowed}.`,
    facts: { limit: 'maxBodyBytes', allowed, ...(value === undefined ? {} : { value }) },
    cause,
  })
}
