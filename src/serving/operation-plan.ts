import type { DocumentNode, OperationDefinitionNode } from 'graphql'
import type { Limits } from '../registry/limits.ts'
import type { Registry } from '../registry/registry.ts'
import type { FieldstoneSchema } from '../sdl/schema.ts'
import { type Answer, assembleBody, DATA_PREFIX, refusedBody } from './answer.ts'
import { resolveSite, type Variables } from './arguments.ts'
import type { ByteWriter } from './byte-writer.ts'
import type { Cancellation } from './cancellation.ts'
import { conditionVariables } from './conditions.ts'
import { type Cost, costOfRequest, overLimit } from './cost.ts'
import { reportedErrors, startPlace, withinLimit } from './errors-in-place.ts'
import { explainPlan } from './explain.ts'
import { extensionsOf } from './extensions.ts'
import { KnownOperation } from './known-operation.ts'
import type { ScanLoader } from './loader.ts'
import { type Calls, createCalls } from './on-demand-calls.ts'
import { documentBytes } from './operation.ts'
import { createVariants, type Variant } from './plan-variants.ts'
import { planQuery } from './planner.ts'
import { createObjectSet, type RequestState, type RootOutcome, type SiteOutcome } from './request.ts'
import type { ReadTrace, RequestTrace } from './request-trace.ts'
import { type RootInput, readRoot, resolveRoot } from './roots.ts'
import { runStages } from './scans.ts'
import type { ServingCounts } from './serving-counts.ts'
import { staleViews } from './stale-views.ts'
import { createVariableReader, type RefusedVariables } from './variables.ts'

/** One execution of an operation. */
export interface ExecuteRequest {
  /** As the client sent them. Default: none. */
  readonly variables?: Variables
  /** The request's now (SPEC T2). */
  readonly nowMicros: number
  /** Once it has a reason, what is not read yet is answered with that error. Default: the request is never given up. */
  readonly cancellation?: Cancellation
  /** Adds the plan to the answer's `extensions`. Default false; never in production. */
  readonly explain?: boolean
  /** Adds the request's now and its cost to the answer's `extensions.fieldstone`. Default false. */
  readonly info?: boolean
  /** Told of how it is answered. Default: nobody wants to know. */
  readonly trace?: RequestTrace | undefined
}

/** An operation, ready to be executed any number of times. */
export interface OperationPlan {
  readonly operation: KnownOperation
  /** There is a promise only where the store waits, or graphql-js. */
  execute(request: ExecuteRequest, reads?: ReadTrace): Answer | Promise<Answer>
  /** The plan as text, as if every conditional selection were in. */
  explain(): string
  /** About how much memory the plan and its code hold. It grows with each combination of conditions that is met. */
  readonly sizeBytes: number
}

/** What an operation is planned for. */
export interface OperationOptions {
  readonly registry: Registry
  readonly schema: FieldstoneSchema
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly loader: ScanLoader
  readonly counts: ServingCounts
  readonly production: boolean
  /** Shared by all plans of a server: answers are written without a pause, so one is written at a time. */
  readonly out: ByteWriter
  readonly limits: Pick<Limits, 'maxKeys' | 'maxValues' | 'maxErrors'>
  readonly codeGeneration: boolean
  /** What the plan and its code may hold. */
  readonly maxBytes: number
}

/** Buffers greater than this are not kept for the next answer. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024

/** What a request comes to once its variables are coerced: all that is known before anything is read. */
interface Prepared {
  readonly variant: Variant
  readonly calls: Calls
  readonly inputs: readonly RootInput[]
  readonly sites: readonly SiteOutcome[]
  readonly cost: Cost
}

