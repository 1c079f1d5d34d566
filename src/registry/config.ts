import { z } from 'zod'
import { type Definition, isDefinition } from '../definitions/definition.ts'
import { FieldstoneError, FieldstoneErrors } from '../errors.ts'
import { type Clock, systemClock } from '../lib/clock.ts'
import { inspect } from '../lib/inspect.ts'
import type { OfflineDriver } from '../stores/offline/offline-store.ts'
import type { OnlineDriver } from '../stores/online/online-store.ts'
import { type ServerSettings, type ServerSettingsInput, serverSettings, serverShape } from './server-settings.ts'
import { mendOfObject, section, text, wholeNumber } from './setting-shapes.ts'

/** What a config file exports by default. */
export interface DeploymentConfigInput {
  /** Of the deployment: letters, digits, `-` and `_`; legal as a folder name. */
  readonly name: string
  /** A module (`import * as definitions from './features.ts'`; exports that are no definitions are left out), or a list of definitions. */
  readonly definitions: Readonly<Record<string, unknown>> | readonly Definition[]
  /** Where features are served from, e.g. `lmdb({ path })`. */
  readonly online: OnlineDriver
  /** Where `materialize` reads rows from, e.g. `duckdb()`. Default: none; nothing can be materialized then. */
  readonly offline?: OfflineDriver
  /** What "now" is (SPEC T2). Default: the machine's clock. */
  readonly clock?: Clock
  readonly graphql?: {
    /** Put before root fields, and capitalised before helper types. Default: none. */
    readonly prefix?: string
    /** Where `generate` prints the schema, relative to the config. Default `schema.graphql`. */
    readonly schemaFile?: string
  }
  /** How the gateway serves; see `ServerSettingsInput`. */
  readonly server?: ServerSettingsInput
  readonly materialize?: {
    /** Where reports of rejected rows go, relative to the config. Default `.fieldstone/reports`. */
    readonly reportDirectory?: string
    /** Rows read and written at a time, 1 to 1,000,000. Default 10,000. */
    readonly maxBatchRows?: number
  }
}

/** A config with everything in its place. */
export interface DeploymentConfig {
  readonly kind: 'config'
  readonly name: string
  readonly definitions: readonly Definition[]
  readonly online: OnlineDriver
  readonly offline: OfflineDriver | undefined
  readonly clock: Clock
  readonly graphql: { readonly prefix: string; readonly schemaFile: string }
  readonly server: ServerSettings
  readonly materialize: { readonly reportDirectory: string; readonly maxBatchRows: number }
}

/** Types a config; it is checked when a command loads it. */
export function defineConfig(input: DeploymentConfigInput): DeploymentConfigInput {
  return Object.freeze({ ...input })
}

const NAME = /^[A-Za-z0-9][A-Za-z0-9_-]*$/
const PREFIX = /^([A-Za-z][A-Za-z0-9_]*)?$/

const shape = z.strictObject(
  {
    name: text("Write a name of letters, digits, '-' and '_' that begins with a letter or digit.", NAME),
    definitions: z.custom<DeploymentConfigInput['definitions']>(isObject, {
      error: "Write import * as definitions from './features.ts', and definitions here.",
    }),
    online: driver<OnlineDriver>(
      'onlineDriver',
      "Write the driver's factory, such as lmdb({ path: '.fieldstone/online' }).",
    ),
    offline: driver<OfflineDriver>('offlineDriver', "Write the driver's factory, such as duckdb().").optional(),
    clock: z
      .custom<Clock>((value) => hasKind(value, 'clock') && typeof value.nowMicros === 'function', {
        error: "Write systemClock() or fixedClock('2001-07-01T00:00:00Z').",
      })
      .optional(),
    graphql: section({
      prefix: text("Write letters, digits and _, with a letter first, e.g. 'geo'.", PREFIX).optional(),
      schemaFile: text("Write a file's path, e.g. 'schema.graphql'.").optional(),
    }),
    server: serverShape(),
    materialize: section({
      reportDirectory: text("Write a folder's path, e.g. '.fieldstone/reports'.").optional(),
      maxBatchRows: wholeNumber(1, 1_000_000).optional(),
    }),
  },
  { error: mendOfObject },
)

