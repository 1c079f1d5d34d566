import { FieldstoneError } from '../../../errors.ts'
import { inspect } from '../../../lib/inspect.ts'

export interface RedisAddress {
  readonly host: string
  readonly port: number
}

/** Where the servers are. */
export type RedisPlace =
  | { readonly kind: 'standalone'; readonly address: RedisAddress }
  | { readonly kind: 'sentinel'; readonly sentinels: readonly RedisAddress[]; readonly name: string }
  | { readonly kind: 'cluster'; readonly nodes: readonly RedisAddress[] }

/** The options of a Redis store, checked and whole. */
export interface RedisSettings {
  readonly place: RedisPlace
  readonly username: string | undefined
  readonly password: string | undefined
  readonly sentinelUsername: string | undefined
  readonly sentinelPassword: string | undefined
  readonly db: number
  /** Undefined: no TLS. */
  readonly tls: Readonly<Record<string, unknown>> | undefined
  readonly keyPrefix: string
  readonly connectTimeoutMillis: number
  readonly readTimeoutMillis: number
  readonly silenceTimeoutMillis: number
  readonly waitForReplicas: number
}

type Given = Readonly<Record<string, unknown>>

const DEFAULT_PORT = 6379
const DEFAULT_SENTINEL_PORT = 26_379
const MAX_TIMEOUT_MILLIS = 3_600_000
const NAMES = [
  ...['url', 'host', 'port', 'sentinels', 'name', 'cluster', 'username', 'password', 'sentinelUsername'],
  ...[
    'sentinelPassword',
    'db',
    'tls',
    'keyPrefix',
    'connectTimeoutMillis',
    'readTimeoutMillis',
    'silenceTimeoutMillis',
  ],
  'waitForReplicas',
] as const

/** Checks the options, of which any may have come from the environment as a text. Throws CONFIG_INVALID. */
export function redisSettings(given: Given): RedisSettings {
  for (const name of Object.keys(given)) {
    if (!(NAMES as readonly string[]).includes(name))
      // It may be a password by another name.
      throw invalid(name, '…', 'There is no such option.', `Write one of ${NAMES.join(', ')}.`)
  }
  const url = given.url === undefined ? undefined : parseUrl(given.url)
  const place = placeOf(given, url)
  const db = whole(given, 'db', { least: 0, most: 65_535, otherwise: url?.db ?? 0 })
  if (place.kind === 'cluster' && db !== 0) {
    throw invalid('db', db, 'A cluster has one database, 0.', "Leave it out; 'keyPrefix' keeps deployments apart.")
  }
  return {
    place,
    db,
    username: text(given, 'username') ?? url?.username,
    password: text(given, 'password') ?? url?.password,
    sentinelUsername: text(given, 'sentinelUsername'),
    sentinelPassword: text(given, 'sentinelPassword'),
    tls: tlsOf(given.tls, url?.tls === true),
    keyPrefix: keyPrefixOf(given.keyPrefix),
    connectTimeoutMillis: whole(given, 'connectTimeoutMillis', {
      least: 1,
      most: MAX_TIMEOUT_MILLIS,
      otherwise: 5_000,
    }),
    readTimeoutMillis: whole(given, 'readTimeoutMillis', { least: 1, most: MAX_TIMEOUT_MILLIS, otherwise: 800 }),
    silenceTimeoutMillis: whole(given, 'silenceTimeoutMillis', {
      least: 1,
      most: MAX_TIMEOUT_MILLIS,
      otherwise: 5_000,
    }),
    waitForReplicas: whole(given, 'waitForReplicas', { least: 0, most: 100, otherwise: 0 }),
  }
}

function invalid(name: string, value: unknown, why: string, mend: string): FieldstoneError {
  return new FieldstoneError('CONFIG_INVALID', { seen: `online: redis({ ${name}: ${inspect(value)} })`, why, mend })
}

interface UrlParts {
  readonly address: RedisAddress
  readonly username: string | undefined
  readonly password: string | undefined
  readonly db: number | undefined
  readonly tls: boolean
}

const URL_MEND = "Write a URL such as 'redis://127.0.0.1:6379', or 'rediss://user:password@host:6380' with TLS."

function parseUrl(value: unknown): UrlParts {
  // The value may hold a password, so it is not shown.
  const refused = (why: string) => invalid('url', '…', why, URL_MEND)
  if (typeof value !== 'string' || !URL.canParse(value)) throw refused('It is no URL.')
  const { protocol, hostname, port, username, password, pathname, search, hash } = new URL(value)
  if (protocol !== 'redis:' && protocol !== 'rediss:')
    throw refused(`Its scheme is '${protocol}', not 'redis:' or 'rediss:'.`)
  if (hostname === '') throw refused('It names no host.')
  if (!/^\/?\d{0,5}$/.test(pathname)) throw refused(`Its path ${inspect(pathname)} is no number of a database.`)
  if (search !== '' || hash !== '') throw refused("It ends in a '?' or '#': what else there is to say are options.")
  const decoded = (part: string): string | undefined => {
    try {
      return part === '' ? undefined : decodeURIComponent(part)
    } catch {
      throw refused("A '%' in its user or password is to be written as '%25'.")
    }
  }
  return {
    address: { host: hostname.replace(/^\[(.*)\]$/, '$1'), port: port === '' ? DEFAULT_PORT : Number(port) },
    username: decoded(username),
    password: decoded(password),
    db: pathname.length > 1 ? Number(pathname.slice(1)) : undefined,
    tls: protocol === 'rediss:',
  }
}

