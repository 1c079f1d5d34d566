import type { DocumentNode } from 'graphql'
import { pino } from 'pino'
import { GREATEST_LIMITS, type Limits } from '../../src/registry/limits.ts'
import type { Registry } from '../../src/registry/registry.ts'
import type { FieldstoneSchema } from '../../src/sdl/schema.ts'
import { createGateway } from '../../src/server/gateway.ts'
import { createServing, type ServingOptions } from '../../src/serving/serving.ts'
import type { ColumnLists } from '../../src/stores/online/column-lists.ts'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'

/** An operation as a client asks it. */
export interface WayRequest {
  readonly document: DocumentNode
  readonly operation: {
    readonly text: string
    readonly operationName?: string | undefined
    readonly variables: Readonly<Record<string, unknown>>
  }
  readonly nowMicros: number
}

/** What was told: the body, and what is told beside it. */
export interface Told {
  readonly body: Uint8Array
  /** How many errors were told beside the body, and whether there are data; undefined where nothing is told beside it. */
  readonly beside: { readonly errorCount: number; readonly executed: boolean } | undefined
  readonly fallbackFields: readonly string[]
}

/** One way to an answer: a writer, a loader, a door. */
export interface Way {
  readonly name: string
  /** Whether requests may be asked at one time. */
  readonly concurrent: boolean
  /** Serving never rejects; where a fault makes it, that is a difference like any other. */
  ask(request: WayRequest): Promise<Told>
}

export interface WayOptions {
  readonly registry: Registry
  readonly schema: FieldstoneSchema
  readonly store: OnlineStore
  readonly lists: ColumnLists
  readonly production: boolean
  /** How many errors an answer reports. */
  readonly errors: number
}

/** Ways through serving itself: with and without generated code, and with reads that merge. */
export function servingWays({ errors, ...options }: WayOptions): readonly Way[] {
  const limits = { ...GREATEST_LIMITS, maxErrors: errors }
  const merging: OnlineStore = { ...options.store, mergesReads: true }
  return [
    servingWay('closures', { ...options, limits, codeGeneration: false }),
    servingWay('generated code', { ...options, limits }),
    servingWay('merged reads', { ...options, limits, store: merging }),
  ]
}

function servingWay(name: string, options: ServingOptions): Way {
  const serving = createServing(options)
  return {
    name,
    concurrent: true,
    ask: async ({ document, operation: { operationName, variables }, nowMicros }) => {
      const request = { document, variables, nowMicros, ...(operationName === undefined ? {} : { operationName }) }
      try {
        const { body, errors, executed, fallbackFields } = await serving.execute(request)
        return { body, beside: { errorCount: errors.length, executed }, fallbackFields }
      } catch (error) {
        return rejected(error)
      }
    },
  }
}

function rejected(error: unknown): Told {
  return { body: Buffer.from(`rejected: ${String(error)}`), beside: undefined, fallbackFields: [] }
}

/**
 * The way over HTTP: the long door at an operation's first sight, the warm one from then on. Its clock stands at the request that was asked
 * last, so requests are asked one after another.
 */
export async function openHttpWay(options: WayOptions): Promise<Way & { close(): Promise<void> }> {
  let nowMicros = 0
  const limits: Limits = { ...GREATEST_LIMITS, maxErrors: options.errors }
  const { registry, schema, store, production } = options
  const gateway = await createGateway({
    ...{ registry, schema, store, production, limits },
    serving: createServing({ ...options, limits }),
    config: { name: 'property' },
    clock: { kind: 'clock', description: 'of the request', nowMicros: () => nowMicros },
    logger: pino({ level: 'silent' }),
    graphiql: false,
    sampleOperation: undefined,
  })
  const url = `${await gateway.listen(0, '127.0.0.1')}/graphql`
  return {
    name: 'HTTP',
    concurrent: false,
    ask: async (request) => {
      nowMicros = request.nowMicros
      const { text: query, operationName, variables } = request.operation
      const body = JSON.stringify({ query, operationName, variables })
      const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body })
      return { body: new Uint8Array(await response.arrayBuffer()), beside: undefined, fallbackFields: [] }
    },
    close: () => gateway.close(),
  }
}
