import type { Answer, ExecuteRequest } from '../serving/serving.ts'
import type { GatewayRequest, RequestOutcome } from './hooks.ts'

/** A GraphQL answer, ready to be sent. */
export interface HttpAnswer {
  readonly status: number
  readonly headers: Iterable<readonly [string, string]>
  readonly body: Uint8Array | string
  readonly operationName: string | undefined
  /** Undefined where the request did not come to execution. */
  readonly execution: Answer | undefined
  /** Unmasked, in the order of the answer. */
  readonly errors: readonly Error[]
  /** Of the registry that answered. */
  readonly fingerprint: string
}

/** Asks for `extensions.fieldstone` where it is `1`. */
const INFO_HEADER = 'x-fieldstone-info'

/** What an HTTP request is to serving, whichever door it came by. */
export function executeRequestOf(
  { nowMicros, cancellation, headers, trace }: GatewayRequest,
  variables: Readonly<Record<string, unknown>> | undefined,
): ExecuteRequest {
  const info = headers[INFO_HEADER] === '1'
  const request = { nowMicros, cancellation, info, trace }
  return variables === undefined ? request : { variables, ...request }
}

export function outcomeOf(answer: HttpAnswer, durationMillis: number): RequestOutcome {
  const { status, operationName, errors, execution } = answer
  return {
    ...{ status, operationName, errors, durationMillis },
    operationType: execution?.operationType,
    fallbackFields: execution?.fallbackFields ?? [],
    waitedMillis: execution?.waitedMillis ?? 0,
    executed: execution?.executed ?? false,
    cost: execution?.cost,
    operation: execution?.operation,
  }
}

/**
 * Of an operation that was refused. GraphQL over HTTP wants 200 where the answer is application/json, for any intermediary may
 * have written a 4xx of that type, and 400 where it is application/graphql-response+json.
 */
export function statusOfRefused(contentType: string | undefined): number {
  return contentType?.startsWith('application/json') === true ? 200 : 400
}
