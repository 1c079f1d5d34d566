import { FieldstoneError } from '../../../errors.ts'
import { CallerError } from '../caller-error.ts'

/** Replies of a server that say what to do, by how they begin. */
const MENDS: readonly (readonly [RegExp, string])[] = [
  [/^OOM /, "The server is full: raise its 'maxmemory', or drop what is not needed."],
  [/^(NOAUTH|WRONGPASS)/, "Write the user and the password in the store's options."],
  [/^NOPERM/, 'Let the user run this command on the keys of the prefix; docs/redis.md lists the commands.'],
  [/READONLY/, 'It is a replica: name the server that takes writes, or the sentinels that know it.'],
  [/^ERR DB index/, "Write a 'db' that the server has, or leave it out."],
  [/^ERR This instance has cluster/, "Write its 'url' instead of 'cluster', or the nodes of a cluster."],
  [/^CLUSTERDOWN/, 'A part of the cluster is down: bring it back, or let a replica take over.'],
  [/^MISCONF/, 'The server cannot save to its disk: look at its log.'],
]

/** Nothing could be sent. */
export class NotConnected extends Error {
  override readonly name = 'NotConnected'

  constructor() {
    super('not connected')
  }
}

/** What the library says where a connection is missing or gone; of its own settings, which say nothing to a user. */
const CONNECTION_LOST = /^(Stream isn't writeable|Reached the max retries|Connection is closed)/

/** Whether an error says no more than that there is no connection. */
export function saysOnlyLost(error: Error): boolean {
  return error instanceof NotConnected || CONNECTION_LOST.test(error.message)
}

/** What a caller's function threw is the caller's; ours are coded; all else is Redis'. */
export function coded(error: unknown, place: FailingPlace): unknown {
  if (error instanceof CallerError) return error.thrown
  return error instanceof FieldstoneError ? error : failureAt(place, error)
}

export interface FailingPlace {
  readonly place: string
  /** Why there is no connection, where it is known. */
  readonly lastError: () => Error | undefined
}

/** The failure of what was sent or could not be. */
export function failureAt({ place, lastError }: FailingPlace, error: unknown): FieldstoneError {
  if (!(error instanceof Error && saysOnlyLost(error))) return unavailable(place, error)
  const why = lastError()?.message
  return unavailable(place, new Error(why === undefined ? 'not connected' : `not connected: ${why}`, { cause: error }))
}

export function unavailable(place: string, cause: unknown): FieldstoneError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const mend = MENDS.find(([start]) => start.test(reason))?.[1]
  return new FieldstoneError('STORE_UNAVAILABLE', {
    seen: place,
    why: reason.endsWith('.') ? reason : `${reason}.`,
    ...(mend === undefined ? {} : { mend }),
    cause,
  })
}
