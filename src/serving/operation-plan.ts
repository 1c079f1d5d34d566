import { type DocumentNode, GraphQLError, getVariableValues, type OperationDefinitionNode } from 'graphql'
import type { ErrorCode } from '../errors.ts'
import type { Registry } from '../registry/registry.ts'
import type { FieldstoneSchema } from '../sdl/schema.ts'
import { type Answer, assembleBody, DATA_PREFIX, refusedBody } from './answer.ts'
import { resolveSite, type Variables } from './arguments.ts'
import type { ByteWriter } from './byte-writer.ts'
import { conditionKey, conditionValues, conditionVariables } from './conditions.ts'
import { startPlace } from './errors-in-place.ts'
import { explainPlan } from './explain.ts'
import type { ScanLoader } from './loader.ts'
import { createCalls } from './on-demand-calls.ts'
import { textOf } from './operation.ts'
import type { QueryPlan } from './plan.ts'
import { planQuery } from './planner.ts'
import { createObjectSet, type RequestState } from './request.ts'
import { resolveRoot } from './roots.ts'
import { runStages } from './scans.ts'
import { compilePlan, type WriteData } from './writer/write-root.ts'

/** One execution of an operation. */
export interface ExecuteRequest {
  /** As the client sent them. */
  readonly variables: Variables
  /** The request's now (SPEC T2). */
  readonly nowMicros: number
  readonly signal: AbortSignal | undefined
  readonly explain: boolean
}

/** An operation, ready to be executed any number of times. */
export interface OperationPlan {
  execute(request: ExecuteRequest): Promise<Answer>
  /** The plan as text, as if every conditional selection were in. */
  explain(): string
  /** About how much memory the plan holds. It grows with each combination of conditions that is met. */
  readonly sizeBytes: number
}

export interface OperationOptions {
  readonly registry: Registry
  readonly schema: FieldstoneSchema
  readonly document: DocumentNode
  readonly operation: OperationDefinitionNode
  readonly loader: ScanLoader
  readonly production: boolean
  /** Shared by all plans of a server: answers are written without a pause, so one is written at a time. */
  readonly out: ByteWriter
  /** Combinations of conditions that are kept; the others are planned anew each time. */
  readonly maxVariants: number
}

interface Variant {
  readonly plan: QueryPlan
  readonly write: WriteData
}

/** Measured by the heap that thousands of plans and documents take: closures, prefixes and plan data; the syntax tree. */
const BYTES_PER_FIELD = 1_000
const BYTES_PER_PLAN = 1_500
const BYTES_PER_CHARACTER = 100

/** Buffers greater than this are not kept for the next answer. */
const MAX_KEPT_BYTES = 4 * 1024 * 1024

/** graphql-js stops at so many errors in variables, too. */
const MAX_COERCION_ERRORS = 50

export function planOperation(options: OperationOptions): OperationPlan {
  const { document, operation, schema, production, out } = options
  const conditionNames = conditionVariables(document)
  const variants = new Map<string, Variant>()
  let sizeBytes = BYTES_PER_PLAN + BYTES_PER_CHARACTER * textOf(document).length

  function variantFor(variables: Variables): Variant {
    const conditions = conditionValues(conditionNames, variables)
    const name = conditionKey(conditions)
    const known = variants.get(name)
    if (known !== undefined) return known
    const plan = planQuery({ ...options, conditions })
    const variant = { plan, write: compilePlan(plan) }
    if (variants.size >= options.maxVariants) return variant
    variants.set(name, variant)
    sizeBytes += BYTES_PER_PLAN + BYTES_PER_FIELD * plan.fieldCount
    return variant
  }

  async function execute(request: ExecuteRequest): Promise<Answer> {
    const coerced = getVariableValues(schema.schema, operation.variableDefinitions ?? [], request.variables, {
      maxErrors: MAX_COERCION_ERRORS,
    })
    if (coerced.errors !== undefined) return refuse(coerced.errors)
    const { plan, write } = variantFor(coerced.coerced)
    const state = await read(plan, request, coerced.coerced)
    return answer({ plan, write }, state, request.explain)
  }

  async function read(plan: QueryPlan, request: ExecuteRequest, coerced: Variables): Promise<RequestState> {
    const { nowMicros, variables, signal } = request
    const calls = createCalls(nowMicros)
    const objects = createObjectSet(plan.selections.length)
    const rootRequest = { schema: schema.schema, document, operation, variables, coerced, objects }
    const roots = await Promise.all(plan.root.fields.map((field) => resolveRoot(field, rootRequest)))
    const sites = plan.sites.map((site) => resolveSite(site, coerced, calls))
    const state: RequestState = { plan, nowMicros, calls, sites, roots, objects }
    await runStages(state, { loader: options.loader, signal })
    return state
  }

  function answer({ plan, write }: Variant, state: RequestState, explain: boolean): Answer {
    const context = { ...startPlace(), out, state }
    out.reset(MAX_KEPT_BYTES)
    out.raw(DATA_PREFIX)
    write(context)
    const extensions =
      explain && !production ? { explain: explainPlan(plan, { operation, openConditions: [] }) } : undefined
    return {
      body: assembleBody(out, { errors: context.errors, extensions, production }),
      errors: context.errors,
      executed: true,
      fallbackFields: plan.fallbackFields,
      operationType: operation.operation,
    }
  }

  function refuse(errors: readonly GraphQLError[]): Answer {
    const coded = errors.map(withCode)
    return {
      body: refusedBody(coded, production),
      errors: coded,
      executed: false,
      fallbackFields: [],
      operationType: operation.operation,
    }
  }

  return {
    execute,
    explain: () =>
      explainPlan(planQuery({ ...options, conditions: undefined }), { operation, openConditions: conditionNames }),
    get sizeBytes() {
      return sizeBytes
    },
  }
}

function withCode(error: GraphQLError): GraphQLError {
  const { message, nodes = null, originalError } = error
  const code = 'BAD_USER_INPUT' satisfies ErrorCode
  return new GraphQLError(message, { nodes, originalError, extensions: { ...error.extensions, code } })
}
