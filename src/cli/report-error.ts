import { catalogue } from '../error-catalogue.ts'
import { FieldstoneError, FieldstoneErrors } from '../errors.ts'
import { EXIT_CODES, exitCodeOf } from './exit-codes.ts'
import type { Terminal } from './terminal.ts'
import { Interrupted } from './until-stopped.ts'

/**
 * Prints an error for a person and gives the exit code. Coded errors are printed without a stack trace, which only
 * `verbose` shows; anything else is a bug and says so.
 */
export function reportError(error: unknown, terminal: Terminal, verbose: boolean): number {
  if (error instanceof Interrupted) {
    terminal.note('stopped; the same command goes on from here')
    return EXIT_CODES.interrupted.code
  }
  if (isCoded(error)) {
    for (const line of codedLines(error)) terminal.note(line)
    if (verbose) terminal.note(stackOf(error))
    return exitCodeOf(error.code, error.retryable)
  }
  if (error instanceof FieldstoneErrors || hasErrors(error)) return reportAll(error.errors, terminal, verbose)
  terminal.note(`error  ${error instanceof Error ? error.message : String(error)}`)
  terminal.note('  This is a bug in Fieldstone or in a library it uses.')
  terminal.note(verbose ? stackOf(error) : '  --verbose shows where it happened.')
  return EXIT_CODES.bug.code
}

function reportAll(errors: readonly FieldstoneError[], terminal: Terminal, verbose: boolean): number {
  const codes = errors.map((error) => reportError(error, terminal, verbose))
  if (errors.length > 1) terminal.note(`${errors.length} errors`)
  return codes[0] ?? EXIT_CODES.bug.code
}

function codedLines(error: FieldstoneError): readonly string[] {
  const entry = catalogue[error.code]
  return [
    `error ${error.code}  ${error.details.seen}`,
    `  why   ${error.details.why ?? entry.why}`,
    `  mend  ${error.details.mend ?? entry.mend}`,
  ]
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return ''
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}

/** By its shape: a config may import another copy of Fieldstone than the command that reads it. */
function isCoded(error: unknown): error is FieldstoneError {
  return error instanceof FieldstoneError || (named(error, 'FieldstoneError') && 'code' in error && 'details' in error)
}

function hasErrors(error: unknown): error is FieldstoneErrors {
  return named(error, 'FieldstoneErrors') && 'errors' in error
}

function named(error: unknown, name: string): error is Error {
  return error instanceof Error && error.name === name
}
