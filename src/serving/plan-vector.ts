import type { GraphQLField } from 'graphql'
import type { Dtype } from '../definitions/dtypes.ts'
import { invariant } from '../lib/assert.ts'
import type { Selection, VectorField } from './plan.ts'
import { type FoundField, objectTypeOf, type Planning, planSelection } from './planning.ts'

/** The fields below a feature: only a vector has any. */
export function planVector(
  planning: Planning,
  found: { readonly definition: GraphQLField<unknown, unknown>; readonly nodes: FoundField['nodes'] },
  dtype: Dtype,
): Selection<VectorField> | undefined {
  if (dtype.kind !== 'vector') return undefined
  const below = { type: objectTypeOf(found.definition), nodes: found.nodes }
  return planSelection(planning, below, ({ responseKey, nodes, meaning }): VectorField => {
    invariant(meaning?.kind === 'vectorField', 'a vector has its own fields alone')
    return { kind: 'vector', responseKey, nodes, field: meaning.field }
  })
}
