/** How often and by whom one operation was asked within one interval. */
export interface OperationUsage {
  /** SHA-256 of the document's text, in hexadecimal. Undefined: all operations beyond those that are told apart. */
  readonly operationId: string | undefined
  /** Undefined: it has none. */
  readonly operationName: string | undefined
  /** `query`, `mutation` or `subscription`. */
  readonly operationType: string | undefined
  /** As the client's headers say. */
  readonly clientName: string | undefined
  readonly clientVersion: string | undefined
  /** Requests. */
  readonly count: number
  /** Of them, those whose answers had errors. */
  readonly errorCount: number
  readonly durations: UsageDurations
  /** Every field of the schema that the operation selects, as `Type.field`, sorted. */
  readonly coordinates: readonly string[]
}

/** How long requests took. */
export interface UsageDurations {
  /** Upper bounds, ascending, inclusive. */
  readonly boundsMillis: readonly number[]
  /** Requests up to each bound and above the one before; the last is of those above all bounds. */
  readonly counts: readonly number[]
  readonly sumMillis: number
}

/** Takes the usages of one interval. */
export type ReportUsage = (usages: readonly OperationUsage[]) => void | Promise<void>
