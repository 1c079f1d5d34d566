import Negotiator from 'negotiator'
import type { Answer, ReadyOperation, Serving } from '../serving/serving.ts'
import type { GatewayRequest } from './hooks.ts'
import { executeRequestOf, type HttpAnswer, statusOfRefused } from './http-answer.ts'
import { rememberingHeaders } from './remembered-headers.ts'

/** A request that needs no more than its operation's plan. */
export interface WarmRequest {
  answer(request: GatewayRequest): HttpAnswer | Promise<HttpAnswer>
}

const JSON_ANSWER = 'application/json; charset=utf-8'
const GRAPHQL_ANSWER = 'application/graphql-response+json; charset=utf-8'

/**
 * What a body asks for, where it is `query`, `variables` and `operationName` alone and its operation was answered before: all
 * that a long way would do again (parse, validate, resolve the operation) was done then. Undefined: it goes the long way.
 */
export function findWarm(serving: Serving, body: unknown, accept = ''): WarmRequest | undefined {
  if (!isPlain(body)) return undefined
  const contentType = contentTypeOf(accept)
  if (contentType === undefined) return undefined
  const ready = serving.find(body.query, body.operationName)
  if (ready === undefined) return undefined
  const { variables } = body
  return { answer: (request) => answerWarm({ serving, ready, variables, contentType }, request) }
}

interface PlainBody {
  readonly query: string
  readonly variables?: Readonly<Record<string, unknown>>
  readonly operationName?: string
}

function isPlain(body: unknown): body is PlainBody {
  if (typeof body !== 'object' || body === null) return false
  const { query, variables, operationName, extensions } = body as Record<string, unknown>
  return (
    typeof query === 'string' &&
    (variables === undefined || isRecord(variables)) &&
    (operationName === undefined || typeof operationName === 'string') &&
    extensions === undefined
  )
}

function isRecord(value: unknown): boolean {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What the long way would choose, by the same library; undefined where the client takes neither. */
const contentTypeOf = rememberingHeaders((accept) =>
  accept === '' ? JSON_ANSWER : new Negotiator({ headers: { accept } }).mediaType([JSON_ANSWER, GRAPHQL_ANSWER]),
)

interface WarmWay {
  readonly serving: Serving
  readonly ready: ReadyOperation
  readonly variables: Readonly<Record<string, unknown>> | undefined
  readonly contentType: string
}

function answerWarm(way: WarmWay, request: GatewayRequest): HttpAnswer | Promise<HttpAnswer> {
  const answering = way.ready.execute(executeRequestOf(request, way.variables))
  return answering instanceof Promise
    ? answering.then((execution) => toHttpAnswer(way, execution))
    : toHttpAnswer(way, answering)
}

function toHttpAnswer({ serving, contentType }: WarmWay, execution: Answer): HttpAnswer {
  return {
    status: execution.executed ? 200 : statusOfRefused(contentType),
    headers: [['content-type', contentType]],
    body: execution.body,
    operationName: execution.operationName,
    execution,
    errors: execution.errors,
    fingerprint: serving.fingerprint,
  }
}
