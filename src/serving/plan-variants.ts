import type { Variables } from './arguments.ts'
import { conditionKey, conditionValues } from './conditions.ts'
import { costOfPlan, type PlanCost } from './cost.ts'
import type { QueryPlan } from './plan.ts'
import { type PlanRequest, planQuery } from './planner.ts'
import { compilePlan, type WriteData } from './writer/write-root.ts'

/** The plan of an operation under one combination of its conditions, and what writes its answer. */
export interface Variant {
  readonly plan: QueryPlan
  readonly costs: PlanCost
  readonly write: WriteData
}

/** The plans of one operation, by the values of its conditions. */
export interface Variants {
  /** The variant for a request's coerced variables, made where it is not kept. */
  find(coerced: Variables): Variant
  /** About how much memory they hold. */
  readonly sizeBytes: number
}

/** An operation and how its variants are told apart and compiled. */
export interface VariantOptions extends Omit<PlanRequest, 'conditions'> {
  readonly conditionNames: readonly string[]
  readonly codeGeneration: boolean
  /** What they may hold. Nothing is kept above it: a plan that outgrew its cache would be dropped with all that was made for it. */
  readonly maxBytes: number
}

/** Combinations that are kept for one operation; the others are planned anew each time. */
const MAX_VARIANTS = 64
/** Combinations that get code of their own; the others go on with closures. */
const MAX_GENERATED = 16

/** Measured by the heap that thousands of plans take: closures, prefixes and plan data; and what code adds. */
const BYTES_PER_FIELD = 1_000
const BYTES_PER_PLAN = 1_500
const BYTES_PER_GENERATED_FIELD = 3_000

interface KeptVariant extends Variant {
  write: WriteData
  /** Whether it was decided if it gets code: at its second sight, once and for all. */
  isSettled: boolean
}

/**
 * The variants of one operation. At its first sight a variant is answered by closures, which are quickly made: many operations
 * come only once. At its second it gets code.
 */
export function createVariants(options: VariantOptions): Variants {
  const { conditionNames, codeGeneration, maxBytes } = options
  const kept = new Map<string, KeptVariant>()
  let generatedCount = 0
  let sizeBytes = BYTES_PER_PLAN

  function make(coerced: Variables): KeptVariant {
    const conditions = conditionValues(conditionNames, coerced)
    const plan = planQuery({ ...options, conditions })
    return { plan, costs: costOfPlan(plan), write: compilePlan(plan, { generate: false }), isSettled: false }
  }

  function generate(variant: KeptVariant): void {
    variant.isSettled = true
    const codeBytes = BYTES_PER_GENERATED_FIELD * variant.plan.fieldCount
    if (!codeGeneration || generatedCount >= MAX_GENERATED || sizeBytes + codeBytes > maxBytes) return
    variant.write = compilePlan(variant.plan, { generate: true })
    generatedCount += 1
    sizeBytes += codeBytes
  }

  return {
    find: (coerced) => {
      const name = conditionKey(conditionNames, coerced)
      const known = kept.get(name)
      if (known !== undefined) {
        if (!known.isSettled) generate(known)
        return known
      }
      const made = make(coerced)
      const madeBytes = BYTES_PER_PLAN + BYTES_PER_FIELD * made.plan.fieldCount
      // The first is kept and reckoned in any case: by its size the cache tells that there is no room for it.
      if (kept.size >= MAX_VARIANTS || (kept.size > 0 && sizeBytes + madeBytes > maxBytes)) return made
      kept.set(name, made)
      sizeBytes += madeBytes
      return made
    },
    get sizeBytes() {
      return sizeBytes
    },
  }
}
