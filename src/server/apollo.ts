import {
  ApolloServer,
  type ApolloServerOptionsWithGateway,
  type ApolloServerPlugin,
  type HTTPGraphQLRequest,
  type HTTPGraphQLResponse,
} from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { GraphQLError, type GraphQLSchema } from 'graphql'
import type { Logger } from 'pino'
import type { ErrorCode } from '../errors.ts'
import { invariant } from '../lib/assert.ts'
import type { Limits } from '../registry/limits.ts'
import type { FieldstoneSchema } from '../sdl/schema.ts'
import { formatError } from '../serving/masking.ts'
import type { Answer, Serving } from '../serving/serving.ts'
import { createDocumentStore } from './document-store.ts'
import type { GatewayRequest } from './hooks.ts'
import { executeRequestOf, type HttpAnswer, statusOfRefused } from './http-answer.ts'
import { givenUpError, operationLimitsRule, tokenLimitError, validationOptions } from './operation-limits.ts'

/** A schema and what answers it: swapped together. */
export interface Served {
  readonly schema: FieldstoneSchema
  readonly serving: Serving
}

/** Apollo Server, which parses, validates, knows persisted queries and chooses statuses; Fieldstone's serving answers. */
export interface ApolloGateway {
  /** What requests that begin now are answered by. */
  readonly current: Served
  answer(http: HTTPGraphQLRequest, request: GatewayRequest): Promise<HttpAnswer>
  /** Requests that have begun end on the schema they began with. */
  swap(next: Served): void
  stop(): Promise<void>
}

type Gateway = ApolloServerOptionsWithGateway<ApolloContext>['gateway']
type SchemaListener = Parameters<Gateway['onSchemaLoadOrUpdate']>[0]
type Executor = NonNullable<Awaited<ReturnType<Gateway['load']>>['executor']>

/** One HTTP request on its way through Apollo, which copies the context value but not what it holds. */
interface Exchange {
  readonly request: GatewayRequest
  /** What executed it, else what was served when it began. */
  fingerprint: string
  execution: Answer | undefined
  errors: readonly Error[]
  operationName: string | undefined
}

interface ApolloContext {
  readonly exchange: Exchange
}

export async function startApollo(
  served: Served,
  options: {
    readonly production: boolean
    readonly introspection: boolean
    readonly logger: Logger
    readonly limits: Limits
  },
): Promise<ApolloGateway> {
  const { production, limits } = options
  const switching = createSwitch(served)
  const apollo = new ApolloServer<ApolloContext>({
    gateway: switching.gateway,
    introspection: options.introspection,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    // POST takes application/json alone, which no page of another origin can send unasked; GET only reads.
    csrfPrevention: false,
    documentStore: createDocumentStore(),
    parseOptions: { maxTokens: limits.maxTokens },
    validationRules: [operationLimitsRule(limits)],
    validationOptions: validationOptions(limits),
    formatError: (_formatted, error) => formatError(cleanError(error, limits), { production }),
    stringifyResult: (result) => (result.extensions === ANSWERED ? '' : JSON.stringify(result)),
    logger: options.logger,
    nodeEnv: production ? 'production' : 'development',
    plugins: [
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      noticePlugin,
    ],
  })
  await apollo.start()
  return {
    get current() {
      return switching.current()
    },
    answer: async (httpGraphQLRequest, request) => {
      const { fingerprint } = switching.current().serving
      const exchange: Exchange = { request, fingerprint, execution: undefined, errors: [], operationName: undefined }
      const context = async (): Promise<ApolloContext> => ({ exchange })
      return toHttpAnswer(await apollo.executeHTTPGraphQLRequest({ httpGraphQLRequest, context }), exchange)
    },
    swap: switching.swap,
    stop: () => apollo.stop(),
  }
}

/** Stands for the answer's bytes in what Apollo handles: its statuses and headers are used, its body is not. */
const ANSWERED: Record<string, never> = Object.freeze({})

/**
 * Apollo reads the schema when a request begins and calls the executor later, when a swap may have come between. So the
 * executor goes by the schema of the request.
 */
function createSwitch(first: Served): {
  readonly gateway: Gateway
  readonly swap: (next: Served) => void
  readonly current: () => Served
} {
  const listeners = new Set<SchemaListener>()
  const servings = new WeakMap<GraphQLSchema, Serving>()
  let current = first
  const publish = (next: Served): void => {
    servings.set(next.schema.schema, next.serving)
    for (const tell of listeners) tell({ apiSchema: next.schema.schema, coreSupergraphSdl: next.schema.sdl })
    current = next
  }
  const executor: Executor = async (context) => {
    const serving = servings.get(context.schema)
    invariant(serving !== undefined, 'every published schema has its serving')
    return execute(serving, context)
  }
  return {
    swap: publish,
    current: () => current,
    gateway: {
      onSchemaLoadOrUpdate: (listener) => {
        listeners.add(listener)
        return () => listeners.delete(listener)
      },
      load: async () => {
        publish(current)
        return { executor }
      },
      stop: async () => listeners.clear(),
    },
  }
}

