import type { ZodError, ZodObject } from 'zod'
import type { Dtype } from '../definitions/dtypes.ts'
import { FieldstoneError } from '../errors.ts'
import { inspect } from '../lib/inspect.ts'
import type { FeatureStatus } from './status.ts'
import { encodeWire, WireProblem } from './wire.ts'

/** What evaluation must know of an on-demand view; a registry's view is one. */
export interface OnDemandShape {
  readonly name: string
  readonly entity: { readonly name: string }
  readonly inputs: readonly { readonly name: string }[]
  readonly whenMissing: 'null' | 'call'
  readonly argsSchema: ZodObject | undefined
  readonly args: readonly { readonly name: string }[]
  readonly features: readonly { readonly name: string; readonly dtype: Dtype; readonly nonFinite: 'null' | 'string' }[]
  readonly compute: (context: {
    readonly inputs: Readonly<Record<string, unknown>>
    readonly args: Readonly<Record<string, unknown>>
    readonly nowMicros: number
  }) => Readonly<Record<string, unknown>>
}

/** An input as it is served: its JavaScript value after the default, and the status that it has all the same (SPEC V5). */
export interface InputValue {
  readonly value: unknown
  readonly status: FeatureStatus
}

/** What a feature came to: its wire text before any default, with its status; or the error that stands in its place. */
export type OnDemandOutcome =
  | { readonly text: string; readonly status: FeatureStatus }
  | { readonly error: FieldstoneError }

/**
 * Calls a view's function for one row (SPEC O1): one outcome a feature, in the view's order.
 * @param inputs in the view's order
 * @param args the view's own, parsed (see `parseArguments`)
 */
export function evaluateOnDemand(
  view: OnDemandShape,
  inputs: readonly InputValue[],
  args: Readonly<Record<string, unknown>>,
  nowMicros: number,
): readonly OnDemandOutcome[] {
  const missing = view.whenMissing === 'null' ? inputs.find(({ value }) => value === null) : undefined
  if (missing !== undefined) return view.features.map(() => ({ text: 'null', status: missing.status }))
  try {
    const result = view.compute({ inputs: namedInputs(view, inputs), args, nowMicros })
    // A result's getters are the user's code too.
    return view.features.map((feature) => outcomeOf(view, feature, result))
  } catch (thrown) {
    return view.features.map(({ name }) => ({ error: failed(view, name, thrown) }))
  }
}

function namedInputs(view: OnDemandShape, inputs: readonly InputValue[]): Readonly<Record<string, unknown>> {
  return Object.fromEntries(view.inputs.map(({ name }, index) => [name, inputs[index]!.value]))
}

function failed(view: OnDemandShape, feature: string, thrown: unknown): FieldstoneError {
  return new FieldstoneError('ON_DEMAND_FAILED', {
    seen: `${view.entity.name}.${feature}`,
    why: `The function of view '${view.name}' threw ${inspect(thrown)}.`,
    cause: thrown,
  })
}

function outcomeOf(view: OnDemandShape, feature: OnDemandShape['features'][number], result: unknown): OnDemandOutcome {
  const text = textOf(feature, result)
  if (typeof text === 'string') return { text, status: text === 'null' ? 'NULL_VALUE' : 'PRESENT' }
  return {
    error: new FieldstoneError('ON_DEMAND_RESULT_INVALID', {
      seen: `${view.entity.name}.${feature.name}`,
      why: `In the result of view '${view.name}', ${text.reason}.`,
    }),
  }
}

function textOf(feature: OnDemandShape['features'][number], result: unknown): string | WireProblem {
  if (isPromise(result)) {
    return new WireProblem('a promise stands for the values; the function must be synchronous')
  }
  const value = propertyOf(result, feature.name)
  if (value === undefined) return new WireProblem(`there is no '${feature.name}': it gave ${inspect(result)}`)
  if (isPromise(value)) {
    return new WireProblem(`a promise stands for '${feature.name}'; the function must be synchronous`)
  }
  return encodeWire(feature, value)
}

/** Whether a value is a promise; if so nobody waits for it, and its rejection must not end the process. */
function isPromise(value: unknown): boolean {
  if (!(value instanceof Promise)) return false
  value.catch(() => {})
  return true
}

function propertyOf(result: unknown, name: string): unknown {
  if (typeof result !== 'object' || result === null || !Object.hasOwn(result, name)) return undefined
  return (result as Readonly<Record<string, unknown>>)[name]
}

/**
 * A view's own arguments, parsed by its zod schema, out of those of the GraphQL field (which also has those of its on-demand
 * inputs). Throws ARGUMENTS_INVALID.
 */
export function parseArguments(
  view: OnDemandShape,
  fieldArgs: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  if (view.argsSchema === undefined) return {}
  const given = view.args
    .filter(({ name }) => Object.hasOwn(fieldArgs, name))
    .map(({ name }) => [name, fieldArgs[name]])
  const parsed = view.argsSchema.safeParse(Object.fromEntries(given))
  if (parsed.success) return parsed.data
  throw argumentsInvalid(view, parsed.error)
}

function argumentsInvalid(view: OnDemandShape, error: ZodError): FieldstoneError {
  const issues = error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
  return new FieldstoneError('ARGUMENTS_INVALID', {
    seen: `arguments of view '${view.name}' (${issues.join('; ')})`,
    facts: { arguments: error.issues.map(({ path }) => path.join('.')) },
  })
}
