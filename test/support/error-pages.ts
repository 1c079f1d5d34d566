import { catalogue, type ErrorCode, type ErrorEntry } from '../../src/error-catalogue.ts'

/** Where the pages stand, relative to the repository. */
export const ERROR_PAGES = 'docs/errors'

/** Every page of docs/errors by its path relative to the repository: one a code, and their index. */
export function errorPages(): Map<string, string> {
  const entries = Object.entries(catalogue) as [ErrorCode, ErrorEntry][]
  const pages = entries.map(([code, entry]): [string, string] => [`${ERROR_PAGES}/${code}.md`, page(code, entry)])
  return new Map([[`${ERROR_PAGES}/README.md`, index(entries)], ...pages])
}

const GENERATED = '<!-- Generated from src/error-catalogue.ts by `npm run generate`. -->'

function page(code: ErrorCode, { title, why, mend, retryable }: ErrorEntry): string {
  const lines = [
    GENERATED,
    '',
    `# ${code}`,
    '',
    `${title}.`,
    '',
    `- **Why:** ${why}`,
    `- **Mend:** ${mend}`,
    `- **Retryable:** ${retryable ? 'yes: the same request may succeed later' : 'no: the same request fails again until something is changed'}.`,
    '',
    'The message of an error begins with what was seen; it may give a closer reason and mend than this page.',
  ]
  return `${lines.join('\n')}\n`
}

function index(entries: readonly [ErrorCode, ErrorEntry][]): string {
  const rows = entries.map(
    ([code, { title, retryable }]) => `| [${code}](${code}.md) | ${title} | ${retryable ? 'yes' : 'no'} |`,
  )
  const lines = [
    GENERATED,
    '',
    '# Errors',
    '',
    'Every error that a user can meet has a code. In GraphQL it stands in `extensions.code`, beside `extensions.retryable`;',
    'the command line prints it before the message.',
    '',
    '| code | meaning | retryable |',
    '|---|---|---|',
    ...rows,
  ]
  return `${lines.join('\n')}\n`
}
