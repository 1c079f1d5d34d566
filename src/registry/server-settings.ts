import { z } from 'zod'
import { type CompressionSettings, DEFAULT_COMPRESSION, ENCODINGS } from './compression-settings.ts'
import { DEFAULT_LIMITS, DEFAULT_PLAN_CACHE_BYTES, GREATEST_LIMITS, type Limits, MAX_WORKERS } from './limits.ts'
import { flag, mendOfObject, section, text, wholeNumber } from './setting-shapes.ts'
import { type StoreGuardSettings, storeGuardSettings, storeGuardShape } from './store-guard-settings.ts'
import {
  DEFAULT_SLOW_OPERATION_MILLIS,
  DEFAULT_USAGE_INTERVAL_MILLIS,
  slowOperationShape,
  type TelemetrySettings,
  type TracingSettings,
  tracingShape,
  type UsageSettings,
  usageShape,
} from './telemetry-settings.ts'

/** The config's `server`. */
export interface ServerSettingsInput extends TelemetrySettings {
  /** Default `127.0.0.1`. */
  readonly host?: string
  /** 0 to 65,535; 0 takes a free one. Default 4000; `PORT` and `--port` go before it. */
  readonly port?: number
  /** Whether messages of unexpected errors are masked. Default: by NODE_ENV. */
  readonly production?: boolean
  /** GraphQL text that GraphiQL opens with, or a `.graphql` file's path relative to the config. Default: one made from the schema. */
  readonly sampleOperation?: string
  /** Whether `/` is GraphiQL. Default true. */
  readonly graphiql?: boolean
  /** Whether `__schema` and `__type` are answered. Default true: routers, code generators and GraphiQL live on it. */
  readonly introspection?: boolean
  /** What a request may ask for. Defaults: those of `Limits`. */
  readonly limits?: Partial<Limits>
  /** How answers are compressed where the client takes it; false: not at all. Defaults: those of `CompressionSettings`. */
  readonly compression?: Partial<CompressionSettings> | false
  /** Whether functions may be made from text (`new Function`), which is faster. Default true; false where the host forbids it. */
  readonly codeGeneration?: boolean
  /** Bytes of plans and generated code to keep, 1 to 17,179,869,184. Default 67,108,864. */
  readonly planCacheBytes?: number
  /** What reads of each online store are held to. Defaults: those of `StoreGuardSettings`. */
  readonly storeGuard?: Partial<StoreGuardSettings>
  /** Processes that serve on the one port, 1 to 256. Default 1; `--workers` goes before it. `dev` is always one. */
  readonly workers?: number
}

/** The same with everything in its place. */
export interface ServerSettings {
  readonly host: string
  readonly port: number
  /** Undefined: by NODE_ENV. */
  readonly production: boolean | undefined
  readonly sampleOperation: string | undefined
  readonly graphiql: boolean
  readonly introspection: boolean
  readonly limits: Limits
  /** Undefined: answers go as they are. */
  readonly compression: CompressionSettings | undefined
  readonly codeGeneration: boolean
  readonly planCacheBytes: number
  readonly storeGuard: StoreGuardSettings
  readonly workers: number
  readonly metrics: boolean
  readonly tracing: TracingSettings | undefined
  /** Undefined: no operation is logged for being slow. */
  readonly slowOperationMillis: number | undefined
  readonly usage: (UsageSettings & { readonly intervalMillis: number }) | undefined
}

/** Checks a config's `server`; the messages are mends. */
export function serverShape() {
  return section({
    host: text("Write an address to listen on, e.g. '127.0.0.1' or '0.0.0.0'.").optional(),
    port: wholeNumber(0, 65_535).optional(),
    production: flag().optional(),
    sampleOperation: text("Write the text of a GraphQL query, or a .graphql file's path.").optional(),
    graphiql: flag().optional(),
    introspection: flag().optional(),
    limits: limits(),
    compression: compression(),
    codeGeneration: flag().optional(),
    planCacheBytes: wholeNumber(1, 17_179_869_184).optional(),
    storeGuard: storeGuardShape(),
    workers: wholeNumber(1, MAX_WORKERS).optional(),
    metrics: flag().optional(),
    tracing: tracingShape(),
    slowOperationMillis: slowOperationShape(),
    usage: usageShape(),
  })
}

type ParsedServer = NonNullable<z.infer<ReturnType<typeof serverShape>>>

/** Fills in defaults. */
export function serverSettings(server: ParsedServer): ServerSettings {
  return {
    host: server.host ?? '127.0.0.1',
    port: server.port ?? 4000,
    production: server.production,
    sampleOperation: server.sampleOperation,
    graphiql: server.graphiql ?? true,
    introspection: server.introspection ?? true,
    limits: server.limits ?? DEFAULT_LIMITS,
    compression: 'compression' in server ? server.compression : DEFAULT_COMPRESSION,
    codeGeneration: server.codeGeneration ?? true,
    planCacheBytes: server.planCacheBytes ?? DEFAULT_PLAN_CACHE_BYTES,
    storeGuard: storeGuardSettings(server.storeGuard, (server.limits ?? DEFAULT_LIMITS).deadlineMillis),
    workers: server.workers ?? 1,
    metrics: server.metrics ?? true,
    tracing: server.tracing,
    slowOperationMillis: 'slowOperationMillis' in server ? server.slowOperationMillis : DEFAULT_SLOW_OPERATION_MILLIS,
    usage: server.usage && {
      report: server.usage.report,
      intervalMillis: server.usage.intervalMillis ?? DEFAULT_USAGE_INTERVAL_MILLIS,
    },
  }
}

function limits() {
  const limit = (name: keyof Limits) => wholeNumber(1, GREATEST_LIMITS[name]).default(DEFAULT_LIMITS[name])
  return section({
    ...{
      maxBodyBytes: limit('maxBodyBytes'),
      maxTokens: limit('maxTokens'),
      maxDepth: limit('maxDepth'),
      maxAliases: limit('maxAliases'),
    },
    ...{
      maxDirectives: limit('maxDirectives'),
      maxErrors: limit('maxErrors'),
      maxKeys: limit('maxKeys'),
      maxValues: limit('maxValues'),
    },
    ...{ deadlineMillis: limit('deadlineMillis'), maxConcurrentRequests: limit('maxConcurrentRequests') },
    // 0: those that find no place are refused at once.
    maxQueuedRequests: wholeNumber(0, GREATEST_LIMITS.maxQueuedRequests).default(DEFAULT_LIMITS.maxQueuedRequests),
    ...{ maxQueueMillis: limit('maxQueueMillis'), maxEventLoopDelayMillis: limit('maxEventLoopDelayMillis') },
  })
}

/** Parses false as undefined, beforehand: a union with false would not tell mistakes by their own path. */
function compression() {
  const settings = z.strictObject(
    {
      thresholdBytes: wholeNumber(0, 1_073_741_824).default(DEFAULT_COMPRESSION.thresholdBytes),
      encodings: encodings().default([...DEFAULT_COMPRESSION.encodings]),
    },
    {
      error: (issue) =>
        issue.code === 'unrecognized_keys' ? mendOfObject(issue) : 'Write an object { … }, or false for none.',
    },
  )
  return z.preprocess((value) => (value === undefined ? {} : value === false ? undefined : value), settings.optional())
}

function encodings() {
  const mend = "Write a list of 'zstd', 'br' and 'gzip', each once at the most; server.compression: false is for none."
  const encoding = z.enum(ENCODINGS, { error: mend })
  return z
    .array(encoding, { error: mend })
    .min(1, { error: mend })
    .refine((list) => new Set(list).size === list.length, { error: mend })
}
