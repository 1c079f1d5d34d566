import { FieldstoneError } from '../../../errors.ts'
import { type Duration, parseDuration } from '../../../lib/duration.ts'
import { inspect } from '../../../lib/inspect.ts'

/** How long copies of a view's rows are used without asking the store. */
export interface CopyTimes {
  /** Of rows. Never more than the view's `maxStaleness`. */
  readonly ttl?: Duration
  /** Of the knowledge that there is none. Default: the ttl. `'0s'`: it is not kept. */
  readonly negativeTtl?: Duration
}

/** `CopyTimes` of a config, in microseconds. */
interface CopyMicros {
  readonly ttlMicros: number | undefined
  readonly negativeTtlMicros: number | undefined
}

export interface CacheSettings {
  readonly ttlMicros: number
  /** Undefined: as the ttl. */
  readonly negativeTtlMicros: number | undefined
  /** By the name of the view. */
  readonly views: ReadonlyMap<string, CopyMicros>
  readonly frontTimeoutMillis: number
  readonly maxCellBytes: number
}

const DEFAULT_TTL = '10s'
const DEFAULT_FRONT_TIMEOUT = '50ms'
const DEFAULT_MAX_CELL_BYTES = 2 ** 18
/** Whoever waits longer for a copy has none. */
const MAX_FRONT_TIMEOUT_MICROS = 60_000_000
const NAMES = ['store', 'in', 'ttl', 'negativeTtl', 'views', 'frontTimeout', 'maxCellBytes']

/** Throws CONFIG_INVALID. */
export function cacheSettings(
  options: Readonly<Record<string, unknown>>,
  definesView: (name: string) => boolean,
): CacheSettings {
  const { ttl = DEFAULT_TTL, negativeTtl, views = {}, frontTimeout = DEFAULT_FRONT_TIMEOUT } = options
  const { maxCellBytes = DEFAULT_MAX_CELL_BYTES } = options
  const unknown = Object.keys(options).find((name) => !NAMES.includes(name))
  if (unknown !== undefined) throw noOption(unknown)
  if (!Number.isSafeInteger(maxCellBytes) || Number(maxCellBytes) < 0) throw noBytes(maxCellBytes)
  const frontTimeoutMicros = microsOf('frontTimeout', frontTimeout)
  if (frontTimeoutMicros === 0 || frontTimeoutMicros > MAX_FRONT_TIMEOUT_MICROS) throw noTimeout(frontTimeout)
  return {
    ttlMicros: microsOf('ttl', ttl),
    negativeTtlMicros: optionalMicros('negativeTtl', negativeTtl),
    views: new Map(
      Object.entries(objectOf('views', views)).map(([name, times]) => {
        if (!definesView(name)) throw noView(name)
        return [name, timesOf(name, times)]
      }),
    ),
    frontTimeoutMillis: frontTimeoutMicros / 1_000,
    maxCellBytes: Number(maxCellBytes),
  }
}

function timesOf(view: string, given: unknown): CopyMicros {
  const { ttl, negativeTtl, ...others } = objectOf(`views.${view}`, given)
  const [unknown] = Object.keys(others)
  if (unknown !== undefined) {
    throw new FieldstoneError('CONFIG_INVALID', {
      seen: `cache({ views.${view}.${unknown} })`,
      why: 'A view has a ttl and a negativeTtl here; what else is promised of its copies stands in its definition.',
      mend: 'Take it out; maxStaleness and staleIfError belong into batchView().',
    })
  }
  return {
    ttlMicros: optionalMicros(`views.${view}.ttl`, ttl),
    negativeTtlMicros: optionalMicros(`views.${view}.negativeTtl`, negativeTtl),
  }
}

function noView(name: string): FieldstoneError {
  return new FieldstoneError('CONFIG_INVALID', {
    seen: `cache({ views: { ${name} } })`,
    why: 'No batchView has that name.',
    mend: 'Take it out, or mend its name; versions are not named here.',
  })
}

function objectOf(path: string, value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null) return value as Readonly<Record<string, unknown>>
  throw new FieldstoneError('CONFIG_INVALID', {
    seen: `cache({ ${path}: ${inspect(value)} })`,
    why: 'It says for views, by their names, how long copies of their rows are used.',
    mend: "Write views: { airportDaily: { ttl: '1m' } }, say.",
  })
}

function optionalMicros(path: string, value: unknown): number | undefined {
  return value === undefined ? undefined : microsOf(path, value)
}

function microsOf(path: string, value: unknown): number {
  const micros = typeof value === 'string' ? parseDuration(value) : undefined
  if (micros === undefined) throw noDuration(path, value)
  return micros
}

function noDuration(path: string, value: unknown): FieldstoneError {
  return new FieldstoneError('CONFIG_INVALID', {
    seen: `cache({ ${path}: ${inspect(value)} })`,
    why: 'A duration is a whole number and a unit: us, ms, s, m, h or d.',
    mend: "Write it like '10s'.",
  })
}

function noTimeout(value: unknown): FieldstoneError {
  return new FieldstoneError('CONFIG_INVALID', {
    seen: `cache({ frontTimeout: ${inspect(value)} })`,
    why: 'A read waits so long for the front before it asks the store: longer than no time, and at most 1m.',
    mend: `Write such a time, or leave it out: it is ${DEFAULT_FRONT_TIMEOUT} then.`,
  })
}

function noOption(name: string): FieldstoneError {
  return new FieldstoneError('CONFIG_INVALID', {
    seen: `cache({ ${name} })`,
    why: 'There is no such option.',
    mend: `Write one of ${NAMES.join(', ')}.`,
  })
}

function noBytes(value: unknown): FieldstoneError {
  return new FieldstoneError('CONFIG_INVALID', {
    seen: `cache({ maxCellBytes: ${inspect(value)} })`,
    why: 'It is a whole number of bytes: larger cells are not kept.',
    mend: `Write such a number, or leave it out: it is ${DEFAULT_MAX_CELL_BYTES} then.`,
  })
}
