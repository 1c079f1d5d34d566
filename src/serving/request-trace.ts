import type { KnownOperation } from './known-operation.ts'
import type { PlanFind } from './serving-counts.ts'

/** Told of what is done for one request, where someone wants to know. Nothing of it may throw. */
export interface RequestTrace {
  /** An operation is about to be answered. */
  plan(operation: KnownOperation, find: PlanFind): PlanTrace
}

/** One answering of a plan. */
export interface PlanTrace extends ReadTrace {
  end(outcome: { readonly errors: readonly Error[] }): void
}

export interface ReadTrace {
  /** A read begins. Gives what is called when it has ended, with why it failed. */
  read(about: { readonly entity: string; readonly keys: number; readonly views: number }): (error?: Error) => void
}
