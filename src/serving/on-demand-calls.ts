import { FieldstoneError } from '../errors.ts'
import { invariant } from '../lib/assert.ts'
import type { RegistryFeature, RegistryOnDemandView } from '../registry/registry.ts'
import { evaluateOnDemand, type InputValue, type OnDemandOutcome, parseArguments } from '../values/on-demand.ts'
import { decodeWire } from '../values/wire.ts'
import { type Row, storedValue } from './row-set.ts'

/** A view with arguments, once a request: fields that ask for the same share it, and so each row's outcomes. */
export interface Call {
  readonly id: number
  readonly view: RegistryOnDemandView
  readonly args: Record<string, unknown>
  /** For each input the call of its view; undefined for a stored one. */
  readonly inputs: readonly (Call | undefined)[]
  readonly outcomes: Map<Row, readonly OnDemandOutcome[]>
}

/** The on-demand calls of one request. */
export interface Calls {
  /** The call of a view with a field's arguments, coerced by GraphQL. Throws ARGUMENTS_INVALID. */
  resolve(view: RegistryOnDemandView, fieldArgs: Record<string, unknown>): Call
  /** What a call gives for a row whose needed cells are read: one outcome a feature of the view, made once. */
  evaluate(call: Call, row: Row): readonly OnDemandOutcome[]
}

/** Those of a request whose functions are told this instant (SPEC T2). */
export function createCalls(nowMicros: number): Calls {
  const calls = new Map<string, Call>()

  function resolve(view: RegistryOnDemandView, fieldArgs: Record<string, unknown>): Call {
    const args = parseArguments(view, fieldArgs)
    const inputs = view.inputs.map(({ feature }) =>
      feature.kind === 'onDemand' ? resolve(feature.view, fieldArgs) : undefined,
    )
    const name = [view.id, ...inputs.map((input) => input?.id ?? ''), textOf(args)].join(' ')
    const known = calls.get(name)
    if (known !== undefined) return known
    const call: Call = { id: calls.size, view, args, inputs, outcomes: new Map() }
    calls.set(name, call)
    return call
  }

  function evaluate(call: Call, row: Row): readonly OnDemandOutcome[] {
    const known = call.outcomes.get(row)
    if (known !== undefined) return known
    const outcomes = evaluateAnew(call, row)
    call.outcomes.set(row, outcomes)
    return outcomes
  }

  function evaluateAnew({ view, args, inputs }: Call, row: Row): readonly OnDemandOutcome[] {
    const values: InputValue[] = []
    for (const [index, { name, feature }] of view.inputs.entries()) {
      const value = inputOf(feature, inputs[index], row)
      if (value instanceof FieldstoneError)
        return view.features.map(({ name: of }) => ({ error: inputFailed(view, of, name) }))
      values.push(value)
    }
    return evaluateOnDemand(view, values, args, nowMicros)
  }

  function inputOf(feature: RegistryFeature, call: Call | undefined, row: Row): InputValue | FieldstoneError {
    const served = feature.kind === 'stored' ? storedInput(feature, row) : evaluate(call!, row)[feature.index]!
    if ('error' in served) return served.error
    const { status, text } = served
    const value = status === 'PRESENT' ? decodeWire(feature.dtype, text!) : (feature.default ?? null)
    return { value, status }
  }

  return { resolve, evaluate }
}

function storedInput(feature: RegistryFeature & { readonly kind: 'stored' }, row: Row) {
  const cell = row.cells[feature.entity.batchViews.indexOf(feature.view)]
  invariant(cell !== undefined && !(cell instanceof Error), `${feature.view.id} is read before what needs it is called`)
  return storedValue(cell, feature)
}

function inputFailed(view: RegistryOnDemandView, feature: string, input: string): FieldstoneError {
  return new FieldstoneError('ON_DEMAND_FAILED', {
    seen: `${view.entity.name}.${feature}`,
    why: `Its input '${input}' failed, so the function was not called.`,
  })
}

/** Arguments are plain data in the order of their schema; JSON tells them apart, save for the sign of zero. */
function textOf(args: Record<string, unknown>): string {
  return JSON.stringify(args, (_, value: unknown) => (Object.is(value, -0) ? '-0 ' : value))
}