function placeOf(given: Given, url: UrlParts | undefined): RedisPlace {
  const ways = ['url', 'host', 'sentinels', 'cluster'].filter((name) => given[name] !== undefined)
  if (ways.length !== 1) {
    throw invalid(
      ways[1] ?? 'url',
      ways.length === 0 ? undefined : '…',
      ways.length === 0 ? 'Nothing says where the server is.' : `'${ways.join("' and '")}' name the servers twice.`,
      "Write one of 'url', 'host', 'sentinels' (with 'name') and 'cluster'.",
    )
  }
  if (given.port !== undefined && given.host === undefined)
    throw invalid('port', given.port, "It goes with 'host'.", "Leave it out, or write 'host'.")
  if ((given.name === undefined) !== (given.sentinels === undefined)) {
    throw invalid(
      'name',
      given.name,
      'Sentinels know their servers by a name.',
      "Write 'sentinels' and 'name' together.",
    )
  }
  if (url !== undefined) return { kind: 'standalone', address: url.address }
  if (given.cluster !== undefined) return { kind: 'cluster', nodes: addresses('cluster', given.cluster, DEFAULT_PORT) }
  if (given.sentinels !== undefined) {
    return {
      kind: 'sentinel',
      sentinels: addresses('sentinels', given.sentinels, DEFAULT_SENTINEL_PORT),
      name: text(given, 'name')!,
    }
  }
  return {
    kind: 'standalone',
    address: {
      host: hostOf(given),
      port: whole(given, 'port', { least: 1, most: 65_535, otherwise: DEFAULT_PORT }),
    },
  }
}

/** Most who write more than a name mean a URL, which may hold a password. */
function hostOf(given: Given): string {
  const host = text(given, 'host')!
  if (/^[^/@\s]+$/.test(host)) return host
  throw invalid('host', '…', 'It is no name or address of a host.', "Write it alone; a URL is written as 'url'.")
}

/** A list, or one text with commas: the environment knows no lists. */
function addresses(name: string, value: unknown, defaultPort: number): readonly RedisAddress[] {
  const items: readonly unknown[] =
    typeof value === 'string' ? value.split(',').map((item) => item.trim()) : Array.isArray(value) ? value : []
  if (items.length === 0) throw addressInvalid(name, value)
  return items.map((item) => {
    const match = typeof item === 'string' ? /^(?:\[([^\]]+)\]|([^:/@\s]+))(?::(\d{1,5}))?$/.exec(item) : null
    const port = Number(match?.[3] ?? defaultPort)
    if (match === null || port < 1 || port > 65_535) throw addressInvalid(name, item)
    return { host: match[1] ?? match[2]!, port }
  })
}

function addressInvalid(name: string, value: unknown): FieldstoneError {
  const mayHoldPassword = JSON.stringify(value)?.includes('@')
  return invalid(
    name,
    mayHoldPassword ? '…' : value,
    'It is no list of addresses.',
    "Write addresses such as ['10.0.0.1:6379', '10.0.0.2:6379'], or one text with commas.",
  )
}

function text(given: Given, name: string): string | undefined {
  const value = given[name]
  if (value === undefined || (typeof value === 'string' && value !== '')) return value
  const seen = name.toLowerCase().includes('password') ? '…' : value
  throw invalid(name, seen, 'It is not a text with something in it.', 'Write a text, or leave it out.')
}

interface Bounds {
  readonly least: number
  readonly most: number
  readonly otherwise: number
}

function whole(given: Given, name: string, { least, most, otherwise }: Bounds): number {
  const value = given[name] ?? otherwise
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= least && number <= most) return number
  throw invalid(name, value, `It is no whole number from ${least} to ${most}.`, 'Write such a number, or leave it out.')
}

function keyPrefixOf(value: unknown): string {
  if (value === undefined) return 'fieldstone'
  if (typeof value === 'string' && /^[\w.:-]{1,64}$/.test(value)) return value
  throw invalid(
    'keyPrefix',
    value,
    'It begins the name of every key.',
    'Write 1 to 64 letters, digits or any of _ . : -',
  )
}

const TLS_NAMES = [
  'ca',
  'cert',
  'key',
  'passphrase',
  'servername',
  'rejectUnauthorized',
  'minVersion',
  'maxVersion',
  'ciphers',
]

function tlsOf(value: unknown, byUrl: boolean): RedisSettings['tls'] {
  if (value === undefined) return byUrl ? {} : undefined
  if (value === true || value === 'true') return {}
  if (value === false || value === 'false') {
    if (byUrl)
      throw invalid(
        'tls',
        value,
        "The URL's scheme 'rediss:' asks for TLS.",
        "Leave it out, or write 'redis:' in the URL.",
      )
    return undefined
  }
  if (typeof value !== 'object' || value === null) {
    throw invalid('tls', value, 'It says whether, and how, to use TLS.', 'Write true, or options such as { ca }.')
  }
  const unknown = Object.keys(value).find((name) => !TLS_NAMES.includes(name))
  if (unknown === undefined) return { ...value }
  throw invalid(`tls.${unknown}`, '…', 'There is no such option.', `Write one of ${TLS_NAMES.join(', ')}.`)
}
