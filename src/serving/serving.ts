import { type DocumentNode, GraphQLError } from 'graphql'
import { FieldstoneError } from '../errors.ts'
import type { Registry } from '../registry/registry.ts'
import type { FieldstoneSchema } from '../sdl/schema.ts'
import type { ColumnLists } from '../stores/online/column-lists.ts'
import type { OnlineStore } from '../stores/online/online-store.ts'
import { type Answer, refusedBody } from './answer.ts'
import { ByteWriter } from './byte-writer.ts'
import { createScanLoader } from './loader.ts'
import { findOperation, textOf } from './operation.ts'
import { type OperationPlan, planOperation } from './operation-plan.ts'
import { createPlanCache } from './plan-cache.ts'

export type { Answer }

export interface ServingRequest {
  /** Validated against the schema. */
  readonly document: DocumentNode
  /** Which, where the document holds several operations. */
  readonly operationName?: string
  /** As the client sent them. */
  readonly variables?: Readonly<Record<string, unknown>>
  /** The request's now (SPEC T2). */
  readonly nowMicros: number
  /** Aborted: what is not read yet is answered with REQUEST_ABORTED. */
  readonly signal?: AbortSignal
  /** Adds the plan to the answer's `extensions`. Default false; never in production. */
  readonly explain?: boolean
}

/** Answers operations from plans. */
export interface Serving {
  /** Never rejects for what a store or a function of a view does: that is in the answer. */
  execute(request: ServingRequest): Promise<Answer>
  /** The plan of an operation as text. Throws a FieldstoneError where the document does not hold it. */
  explain(document: DocumentNode, operationName?: string): string
  /** Plans that are kept, and about how much memory they take. */
  readonly plans: { readonly count: number; readonly sizeBytes: number }
}

export interface ServingOptions {
  readonly registry: Registry
  readonly schema: FieldstoneSchema
  readonly store: OnlineStore
  readonly lists: ColumnLists
  /** Whether messages of unexpected errors are masked. */
  readonly production: boolean
  /** How much memory the plans that are kept may take. Default 64 MiB. */
  readonly planCacheBytes?: number
}

const DEFAULT_PLAN_CACHE_BYTES = 64 * 1024 * 1024

/** Combinations of `@skip` and `@include` that are kept for one operation. */
const MAX_VARIANTS = 64

export function createServing(options: ServingOptions): Serving {
  const { registry, schema, store, lists, production, planCacheBytes = DEFAULT_PLAN_CACHE_BYTES } = options
  const loader = createScanLoader(store, lists)
  const out = new ByteWriter()
  const plans = createPlanCache<OperationPlan>(planCacheBytes)

  function nameOf(document: DocumentNode, operationName: string | undefined): string {
    return `${registry.fingerprint} ${operationName ?? ''}\n${textOf(document)}`
  }

  function planOf(document: DocumentNode, operationName: string | undefined): OperationPlan | GraphQLError {
    const operation = findOperation(document, operationName)
    if (operation instanceof GraphQLError) return operation
    return planOperation({ registry, schema, document, operation, loader, production, out, maxVariants: MAX_VARIANTS })
  }

  async function execute(request: ServingRequest): Promise<Answer> {
    const { document, operationName, variables = {}, nowMicros, signal, explain = false } = request
    const name = nameOf(document, operationName)
    const plan = plans.get(name) ?? planOf(document, operationName)
    if (plan instanceof GraphQLError) return refuse(plan, production)
    const sizeBefore = plan.sizeBytes
    const answer = await plan.execute({ variables, nowMicros, signal, explain })
    if (sizeBefore !== plan.sizeBytes) plans.set(name, plan, plan.sizeBytes)
    return answer
  }

  return {
    execute,
    explain: (document, operationName) => {
      const plan = planOf(document, operationName)
      if (plan instanceof GraphQLError) throw unresolved(plan)
      return plan.explain()
    },
    plans,
  }
}

function refuse(error: GraphQLError, production: boolean): Answer {
  const body = refusedBody([error], production)
  return { body, errors: [error], executed: false, fallbackFields: [], operationType: undefined }
}

function unresolved(error: GraphQLError): FieldstoneError {
  return new FieldstoneError('OPERATION_RESOLUTION_FAILURE', { seen: error.message, cause: error })
}
