import { GraphQLError, type GraphQLFormattedError } from 'graphql'
import { catalogue, type ErrorCode } from '../error-catalogue.ts'
import { FieldstoneError } from '../errors.ts'

/**
 * The one place where an error becomes what a client sees: message, locations, path, and in `extensions` the code, whether
 * the same request may succeed later, and the error's own facts.
 *
 * In production the message of an unexpected error is masked, and so are what a user's function threw and what a store said.
 */
export function formatError(error: GraphQLError, options: { readonly production: boolean }): GraphQLFormattedError {
  const { message, extensions } = describe(error, options.production)
  return {
    message,
    ...(error.locations === undefined ? {} : { locations: error.locations }),
    ...(error.path === undefined ? {} : { path: error.path }),
    extensions,
  }
}

interface Shown {
  readonly message: string
  readonly extensions: Record<string, unknown>
}

function describe(error: GraphQLError, production: boolean): Shown {
  const origin = originOf(error)
  if (origin instanceof FieldstoneError) return describeCoded(origin, production)
  if (origin instanceof GraphQLError) return describeGraphQL(error, origin)
  const entry = catalogue.INTERNAL_SERVER_ERROR
  return {
    message: production ? 'Internal server error' : error.message,
    extensions: { code: 'INTERNAL_SERVER_ERROR' satisfies ErrorCode, retryable: entry.retryable },
  }
}

/** What was thrown first, without the GraphQL errors that only say where. */
function originOf(error: Error): Error {
  let origin = error
  while (origin instanceof GraphQLError && origin.originalError != null) origin = origin.originalError
  return origin
}

function describeCoded(error: FieldstoneError, production: boolean): Shown {
  const { code, retryable, details } = error
  return {
    message: production ? publicMessage(error) : error.message,
    extensions: { code, retryable, ...details.facts },
  }
}

/** Codes whose details name the folders and hosts of stores. */
const STORE_CODES: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['STORE_UNAVAILABLE', 'STORE_CLOSED'])

function publicMessage({ code, details, message }: FieldstoneError): string {
  const { title, why, mend } = catalogue[code]
  if (STORE_CODES.has(code)) return `${title}: ${why} ${mend}`
  // Only what was thrown is secret; that an input failed is not.
  const isThrown = code === 'ON_DEMAND_FAILED' && details.cause !== undefined
  return isThrown ? `${details.seen}: ${why} ${mend}` : message
}

/** GraphQL's own words on the request. Those without a code were said of variables and arguments. */
function describeGraphQL(error: GraphQLError, origin: GraphQLError): Shown {
  const extensions = { ...origin.extensions, ...error.extensions }
  const code = typeof extensions.code === 'string' ? extensions.code : ('BAD_USER_INPUT' satisfies ErrorCode)
  const retryable = Object.hasOwn(catalogue, code) ? catalogue[code as ErrorCode].retryable : false
  return { message: error.message, extensions: { code, retryable, ...extensions } }
}
