import type { OperationDefinitionNode } from 'graphql'
import type { QueryPlan } from './plan.ts'

/** A plan as text: what is read in which stage, what is computed, and what graphql-js answers. */
export function explainPlan(plan: QueryPlan, operation: OperationDefinitionNode): string {
  return `${operation.operation} ${plan.stages.length}`
}