function driver<Driver>(kind: string, mend: string) {
  return z.custom<Driver>((value) => hasKind(value, kind) && typeof value.open === 'function', { error: mend })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function hasKind(value: unknown, kind: string): value is Readonly<Record<string, unknown>> {
  return isObject(value) && value.kind === kind
}

/** Checks what a config file exports and fills in defaults. Throws FieldstoneErrors of CONFIG_INVALID, one for each wrong value. */
export function parseConfig(input: unknown): DeploymentConfig {
  const { data, error } = shape.safeParse(input)
  if (error !== undefined) throw new FieldstoneErrors(error.issues.flatMap((issue) => configErrors(input, issue)))
  const { name, online, offline, clock = systemClock(), graphql = {}, server = {}, materialize = {} } = data
  return {
    ...{ kind: 'config', name, online, offline, clock },
    definitions: definitionsOf(data.definitions),
    graphql: { prefix: graphql.prefix ?? '', schemaFile: graphql.schemaFile ?? 'schema.graphql' },
    server: serverSettings(server),
    materialize: {
      reportDirectory: materialize.reportDirectory ?? '.fieldstone/reports',
      maxBatchRows: materialize.maxBatchRows ?? 10_000,
    },
  }
}

function configErrors(input: unknown, issue: z.core.$ZodIssue): readonly FieldstoneError[] {
  const paths = issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [issue.path]
  return paths.map((path) => configError(path, valueAt(input, path), issue))
}

function configError(path: readonly PropertyKey[], value: unknown, issue: z.core.$ZodIssue): FieldstoneError {
  const isUnknown = issue.code === 'unrecognized_keys'
  return new FieldstoneError('CONFIG_INVALID', {
    seen: `${path.length === 0 ? 'the config' : path.join('.')} is ${isOfStore(path) ? pictureOfStore(value) : inspect(value)}`,
    why: isUnknown ? 'The config has no such setting.' : whyOf(value),
    mend: issue.message,
  })
}

function isOfStore([first]: readonly PropertyKey[]): boolean {
  return first === 'online' || first === 'offline'
}

/** Where a store belongs there may be an address with a password in it. */
function pictureOfStore(value: unknown): string {
  if (typeof value === 'string') return /[@/]/.test(value) ? 'a text' : inspect(value)
  if (!isObject(value)) return inspect(value)
  return typeof value.kind === 'string' ? `{ kind: ${inspect(value.kind)}, … }` : `{ ${Object.keys(value).join(', ')} }`
}

function whyOf(value: unknown): string {
  return value === undefined ? 'It is needed.' : 'That is not a legal value here.'
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce((inner, step) => (inner as Readonly<Record<PropertyKey, unknown>> | undefined)?.[step], value)
}

/** Of a module the exports that are definitions, each once; of a list all of it. */
function definitionsOf(definitions: DeploymentConfigInput['definitions']): readonly Definition[] {
  if (!Array.isArray(definitions)) return [...new Set(Object.values(definitions).filter(isDefinition))]
  const errors = definitions.flatMap((definition, index) =>
    isDefinition(definition) ? [] : [notADefinition(definition, index)],
  )
  if (errors.length > 0) throw new FieldstoneErrors(errors)
  return definitions
}

function notADefinition(value: unknown, index: number): FieldstoneError {
  return new FieldstoneError('CONFIG_INVALID', {
    seen: `definitions.${index} is ${inspect(value)}`,
    why: 'It is no entity, view or service.',
    mend: 'Take it out of the list, or give the module whole: import * as definitions.',
  })
}
