import { type ErrorCode, FieldstoneError, FieldstoneErrors } from '../errors.ts'

/** One thing that is wrong with the definitions, in whole sentences; see `ErrorDetails`. */
export interface Problem {
  readonly seen: string
  readonly why?: string
  readonly mend?: string
}

/** Gathers everything that is wrong, so that all of it is told at once (SPEC S1). */
export interface Problems {
  add(code: ErrorCode, problem: Problem): void
  /** The same collection, with the subject put before what was seen, e.g. `entity 'Airport'`. */
  about(subject: string): Problems
  /** Throws FieldstoneErrors where there is at least one. */
  throwIfAny(): void
}

export function createProblems(): Problems {
  return problemsAbout('', [])
}

function problemsAbout(subject: string, errors: FieldstoneError[]): Problems {
  return {
    add(code, { seen, ...rest }) {
      errors.push(new FieldstoneError(code, { seen: `${subject}${seen}`, ...rest }))
    },
    about: (inner) => problemsAbout(`${subject}${inner}: `, errors),
    throwIfAny() {
      if (errors.length > 0) throw new FieldstoneErrors(errors)
    },
  }
}
