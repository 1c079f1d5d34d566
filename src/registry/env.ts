import { FieldstoneError } from '../errors.ts'

/** A variable of the environment, named in a config and looked up by the command line alone. */
export interface EnvReference {
  readonly kind: 'env'
  readonly name: string
  readonly fallback: string | undefined
}

/**
 * Names a variable of the environment in a driver's options, for secrets and for what differs between machines.
 * @param fallback used where the variable is not set; without one that is ENVIRONMENT_MISSING
 * @example lmdb({ path: env('FIELDSTONE_DATA', '.fieldstone/online') })
 */
export function env(name: string, fallback?: string): EnvReference & string {
  // Typed as a string too, so that it may stand wherever a driver's options take one.
  return Object.freeze({ kind: 'env', name, fallback }) as unknown as EnvReference & string
}

/** The options with every `env()` in them, however deep, replaced by its value. Throws ENVIRONMENT_MISSING. */
export function resolveEnv<T>(options: T, environment: Readonly<Record<string, string | undefined>>): T {
  return resolved(options, environment) as T
}

function resolved(value: unknown, environment: Readonly<Record<string, string | undefined>>): unknown {
  if (isReference(value)) return lookUp(value, environment)
  if (Array.isArray(value)) return value.map((item) => resolved(item, environment))
  if (!isPlainObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, resolved(item, environment)]))
}

function isReference(value: unknown): value is EnvReference {
  return isPlainObject(value) && value.kind === 'env' && typeof value.name === 'string'
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

function lookUp({ name, fallback }: EnvReference, environment: Readonly<Record<string, string | undefined>>): string {
  const value = environment[name] ?? fallback
  if (value !== undefined) return value
  throw new FieldstoneError('ENVIRONMENT_MISSING', {
    seen: `env('${name}')`,
    mend: `Set ${name}, or give it a default: env('${name}', '…').`,
  })
}
