import { FieldstoneError } from '../../../errors.ts'
import { CallerError } from '../caller-error.ts'

/** Of `grpc.status`, as far as they are told apart. */
export const STATUS = {
  CANCELLED: 1,
  INVALID_ARGUMENT: 3,
  DEADLINE_EXCEEDED: 4,
  NOT_FOUND: 5,
  ALREADY_EXISTS: 6,
  PERMISSION_DENIED: 7,
  FAILED_PRECONDITION: 9,
  ABORTED: 10,
  UNIMPLEMENTED: 12,
  INTERNAL: 13,
  UNAVAILABLE: 14,
  UNAUTHENTICATED: 16,
} as const

const STATUS_NAMES: ReadonlyMap<number, string> = new Map(Object.entries(STATUS).map(([name, code]) => [code, name]))

/** What a call ended with, as grpc's own errors tell it: `code` and a message. */
export class StatusError extends Error {
  override readonly name = 'StatusError'
  readonly code: number

  constructor(code: number, message: string) {
    super(`${code} ${STATUS_NAMES.get(code) ?? 'UNKNOWN'}: ${message}`)
    this.code = code
  }
}

export function statusOf(error: unknown): number | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return typeof code === 'number' ? code : undefined
}

/** Whether the service may do, asked again, what it did not do now; the service's own rules for calls that may be repeated. */
export function mayPass(error: unknown): boolean {
  const status = statusOf(error)
  if (status === STATUS.UNAVAILABLE || status === STATUS.DEADLINE_EXCEEDED || status === STATUS.ABORTED) return true
  // A connection that was cut in the middle of a call is told so.
  return status === STATUS.INTERNAL && /rst.?stream|goaway|received rst/i.test((error as Error).message)
}

/** What a caller's function threw is the caller's; ours are coded; all else is the service's. */
export function coded(error: unknown, place: string): unknown {
  if (error instanceof CallerError) return error.thrown
  return error instanceof FieldstoneError ? error : refused(place, error)
}

const REFUSALS: ReadonlyMap<number | undefined, string> = new Map([
  [STATUS.INVALID_ARGUMENT, 'Look at the names of project, instance, table and app profiles.'],
  [STATUS.PERMISSION_DENIED, 'Give the account the roles that docs/bigtable.md lists.'],
  [STATUS.UNAUTHENTICATED, 'Give credentials that the service knows; docs/bigtable.md says how.'],
  [
    STATUS.FAILED_PRECONDITION,
    "Name as 'singleClusterAppProfile' a profile that routes to one cluster and allows single-row transactions; 'fieldstone apply' makes it.",
  ],
])

/** The coded error for what a call ended with. */
export function refused(place: string, cause: unknown): FieldstoneError {
  const status = statusOf(cause)
  const reason = cause instanceof Error ? cause.message : String(cause)
  const why = reason.endsWith('.') ? reason : `${reason}.`
  if (status === STATUS.NOT_FOUND)
    return new FieldstoneError('NOT_APPLIED', {
      seen: place,
      why,
      mend: "Run 'fieldstone apply', which makes what is missing.",
      cause,
    })
  const mend = REFUSALS.get(status)
  if (mend !== undefined) return new FieldstoneError('STORE_REFUSED', { seen: place, why, mend, cause })
  return new FieldstoneError('STORE_UNAVAILABLE', { seen: place, why, cause })
}
