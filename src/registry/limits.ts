/** What one gateway takes on: each a whole number of at least 1, set under `server.limits`. */
export interface Limits {
  /** Bytes of a request's body. Default 1,048,576. */
  readonly bodyBytes: number
  /** Tokens of an operation's text, as GraphQL counts them. Default 10,000. */
  readonly tokens: number
  /** Fields one within another, through fragments; `__schema` and `__type` are not counted. Default 15. */
  readonly depth: number
  /** Aliased fields of an operation, each as often as its fragment is spread. Default 100. */
  readonly aliases: number
  /** Directives of an operation, each as often as its fragment is spread. Default 50. */
  readonly directives: number
  /** Errors that an answer reports; one more says how many were left out. Default 100. */
  readonly errors: number
  /** Keys that a request reads over all its scans, before duplicates are removed. Default 10,000. */
  readonly keys: number
  /** Values that a request may ask for: keys times selected features, lists by their size. Default 1,000,000. */
  readonly values: number
  /** Milliseconds from a request's arrival until it is given up. Default 5,000. */
  readonly deadlineMillis: number
  /** Requests answered at one time; those above are refused. Default 1,000. */
  readonly concurrentRequests: number
}

export const DEFAULT_LIMITS: Limits = Object.freeze({
  ...{ bodyBytes: 1_048_576, tokens: 10_000, depth: 15, aliases: 100, directives: 50, errors: 100 },
  ...{ keys: 10_000, values: 1_000_000, deadlineMillis: 5_000, concurrentRequests: 1_000 },
})

/** The most that a config may set: a body is one string of the engine, and a deadline no longer than a client waits. */
export const GREATEST_LIMITS: Limits = Object.freeze({
  ...{ bodyBytes: 268_435_456, tokens: 1_000_000, depth: 200, aliases: 100_000, directives: 100_000, errors: 100_000 },
  ...{ keys: 10_000_000, values: 1_000_000_000, deadlineMillis: 3_600_000, concurrentRequests: 1_000_000 },
})