/** Makes the plan of an operation, which must be one of the document's. Its variants are planned when they are asked for. */
export function planOperation(options: OperationOptions): OperationPlan {
  const { document, operation, schema, production, out, limits } = options
  const conditionNames = conditionVariables(document)
  const treeBytes = documentBytes(document)
  const variants = createVariants({ ...options, conditionNames, maxBytes: options.maxBytes - treeBytes })
  const readVariables = createVariableReader(schema.schema, operation)
  const known = new KnownOperation({ schema, document, operation, explain })
  const facts = { operationType: operation.operation, operationName: operation.name?.value, operation: known }

  function execute(request: ExecuteRequest, reads?: ReadTrace): Answer | Promise<Answer> {
    const { variables = {} } = request
    const coerced = readVariables(variables)
    if ('errors' in coerced) return refuse(request, coerced)
    const prepared = prepare(request, coerced.coerced)
    const over = overLimit(prepared.cost, limits)
    if (over !== undefined) return refuse(request, { errors: [over], cost: prepared.cost })
    const reading = read(request, prepared, reads)
    if (!(reading instanceof Promise)) return answer(request, prepared, reading)
    const startedAt = performance.now()
    return reading.then((state) => answer(request, prepared, state, performance.now() - startedAt))
  }

  function prepare({ nowMicros }: ExecuteRequest, coerced: Variables): Prepared {
    const variant = variants.find(coerced)
    const { plan } = variant
    const calls = createCalls(nowMicros)
    const inputs = plan.root.fields.map((field) => readRoot(field, coerced))
    const sites = plan.sites.map((site) => resolveSite(site, coerced, calls))
    return { variant, calls, inputs, sites, cost: costOfRequest(plan, variant.costs, { inputs, sites }) }
  }

  function read(
    request: ExecuteRequest,
    prepared: Prepared,
    trace: ReadTrace | undefined,
  ): RequestState | Promise<RequestState> {
    const { variables = {} } = request
    const { plan } = prepared.variant
    const objects = createObjectSet(plan.selections.length)
    const rootRequest = { schema: schema.schema, document, operation, variables, objects }
    const roots = plan.root.fields.map((field, index) => resolveRoot(field, prepared.inputs[index], rootRequest))
    if (plan.fallbackFields.length === 0)
      return readInto(request, prepared, { objects, roots: roots as RootOutcome[], trace })
    return Promise.all(roots).then((resolved) => readInto(request, prepared, { objects, roots: resolved, trace }))
  }

  function readInto(
    { nowMicros, cancellation }: ExecuteRequest,
    { variant: { plan }, calls, sites }: Prepared,
    { trace, ...found }: Pick<RequestState, 'objects' | 'roots'> & { readonly trace: ReadTrace | undefined },
  ): RequestState | Promise<RequestState> {
    const state: RequestState = { plan, nowMicros, calls, sites, ...found, hasStale: false }
    const reading = runStages(state, { loader: options.loader, counts: options.counts, cancellation, trace })
    return reading === undefined ? state : reading.then(() => state)
  }

  function answer(request: ExecuteRequest, { variant, cost }: Prepared, state: RequestState, waitedMillis = 0): Answer {
    const context = { ...startPlace(limits.maxErrors), out, state }
    out.reset(MAX_KEPT_BYTES)
    out.raw(DATA_PREFIX)
    variant.write(context)
    const errors = reportedErrors(context.report)
    const explain = request.explain === true && !production
    const plan = explain ? explainPlan(variant.plan, { operation, openConditions: [] }) : undefined
    const extensions = extensionsOf(request, { cost, plan, stale: staleViews(state) })
    const body = assembleBody(out, { errors, extensions, production })
    const { fallbackFields } = variant.plan
    return { body, errors, executed: true, fallbackFields, cost, waitedMillis, ...facts }
  }

  function refuse(request: ExecuteRequest, refused: RefusedVariables & { readonly cost?: Cost }): Answer {
    const { cost } = refused
    const errors = withinLimit(refused.errors, limits.maxErrors)
    const extensions = extensionsOf(request, { cost, plan: undefined, stale: undefined })
    const body = refusedBody({ errors, extensions, production })
    return { body, errors, executed: false, fallbackFields: [], cost, waitedMillis: 0, ...facts }
  }

  function explain(): string {
    return explainPlan(planQuery({ ...options, conditions: undefined }), { operation, openConditions: conditionNames })
  }

  return {
    operation: known,
    execute,
    explain,
    get sizeBytes() {
      return treeBytes + variants.sizeBytes
    },
  }
}
