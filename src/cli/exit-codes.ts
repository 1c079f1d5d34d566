import type { ErrorCode } from '../errors.ts'

/** What a command's exit code means; docs/cli.md prints this table. */
export const EXIT_CODES = {
  ok: { code: 0, meaning: "Done; 'serve' and 'dev' too, drained by Ctrl-C or SIGTERM." },
  refused: {
    code: 1,
    meaning:
      "A mistake in the config, the definitions, the data or the command's words; printed with its code and the mend.",
  },
  usage: { code: 2, meaning: 'An unknown command or option, or a missing argument.' },
  difference: {
    code: 3,
    meaning: "A check found something: 'generate --check' a difference, 'doctor' something to mend.",
  },
  rejected: { code: 4, meaning: "'materialize' rejected more rows than --max-rejected allows." },
  retry: {
    code: 5,
    meaning: 'A store did not answer, or another process holds the lease: the same command may succeed later.',
  },
  bug: { code: 70, meaning: 'An unexpected error: a bug in Fieldstone or in a library. --verbose shows where.' },
  interrupted: { code: 130, meaning: 'Stopped by Ctrl-C or SIGTERM; the next run goes on where this one stopped.' },
} as const satisfies Readonly<Record<string, { readonly code: number; readonly meaning: string }>>

/** The exit code for a coded error. */
export function exitCodeOf(code: ErrorCode, retryable: boolean): number {
  if (code === 'USAGE') return EXIT_CODES.usage.code
  if (code === 'SCHEMA_OUTDATED') return EXIT_CODES.difference.code
  if (code === 'ROWS_REJECTED') return EXIT_CODES.rejected.code
  if (code === 'INTERNAL_SERVER_ERROR') return EXIT_CODES.bug.code
  return retryable ? EXIT_CODES.retry.code : EXIT_CODES.refused.code
}
