import Negotiator from 'negotiator'
import type { Answer, ReadyOperation, Serving } from '../serving/serving.ts'
import type { GatewayRequest } from './hooks.ts'
import { executeRequestOf, type HttpAnswer } from './http-answer.ts'

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
export function findWarm(serving: Serving, body: unknown, accept: string | undefined): WarmRequest | undefined {
  if (!isPlain(body)) return undefined
  const contentType = contentTypeOf(accept)
  const ready = serving.find(body.query, body.operationName)
  if (contentType === undefined || ready === undefined) return undefined
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

/** Clients send one of few `accept` headers, so what they come to is kept. */
const MAX_KEPT_ACCEPTS = 100
const contentTypes = new Map<string, string | undefined>()

/** What the long way would choose, by the same library; undefined where the client takes neither. */
function contentTypeOf(accept: string | undefined): string | undefined {
  if (accept === undefined || accept === '') return JSON_ANSWER
  const known = contentTypes.get(accept)
  if (known !== undefined || contentTypes.has(accept)) return known
  if (contentTypes.size >= MAX_KEPT_ACCEPTS) contentTypes.clear()
  const chosen = new Negotiator({ headers: { accept } }).mediaType([JSON_ANSWER, GRAPHQL_ANSWER])
  contentTypes.set(accept, chosen)
  return chosen
}

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
    status: statusOf(execution, contentType),
    headers: [['content-type', contentType]],
    body: execution.body,
    operationName: execution.operationName,
    execution,
    errors: execution.errors,
    fingerprint: serving.fingerprint,
  }
}

/** GraphQL over HTTP wants a refused operation to be 400 only where no intermediary can have written the answer. */
function statusOf({ executed }: Answer, contentType: string): number {
  return executed || contentType === JSON_ANSWER ? 200 : 400
}
