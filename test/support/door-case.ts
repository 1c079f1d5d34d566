import type { RawRequest } from './raw-http.ts'
import type { Door } from './watched-doors.ts'

/** One HTTP request that is answered alike at an operation's first sight and from then on. */
export interface DoorCase {
  readonly what: string
  readonly request: RawRequest
  /** Sent before the second time, where the request by itself leaves no plan: as it is refused, or comes in another form. */
  readonly warmedBy?: RawRequest
  readonly status: number
  /** Which doors the first and the second time take. None: it never comes to an execution. */
  readonly doors: readonly [] | readonly ['long', Door]
}

export const JSON_HEADERS = { 'content-type': 'application/json' }
export const GRAPHQL_RESPONSE = 'application/graphql-response+json'

export function post(body: unknown, headers: Readonly<Record<string, string>> = {}): RawRequest {
  return { headers: { ...JSON_HEADERS, ...headers }, body: JSON.stringify(body) }
}

export const ONE = '{ city(name: "Oslo") { name population altitude } }'
export const BY_NAME = 'query One($n: ID!) { city(name: $n) { name altitude } }'
export const THROWS =
  '{ b: city(name: "Bogotá") { felt(outside: 101) name } o: city(name: "Oslo") { altitude felt(outside: 1000) } }'

/** Planned at its first sight. */
export const known = { doors: ['long', 'warm'], status: 200 } as const

/** Refused with this status before any execution. */
export const refused = (status: number) => ({ doors: [] as const, status })