async function execute(serving: Serving, context: Parameters<Executor>[0]): ReturnType<Executor> {
  const { exchange } = context.context as ApolloContext
  const { operationName, variables, extensions } = context.request
  const answer = await serving.execute({
    document: context.document,
    ...(operationName === undefined ? {} : { operationName }),
    ...executeRequestOf(exchange.request, variables),
    explain: extensions?.explain === true,
  })
  exchange.fingerprint = serving.fingerprint
  exchange.execution = answer
  return answer.executed
    ? { data: {}, extensions: ANSWERED }
    : { errors: answer.errors.map(located), extensions: ANSWERED }
}

/** Sees what Apollo refused before the executor was asked, whole. */
const noticePlugin: ApolloServerPlugin<ApolloContext> = {
  requestDidStart: async () => ({
    didResolveOperation: async ({ contextValue, operationName }) => {
      contextValue.exchange.operationName = operationName ?? undefined
    },
    didEncounterErrors: async ({ contextValue, errors }) => {
      contextValue.exchange.errors = errors
    },
  }),
  unexpectedErrorProcessingRequest: async ({ requestContext, error }) => {
    requestContext.contextValue.exchange.errors = [error]
  },
}

function toHttpAnswer(response: HTTPGraphQLResponse, exchange: Exchange): HttpAnswer {
  invariant(response.body.kind === 'complete', 'the schema has neither @defer nor @stream')
  const { execution, operationName } = exchange
  const text = response.body.string
  const errors = execution?.executed === true ? execution.errors : exchange.errors
  // That an answer is not to be kept is said of all of them alike.
  response.headers.delete('cache-control')
  return {
    status: statusOf(response, exchange),
    headers: response.headers,
    body: execution !== undefined && text === '' ? execution.body : text,
    operationName,
    execution,
    errors,
    fingerprint: exchange.fingerprint,
  }
}

/** Every code that Apollo itself gives, as it is configured here. */
const APOLLO_CODES: ReadonlySet<unknown> = new Set<ErrorCode>([
  'BAD_REQUEST',
  'BAD_USER_INPUT',
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'PERSISTED_QUERY_NOT_FOUND',
])

/** Those of well-formed requests whose operation was refused. */
const REFUSED_OPERATION: ReadonlySet<unknown> = new Set<ErrorCode>([
  'GRAPHQL_PARSE_FAILED',
  'GRAPHQL_VALIDATION_FAILED',
  'OPERATION_RESOLUTION_FAILURE',
  'BAD_USER_INPUT',
])

/** Apollo's status, save that of operations that were refused. */
function statusOf({ status = 200, headers }: HTTPGraphQLResponse, { execution, errors }: Exchange): number {
  const isRefused =
    execution?.executed === false || REFUSED_OPERATION.has((errors[0] as GraphQLError)?.extensions?.code)
  return status === 400 && isRefused ? statusOfRefused(headers.get('content-type')) : status
}

function located(error: Error): GraphQLError {
  return error instanceof GraphQLError ? error : new GraphQLError(error.message, { originalError: error })
}

/** Apollo carries statuses in `extensions.http` and wraps graphql-js's errors in its own; neither is for the client. */
function cleanError(error: unknown, limits: Limits): GraphQLError {
  const from = located(error instanceof Error ? error : new Error(String(error)))
  const origin = from.originalError instanceof GraphQLError ? from.originalError.originalError : from.originalError
  const code = apolloCode(from)
  const said = givenUpError(from) ?? from
  const tooLong = tokenLimitError(from, limits)
  if (tooLong !== undefined) return new GraphQLError(tooLong.message, { originalError: tooLong })
  // The parser goes down a level of the stack for each level of the text, which is the client's.
  if (code === 'GRAPHQL_PARSE_FAILED' && origin instanceof RangeError) {
    return new GraphQLError('Syntax Error: The text nests too deep.', { extensions: { code } })
  }
  return new GraphQLError(said.message, {
    nodes: from.nodes ?? null,
    source: from.source,
    positions: from.positions,
    path: from.path,
    originalError: origin,
    extensions: code === undefined ? {} : { code },
  })
}

function apolloCode({ extensions }: GraphQLError): ErrorCode | undefined {
  if (APOLLO_CODES.has(extensions.code)) return extensions.code as ErrorCode
  const status = (extensions.http as { readonly status?: number } | undefined)?.status ?? 500
  return status < 500 ? 'BAD_REQUEST' : undefined
}
