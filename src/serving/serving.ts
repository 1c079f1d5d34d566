import { type DocumentNode, GraphQLError } from 'graphql'
import { FieldstoneError } from '../errors.ts'
import { DEFAULT_LIMITS, DEFAULT_PLAN_CACHE_BYTES, type Limits } from '../registry/limits.ts'
import type { Registry } from '../registry/registry.ts'
import type { FieldstoneSchema } from '../sdl/schema.ts'
import type { ColumnLists } from '../stores/online/column-lists.ts'
import type { OnlineStore } from '../stores/online/online-store.ts'
import { type Answer, refusedBody } from './answer.ts'
import { ByteWriter } from './byte-writer.ts'
import { createScanLoader } from './loader.ts'
import { findOperation, textOf } from './operation.ts'
import { type ExecuteRequest, type OperationPlan, planOperation } from './operation-plan.ts'
import { createPlanCache } from './plan-cache.ts'
import { createServingCounts, type PlanFind, type ServingCounts } from './serving-counts.ts'
import { mayGenerateCode } from './writer/may-generate-code.ts'

export type { Answer, ExecuteRequest }

/** One execution of a document. */
export interface ServingRequest extends ExecuteRequest {
  /** Validated against the schema. */
  readonly document: DocumentNode
  /** Which, where the document holds several operations. */
  readonly operationName?: string
}

/** An operation that was answered before, ready to be answered again from its text alone. */
export interface ReadyOperation {
  /** There is a promise only where the store waits. Never rejects, as `Serving.execute`. */
  execute(request: ExecuteRequest): Answer | Promise<Answer>
}

/** Answers operations from plans. */
export interface Serving {
  /** Of the registry whose schema this answers. */
  readonly fingerprint: string
  /** Never rejects for what a store or a function of a view does: that is in the answer. */
  execute(request: ServingRequest): Promise<Answer>
  /** The operation of a text that `execute` was given before, and so of a validated document. Undefined: not seen, or no longer kept. */
  find(text: string, operationName: string | undefined): ReadyOperation | undefined
  /** The plan of an operation as text. Throws a FieldstoneError where the document does not hold it. */
  explain(document: DocumentNode, operationName?: string): string
  /** Plans that are kept, and about how much memory they take. */
  readonly plans: { readonly count: number; readonly sizeBytes: number }
  /** What it has done so far. */
  readonly counts: ServingCounts
}

/** What operations are answered from, and how much may be spent on them. */
export interface ServingOptions {
  readonly registry: Registry
  readonly schema: FieldstoneSchema
  readonly store: OnlineStore
  readonly lists: ColumnLists
  /** Whether messages of unexpected errors are masked. */
  readonly production: boolean
  /** Those of keys, values and errors. Default: `DEFAULT_LIMITS`. */
  readonly limits?: Pick<Limits, 'maxKeys' | 'maxValues' | 'maxErrors'>
  /** Whether code may be made for operations that come again; without it, and where the process forbids it, closures answer them. Default true. */
  readonly codeGeneration?: boolean
  /** How much memory the plans that are kept, and their code, may take. Default 64 MiB. */
  readonly planCacheBytes?: number
}

/** Serves one registry from one store, which stays the caller's to close. */
export function createServing(options: ServingOptions): Serving {
  const { registry, schema, production, planCacheBytes = DEFAULT_PLAN_CACHE_BYTES } = options
  const { limits = DEFAULT_LIMITS } = options
  const codeGeneration = options.codeGeneration !== false && mayGenerateCode()
  const counts = createServingCounts(options.lists)
  const loader = createScanLoader(options.store, options.lists, counts)
  const out = new ByteWriter()
  const plans = createPlanCache<OperationPlan>(planCacheBytes)
  // One great operation must not drive out all others.
  const maxPlanBytes = planCacheBytes / 4

  function planOf(document: DocumentNode, operationName: string | undefined): OperationPlan | GraphQLError {
    const operation = findOperation(document, operationName)
    if (operation instanceof GraphQLError) return operation
    return planOperation({
      ...{ registry, schema, document, operation, loader, counts, production, out, limits, codeGeneration },
      maxBytes: maxPlanBytes,
    })
  }

  function executePlan({ name, plan, find }: FoundPlan, request: ExecuteRequest): Answer | Promise<Answer> {
    counts.finds[find] += 1
    const sizeBefore = plan.sizeBytes
    const answering = request.trace === undefined ? plan.execute(request) : executeTraced(plan, find, request)
    // It grows before it waits for anything.
    if (sizeBefore !== plan.sizeBytes && plan.sizeBytes <= maxPlanBytes) plans.set(name, plan, plan.sizeBytes)
    return answering
  }

  return {
    fingerprint: registry.fingerprint,
    execute: async ({ document, operationName, ...request }) => {
      const name = nameOf(textOf(document), operationName)
      const kept = plans.get(name)
      const plan = kept ?? planOf(document, operationName)
      if (plan instanceof GraphQLError) return refuse(plan, production)
      return executePlan({ name, plan, find: kept === undefined ? 'made' : 'kept' }, request)
    },
    find: (text, operationName) => {
      // It may come from anyone, unread; only the names of named operations begin so.
      if (text.startsWith(NUL)) return undefined
      const name = nameOf(text, operationName)
      const plan = plans.get(name)
      return plan === undefined
        ? undefined
        : { execute: (request) => executePlan({ name, plan, find: 'warm' }, request) }
    },
    explain: (document, operationName) => {
      const plan = planOf(document, operationName)
      if (plan instanceof GraphQLError) throw unresolved(plan)
      return plan.explain()
    },
    plans,
    counts,
  }
}

interface FoundPlan {
  readonly name: string
  readonly plan: OperationPlan
  readonly find: PlanFind
}

function executeTraced(plan: OperationPlan, find: PlanFind, request: ExecuteRequest): Answer | Promise<Answer> {
  const trace = request.trace!.plan(plan.operation, find)
  const answering = plan.execute(request, trace)
  if (answering instanceof Promise) {
    return answering.then((answer) => {
      trace.end(answer)
      return answer
    })
  }
  trace.end(answering)
  return answering
}

/** Begins no document. */
const NUL = '\0'

/** A text may hold several operations. The length keeps name and text apart whatever they hold. */
function nameOf(text: string, operationName: string | undefined): string {
  return operationName === undefined ? text : `${NUL}${operationName.length}:${operationName}${text}`
}

function refuse(error: GraphQLError, production: boolean): Answer {
  const body = refusedBody({ errors: [error], extensions: undefined, production })
  return {
    ...{ body, errors: [error], executed: false, fallbackFields: [] },
    ...{ operationType: undefined, operationName: undefined, cost: undefined },
    ...{ waitedMillis: 0, operation: undefined },
  }
}

function unresolved(error: GraphQLError): FieldstoneError {
  return new FieldstoneError('OPERATION_RESOLUTION_FAILURE', { seen: error.message, cause: error })
}
