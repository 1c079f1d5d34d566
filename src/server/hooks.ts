import type { IncomingHttpHeaders } from 'node:http'
import { GraphQLError } from 'graphql'
import type { Logger } from 'pino'
import type { ErrorCode } from '../errors.ts'
import { FieldstoneError } from '../errors.ts'
import type { Cancellation } from '../serving/cancellation.ts'
import type { Cost } from '../serving/cost.ts'
import type { KnownOperation } from '../serving/known-operation.ts'
import type { Client } from './client.ts'
import { createLineBound } from './line-bound.ts'
import type { TracedRequest } from './request-tracing.ts'

/** One GraphQL request, as all that stands around its execution sees it. */
export interface GatewayRequest {
  /** Sent back as `x-request-id`, and in every line of the log. */
  readonly id: string
  /** The request's now, asked of the clock once (SPEC T2). */
  readonly nowMicros: number
  readonly headers: IncomingHttpHeaders
  /** Who sent it, as its headers say. */
  readonly client: Client
  /** Has a reason once the client has gone or the deadline has passed. */
  readonly cancellation: Cancellation
  /** Undefined: the request is not traced. */
  readonly trace?: TracedRequest | undefined
}

/** What became of a request, for logs, metrics and reports. */
export interface RequestOutcome {
  /** The HTTP status. */
  readonly status: number
  readonly operationName: string | undefined
  readonly operationType: string | undefined
  /** Root fields that graphql-js answered. */
  readonly fallbackFields: readonly string[]
  /** Unmasked, in the order of the answer. */
  readonly errors: readonly Error[]
  readonly durationMillis: number
  /** Of it, until everything was read, where a store had to be waited for; else 0. */
  readonly waitedMillis: number
  /** Whether it came to execution: not where its text, its variables or its cost were refused. */
  readonly executed: boolean
  /** Undefined where it is not known. */
  readonly cost: Cost | undefined
  /** Undefined where the request did not come as far as a plan. */
  readonly operation: KnownOperation | undefined
}

/** Something that is done around every GraphQL request, in the order of the gateway's list; `after` in reverse. */
export interface RequestHook {
  readonly name: string
  /** Refuses the request by throwing a coded error. */
  before?(request: GatewayRequest): void | Promise<void>
  /** What it throws, or rejects with, is logged: the answer is sent already. Not called for a request that a `before` refused. */
  after?(request: GatewayRequest, outcome: RequestOutcome): void
}

/** One after another. There is a promise only where a hook gives one. */
export function runBefore(hooks: readonly RequestHook[], request: GatewayRequest): undefined | Promise<void> {
  for (const [index, hook] of hooks.entries()) {
    const running = hook.before?.(request)
    if (running !== undefined) return running.then(() => runBefore(hooks.slice(index + 1), request))
  }
  return undefined
}

/** Never throws, for it is run beside an answer that nothing of it is to touch: `onFailure` is told what a hook throws or rejects with. */
export function runAfter(
  hooks: readonly RequestHook[],
  { request, outcome }: { readonly request: GatewayRequest; readonly outcome: RequestOutcome },
  onFailure: (hook: RequestHook, error: unknown) => void,
): void {
  for (let index = hooks.length - 1; index >= 0; index -= 1) {
    const hook = hooks[index]!
    try {
      // Where a function that gives nothing may stand, one that gives a promise may, too.
      const running: unknown = hook.after?.(request, outcome)
      if (running instanceof Promise) running.catch((error) => onFailure(hook, error))
    } catch (error) {
      onFailure(hook, error)
    }
  }
}

/** Errors of one request that are logged whole; the others are only counted. */
const MAX_LOGGED_ERRORS = 10

/** The same of all requests, in a second. */
const MAX_LOGGED_ERRORS_PER_SECOND = 100

/** Characters of a name that are logged: it may be as long as a body. */
const MAX_LOGGED_NAME = 200

/** Coded errors that someone has to look at. All others with a code are the client's to mend. */
const LOGGED_CODES: ReadonlySet<string> = new Set<ErrorCode>([
  'ON_DEMAND_FAILED',
  'ON_DEMAND_RESULT_INVALID',
  'STORE_UNAVAILABLE',
  'CELL_CORRUPT',
  'INTERNAL_SERVER_ERROR',
])

/** One line for each request, at `info`; each error that the client cannot mend whole, at `error`, whatever the client is shown. */
export function loggingHook(logger: Logger): RequestHook {
  const bound = createLineBound(MAX_LOGGED_ERRORS_PER_SECOND, (count) =>
    logger.error({ count }, 'more errors in answers, of which nothing is logged'),
  )
  return {
    name: 'logging',
    after: (request, outcome) => {
      const { id: requestId } = request
      if (outcome.errors.length > 0) {
        for (const error of graveOf(outcome.errors).slice(0, MAX_LOGGED_ERRORS)) {
          if (!bound.admits()) continue
          logger.error({ requestId, code: codeOf(error), err: originOf(error) }, 'error in an answer')
        }
      }
      if (logger.isLevelEnabled('info')) logger.info({ requestId, ...factsOf(request, outcome) }, 'graphql request')
    },
  }
}

function factsOf({ client, trace }: GatewayRequest, outcome: RequestOutcome) {
  const { errors, fallbackFields, operation: _known, ...told } = outcome
  const { name, version } = client
  return {
    ...{ traceId: trace?.traceId, ...told, operationName: told.operationName?.slice(0, MAX_LOGGED_NAME) },
    ...{ client: { name, version }, fallbackFields, errors: countByCode(errors) },
  }
}

/** Those that someone has to look at and that nothing else has told of. */
function graveOf(errors: readonly Error[]): readonly Error[] {
  return errors.filter((error) => LOGGED_CODES.has(codeOf(error)) && !isToldOf(error))
}

/** That a store's circuit is open is logged when it opens, with what opened it. */
function isToldOf(error: Error): boolean {
  const origin = originOf(error)
  return origin instanceof FieldstoneError && origin.details.facts?.circuit === 'open'
}

/** The code that the client is shown. */
export function codeOf(error: Error): string {
  const origin = originOf(error)
  if (origin instanceof FieldstoneError) return origin.code
  const code = origin instanceof GraphQLError ? origin.extensions.code : undefined
  return typeof code === 'string' ? code : 'INTERNAL_SERVER_ERROR'
}

/** What was thrown, without the GraphQL error that says where. */
function originOf(error: Error): Error {
  if (!(error instanceof GraphQLError)) return error
  const origin = error.originalError
  return origin === undefined || origin === null || origin instanceof GraphQLError ? error : origin
}

function countByCode(errors: readonly Error[]): Readonly<Record<string, number>> | undefined {
  if (errors.length === 0) return undefined
  const counts: Record<string, number> = {}
  for (const error of errors) counts[codeOf(error)] = (counts[codeOf(error)] ?? 0) + 1
  return counts
}
