import type { input } from 'zod'
import type { ServedValueOf, ValueOf } from '../definitions/feature.ts'
import type { AnyOnDemandView } from '../definitions/on-demand-view.ts'
import { evaluateOnDemand, type OnDemandShape, parseArguments } from '../values/on-demand.ts'
import type { FeatureStatus } from '../values/status.ts'
import { decodeWire } from '../values/wire.ts'

type TestArgs<V extends AnyOnDemandView> = V['args'] extends undefined
  ? Readonly<Record<string, never>>
  : input<V['args']>

/** What a feature of the view comes to, after its default. */
export interface TestedFeature<Value> {
  readonly value: Value | null
  readonly status: FeatureStatus
}

/**
 * What an on-demand view gives for one row: arguments are parsed by its zod schema, a missing input is met as `whenMissing` says, and
 * results are checked against their dtypes. Throws ARGUMENTS_INVALID, ON_DEMAND_FAILED (with what was thrown as its cause) and
 * ON_DEMAND_RESULT_INVALID.
 * @param inputs by their names; null stands for one that is not there, so that its default is served where it has one
 */
export function testOnDemand<V extends AnyOnDemandView>(
  view: V,
  inputs: { readonly [K in keyof V['inputs']]: ServedValueOf<V['inputs'][K]['definition']> | null },
  args: TestArgs<V>,
  options: { /** The request's now. Default 0. */ readonly nowMicros?: number } = {},
): { readonly [K in keyof V['features']]: TestedFeature<ValueOf<V['features'][K]['definition']>> } {
  const shape = shapeOf(view, args as Readonly<Record<string, unknown>>)
  const given = shape.inputs.map(({ name }) => {
    const value = (inputs as Readonly<Record<string, unknown>>)[name] ?? null
    if (value !== null) return { value, status: 'PRESENT' as const }
    return { value: view.inputs[name].definition.default ?? null, status: 'NULL_VALUE' as const }
  })
  const parsed = parseArguments(shape, args as Readonly<Record<string, unknown>>)
  const outcomes = evaluateOnDemand(shape, given, parsed, options.nowMicros ?? 0)
  const features = shape.features.map(({ name, dtype }, index) => {
    const outcome = outcomes[index]!
    if ('error' in outcome) throw outcome.error
    const { default: otherwise } = view.features[name]!.definition
    const value = outcome.status === 'PRESENT' ? decodeWire(dtype, outcome.text) : (otherwise ?? null)
    return [name, { value, status: outcome.status }]
  })
  return Object.fromEntries(features)
}

function shapeOf(view: AnyOnDemandView, args: Readonly<Record<string, unknown>>): OnDemandShape {
  return {
    name: view.name,
    entity: view.entity,
    inputs: Object.keys(view.inputs).map((name) => ({ name })),
    whenMissing: view.whenMissing,
    argsSchema: view.args,
    args: Object.keys(args).map((name) => ({ name })),
    features: Object.entries(view.features as AnyOnDemandView['features']).map(([name, { definition }]) => ({
      ...definition,
      name,
    })),
    compute: view.compute,
  }
}
