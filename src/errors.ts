import { catalogue, type ErrorCode } from './error-catalogue.ts'

/** What went wrong, told so that it can be mended: each sentence is printed as it stands. */
export interface ErrorDetails {
  /** What was seen and where, e.g. `batchView 'airportDaily': feature name 'mean delay'`. */
  readonly seen: string
  /** Why that is wrong. Default: the catalogue's sentence for the code. */
  readonly why?: string
  /** What to do. Default: the catalogue's sentence for the code. */
  readonly mend?: string
  readonly cause?: unknown
  /** Further facts for machines; shown in a GraphQL error's `extensions`. */
  readonly facts?: Readonly<Record<string, unknown>>
}

/** Every error that a user can cause or meet. `code` is a key of the catalogue and the name of its page in docs/errors. */
export class FieldstoneError extends Error {
  override readonly name = 'FieldstoneError'
  readonly code: ErrorCode
  /** Whether the same request may succeed later without a change. */
  readonly retryable: boolean
  readonly details: ErrorDetails

  constructor(code: ErrorCode, details: ErrorDetails) {
    const entry = catalogue[code]
    super(`${details.seen}: ${details.why ?? entry.why} ${details.mend ?? entry.mend}`, { cause: details.cause })
    this.code = code
    this.retryable = entry.retryable
    this.details = details
  }
}

/** Several errors found in one pass (S1 finds all at once). Its code is the first one's. */
export class FieldstoneErrors extends Error {
  override readonly name = 'FieldstoneErrors'
  readonly errors: readonly FieldstoneError[]

  constructor(errors: readonly FieldstoneError[]) {
    super(errors.map((error) => `${error.code}  ${error.message}`).join('\n'))
    this.errors = errors
  }
}

export type { ErrorCode }
