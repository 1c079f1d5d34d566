import type { IncomingMessage } from 'node:http'
import { HeaderMap, type HTTPGraphQLRequest } from '@apollo/server'

/** An HTTP request as Apollo takes it, with its parsed body. */
export function toApolloRequest(
  { method = '', url = '', headers }: IncomingMessage,
  body: unknown,
): HTTPGraphQLRequest {
  const map = new HeaderMap()
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) map.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  const queryStart = url.indexOf('?')
  return { method, headers: map, search: queryStart === -1 ? '' : url.slice(queryStart), body }
}
