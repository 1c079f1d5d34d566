import { FieldstoneError } from '../../../errors.ts'

/** What a caller's own function threw, on its way through a call: it is passed on as it is. */
export class CallerError extends Error {
  override readonly name = 'CallerError'
  readonly thrown: unknown

  constructor(thrown: unknown) {
    super('a function of the caller threw', { cause: thrown })
    this.thrown = thrown
  }
}

export function callOut<T>(run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw new CallerError(error)
  }
}

/** Replies of a server that say what to do, by how they begin. */
const MENDS: readonly (readonly [RegExp, string])[] = [
  [/^OOM /, "The server is full: raise its 'maxmemory', or drop what is not needed."],
  [/^(NOAUTH|WRONGPASS)/, "Write the user and the password in the store's options."],
  [/^NOPERM/, 'Let the user run this command on the keys of the prefix; docs/redis.md lists the commands.'],
  [/^CLUSTERDOWN/, 'A part of the cluster is down: bring it back, or let a replica take over.'],
  [/^MISCONF/, 'The server cannot save to its disk: look at its log.'],
]

/** What a caller's function threw is the caller's; ours are coded; all else is Redis'. */
export function coded(error: unknown, place: string): unknown {
  if (error instanceof CallerError) return error.thrown
  return error instanceof FieldstoneError ? error : unavailable(place, error)
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
