import type { OnDemandFeature } from '../../registry/registry.ts'
import type { OnDemandOutcome } from '../../values/on-demand.ts'
import type { Call } from '../on-demand-calls.ts'
import type { OnDemandField, Selection, VectorField } from '../plan.ts'
import type { RowObject } from '../row-set.ts'
import { fieldPrefix, NULL, otherwiseText, type Write, writeErrorBelow } from './write-context.ts'
import { bytesOf, compileVector, wholeOf } from './write-vector.ts'

/** An outcome that is no error. */
export type Computed = Exclude<OnDemandOutcome, { readonly error: unknown }>

/** Compiles an on-demand feature of an entity. */
export function compileOnDemand(field: OnDemandField, index: number): Write<RowObject> {
  const { feature, vector, site } = field
  const prefix = fieldPrefix(field.responseKey, index)
  const writeComputed = compileComputed(feature, vector)
  return ({ row }, context) => {
    context.out.raw(prefix)
    const call = context.state.sites[site.slot] as Error | Call
    if (call instanceof Error) return writeErrorBelow(context, call, field)
    const outcome = context.state.calls.evaluate(call, row)[feature.index]!
    if ('error' in outcome) return writeErrorBelow(context, outcome.error, field)
    if (vector?.refusal !== undefined && isServed(feature, outcome))
      return writeErrorBelow(context, vector.refusal, field)
    writeComputed(outcome, context)
  }
}

/** Whether there is anything but null to write. */
export function isServed(feature: OnDemandFeature, outcome: Computed): boolean {
  return outcome.status === 'PRESENT' || feature.default !== undefined
}

/** Compiles what was computed: its text, or the default wherever the status is not PRESENT. */
export function compileComputed(feature: OnDemandFeature, vector: Selection<VectorField> | undefined): Write<Computed> {
  const otherwise = otherwiseText(feature)
  if (vector === undefined || feature.dtype.kind !== 'vector') {
    return ({ status, text }, { out }) => {
      if (status === 'PRESENT') out.text(text)
      else out.raw(otherwise)
    }
  }
  const writeVector = compileVector(vector, feature.dtype.dimensions)
  return (outcome, context) => {
    if (!isServed(feature, outcome)) context.out.raw(NULL)
    else writeVector(outcome.status === 'PRESENT' ? bytesOf(outcome.text) : wholeOf(otherwise), context)
  }
}
