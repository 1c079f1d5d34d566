import type { IncomingHttpHeaders } from 'node:http'
import { OTHER_NAMES } from '../lib/bounded-names.ts'
import { rememberingHeaders } from './remembered-headers.ts'

/** Who sent a request, as its headers say. Nobody checks it. */
export interface Client {
  readonly name: string | undefined
  readonly version: string | undefined
  /** Name and version in one, NUL between them; a client that is called as all others are together is one of them. */
  readonly label: string
}

/** Fieldstone's own headers go before those of Apollo's clients. */
const NAME_HEADERS = ['x-fieldstone-client-name', 'apollographql-client-name'] as const
const VERSION_HEADERS = ['x-fieldstone-client-version', 'apollographql-client-version'] as const

/** Characters of a name or version that are kept. */
const MOST_LENGTH = 80

const NOBODY: Client = { name: undefined, version: undefined, label: 'unnamed\0' }

/** One object for all requests of a client, as far as clients are remembered. */
const clientNamed = rememberingHeaders((joined): Client => {
  const [name = '', version = ''] = joined.split('\0').map(clean)
  if (name === '' && version === '') return NOBODY
  const told = { name: name === '' ? undefined : name, version: version === '' ? undefined : version }
  const label = `${told.name ?? 'unnamed'}\0${version}`
  return { ...told, label: label === `${OTHER_NAMES}\0` ? OTHER_NAMES : label }
})

export function clientOf(headers: IncomingHttpHeaders): Client {
  const name = headers[NAME_HEADERS[0]] ?? headers[NAME_HEADERS[1]]
  const version = headers[VERSION_HEADERS[0]] ?? headers[VERSION_HEADERS[1]]
  return name === undefined && version === undefined ? NOBODY : clientNamed(`${name ?? ''}\0${version ?? ''}`)
}

/** What may stand in logs and metrics: no control characters, and not too long. */
function clean(text: string): string {
  return text.replace(/\p{C}/gu, '').trim().slice(0, MOST_LENGTH)
}
