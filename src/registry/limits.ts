/** What one gateway takes on: each a whole number, at least 1 where it says nothing else, set under `server.limits`. */
export interface Limits {
  /** Bytes of a request's body. Default 1,048,576. */
  readonly maxBodyBytes: number
  /** Tokens of an operation's text, as GraphQL counts them. Default 10,000. */
  readonly maxTokens: number
  /** Fields one within another, through fragments; `__schema` and `__type` are not counted. Default 15. */
  readonly maxDepth: number
  /** Aliased fields of an operation, each as often as its fragment is spread. Default 100. */
  readonly maxAliases: number
  /** Directives of an operation, each as often as its fragment is spread. Default 50. */
  readonly maxDirectives: number
  /** Errors that an answer reports; one more says how many were left out. Default 100. */
  readonly maxErrors: number
  /** Keys that a request reads over all its scans, before duplicates are removed. Default 10,000. */
  readonly maxKeys: number
  /** Values that a request may ask for: keys times selected features, vectors by their dimensions. Default 1,000,000. */
  readonly maxValues: number
  /** Milliseconds from when a request has come whole until it is given up. Default 5,000. */
  readonly deadlineMillis: number
  /** Requests answered at one time, each from when it has come whole; those above wait for their turn. Default 1,000. */
  readonly maxConcurrentRequests: number
  /** Requests that wait for their turn; those above are refused. At least 0. Default 1,000. */
  readonly maxQueuedRequests: number
  /** Milliseconds that a request waits for its turn until it is refused. Default 1,000. */
  readonly maxQueueMillis: number
  /** Milliseconds that the event loop may be late, all through a while, until some new requests are refused. Default 1,000. */
  readonly maxEventLoopDelayMillis: number
}

export const DEFAULT_LIMITS: Limits = Object.freeze({
  ...{ maxBodyBytes: 1_048_576, maxTokens: 10_000, maxDepth: 15, maxAliases: 100, maxDirectives: 50, maxErrors: 100 },
  ...{ maxKeys: 10_000, maxValues: 1_000_000, deadlineMillis: 5_000, maxConcurrentRequests: 1_000 },
  ...{ maxQueuedRequests: 1_000, maxQueueMillis: 1_000, maxEventLoopDelayMillis: 1_000 },
})

/** The most that a config may set: a body is one string of the engine, and a deadline no longer than a client waits. */
export const GREATEST_LIMITS: Limits = Object.freeze({
  ...{
    maxBodyBytes: 268_435_456,
    maxTokens: 1_000_000,
    maxDepth: 200,
    maxAliases: 100_000,
    maxDirectives: 100_000,
    maxErrors: 100_000,
  },
  ...{ maxKeys: 10_000_000, maxValues: 1_000_000_000, deadlineMillis: 3_600_000, maxConcurrentRequests: 1_000_000 },
  ...{ maxQueuedRequests: 1_000_000, maxQueueMillis: 3_600_000, maxEventLoopDelayMillis: 3_600_000 },
})

/** Bytes of plans and generated code to keep, where a config says nothing. */
export const DEFAULT_PLAN_CACHE_BYTES = 67_108_864

/** More processes than any machine has use for. */
export const MAX_WORKERS = 256
