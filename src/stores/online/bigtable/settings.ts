import { FieldstoneError } from '../../../errors.ts'
import { inspect } from '../../../lib/inspect.ts'

/** The options of a Bigtable store, checked and whole. */
export interface BigtableSettings {
  readonly project: string
  readonly instance: string
  readonly table: string
  /** Of reads; undefined: the instance's default. */
  readonly appProfile: string | undefined
  /** Of writes and of what must be read as it is; undefined: the instance's default. */
  readonly singleClusterAppProfile: string | undefined
  /** The cluster of the single-cluster profile, where `prepare` makes it. */
  readonly cluster: string | undefined
  /** `host:port`, without TLS and credentials. */
  readonly emulatorHost: string | undefined
  /** `host` or `host:port`, with TLS. */
  readonly endpoint: string | undefined
  readonly credentials: Readonly<Record<string, unknown>> | undefined
  readonly keyFile: string | undefined
  readonly channels: number
  readonly reads: 'direct' | 'grpc'
  readonly readTimeoutMillis: number
  readonly writeTimeoutMillis: number
  readonly adminTimeoutMillis: number
}

type Given = Readonly<Record<string, unknown>>

const NAMES = [
  ...['project', 'instance', 'table', 'appProfile', 'singleClusterAppProfile', 'cluster', 'emulatorHost', 'endpoint'],
  ...['credentials', 'keyFile', 'channels', 'reads', 'readTimeoutMillis', 'writeTimeoutMillis', 'adminTimeoutMillis'],
]
const MAX_TIMEOUT_MILLIS = 3_600_000

/** Checks the options, of which any may have come from the environment as a text; an empty one is as none. Throws CONFIG_INVALID. */
export function bigtableSettings(given: Given): BigtableSettings {
  const unknown = Object.keys(given).find((name) => !NAMES.includes(name))
  if (unknown !== undefined)
    throw invalid(unknown, given[unknown], 'There is no such option.', `Write one of ${NAMES.join(', ')}.`)
  const settings: BigtableSettings = {
    project: needed(given, 'project', PROJECT),
    instance: needed(given, 'instance', INSTANCE),
    table: needed(given, 'table', TABLE),
    appProfile: optional(given, 'appProfile', PROFILE),
    singleClusterAppProfile: optional(given, 'singleClusterAppProfile', PROFILE),
    cluster: optional(given, 'cluster', INSTANCE),
    emulatorHost: optional(given, 'emulatorHost', EMULATOR),
    endpoint: optional(given, 'endpoint', ENDPOINT),
    credentials: credentialsOf(given.credentials),
    keyFile: optional(given, 'keyFile', FILE),
    channels: whole(given, 'channels', { most: 64, otherwise: 2 }),
    reads: readsOf(given.reads),
    readTimeoutMillis: whole(given, 'readTimeoutMillis', { most: MAX_TIMEOUT_MILLIS, otherwise: 800 }),
    writeTimeoutMillis: whole(given, 'writeTimeoutMillis', { most: MAX_TIMEOUT_MILLIS, otherwise: 30_000 }),
    adminTimeoutMillis: whole(given, 'adminTimeoutMillis', { most: MAX_TIMEOUT_MILLIS, otherwise: 120_000 }),
  }
  checkTogether(settings)
  return settings
}

function checkTogether(settings: BigtableSettings): void {
  const { emulatorHost, endpoint, credentials, keyFile } = settings
  if (emulatorHost !== undefined && endpoint !== undefined)
    throw invalid('endpoint', endpoint, "'emulatorHost' names another.", 'Write one of the two.')
  if (credentials !== undefined && keyFile !== undefined)
    throw invalid('keyFile', keyFile, "'credentials' says who we are already.", 'Write one of the two.')
  if (settings.appProfile !== undefined && settings.appProfile === settings.singleClusterAppProfile) {
    const why = 'Reads go to any cluster by the one, writes to a single one by the other.'
    throw invalid('appProfile', settings.appProfile, why, "Write two names, or 'singleClusterAppProfile' alone.")
  }
}

function invalid(name: string, value: unknown, why: string, mend: string): FieldstoneError {
  const shown = name === 'credentials' ? '…' : inspect(value)
  return new FieldstoneError('CONFIG_INVALID', { seen: `online: bigtable({ ${name}: ${shown} })`, why, mend })
}

/** What a name looks like, and how to say so. */
interface Shape {
  readonly pattern: RegExp
  readonly mend: string
}

const PROJECT = { pattern: /^[a-z0-9][a-z0-9.:-]{0,62}$/, mend: "Write the project's id, such as 'my-project'." }
const INSTANCE = { pattern: /^[a-z][a-z0-9-]{0,62}$/, mend: "Write its id, such as 'features'." }
const TABLE = { pattern: /^[\w][\w.-]{0,49}$/, mend: 'Write 1 to 50 letters, digits or any of _ . -' }
const PROFILE = { pattern: /^[\w][\w.-]{0,49}$/, mend: "Write a profile's id, such as 'fieldstone-reads'." }
const EMULATOR = { pattern: /^[^:/\s]+:\d{1,5}$/, mend: "Write host and port, such as '127.0.0.1:8086'." }
const ENDPOINT = {
  pattern: /^[^:/\s]+(:\d{1,5})?$/,
  mend: "Write a host, such as 'europe-west1-bigtable.googleapis.com'.",
}
const FILE = { pattern: /./, mend: "Write the path of a service account's key file." }

function needed(given: Given, name: string, shape: Shape): string {
  const value = optional(given, name, shape)
  if (value !== undefined) return value
  throw invalid(name, given[name], 'It is needed to find the table.', shape.mend)
}

function optional(given: Given, name: string, { pattern, mend }: Shape): string | undefined {
  const value = given[name]
  if (value === undefined || value === '') return undefined
  if (typeof value === 'string' && pattern.test(value)) return value
  throw invalid(name, value, 'That is no legal one.', mend)
}

/** An object, or its JSON: a secret comes from the environment as a text. */
function credentialsOf(value: unknown): BigtableSettings['credentials'] {
  if (value === undefined || value === '') return undefined
  const found = serviceAccountIn(value)
  if (found !== undefined) return found
  const why = 'They are what a key file of a service account holds.'
  throw invalid('credentials', value, why, "Write them as an object or its JSON, such as env('GOOGLE_KEY').")
}

/** What a key file holds, or its JSON; undefined where it is none. What JSON.parse throws would quote the secret. */
export function serviceAccountIn(value: unknown): Given | undefined {
  const parsed = typeof value === 'string' ? parseJson(value) : value
  return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed) ? (parsed as Given) : undefined
}

function readsOf(value: unknown): BigtableSettings['reads'] {
  if (value === undefined || value === '') return 'direct'
  if (value === 'direct' || value === 'grpc') return value
  throw invalid('reads', value, 'It says which way reads go.', "Write 'direct' or 'grpc'.")
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function whole(given: Given, name: string, { most, otherwise }: { readonly most: number; readonly otherwise: number }) {
  const value = given[name] ?? otherwise
  const number = typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value
  if (typeof number === 'number' && Number.isInteger(number) && number >= 1 && number <= most) return number
  throw invalid(name, value, `It is no whole number from 1 to ${most}.`, 'Write such a number, or leave it out.')
}
