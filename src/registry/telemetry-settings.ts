import { z } from 'zod'
import type { ReportUsage } from './operation-usage.ts'
import { mendOfObject, section, text, wholeNumber } from './setting-shapes.ts'

/** Where traces go. */
export interface TracingSettings {
  /** Takes OTLP over HTTP as JSON, e.g. `http://127.0.0.1:4318/v1/traces`. */
  readonly endpoint: string
  /** `service.name` of every span. Default: the deployment's name. */
  readonly serviceName?: string | undefined
  /** Of requests that come without a trace, the share that is traced: 0 to 1. Default 1. One that comes with a trace is traced if the trace is sampled. */
  readonly sampleRatio?: number | undefined
}

/** Where reports of usage go. */
export interface UsageSettings {
  /** Given what was used since the last report: at the end of each interval in which there was something, and when the gateway ends. What it throws is logged. */
  readonly report: ReportUsage
  /** 100 to 86,400,000. Default 60,000. */
  readonly intervalMillis?: number | undefined
}

/** What a gateway tells of itself. */
export interface TelemetrySettings {
  /** Whether `/metrics` is there. Default true. */
  readonly metrics?: boolean | undefined
  /** Default: no traces. */
  readonly tracing?: TracingSettings | undefined
  /** Milliseconds; an operation that takes longer is logged with its plan. 1 to 3,600,000, or false for never. Default 1,000. */
  readonly slowOperationMillis?: number | false | undefined
  /** Default: no reports. */
  readonly usage?: UsageSettings | undefined
}

export const DEFAULT_SLOW_OPERATION_MILLIS = 1_000
export const DEFAULT_USAGE_INTERVAL_MILLIS = 60_000

export function tracingShape() {
  const mend = "Write a URL of http: or https:, such as 'http://127.0.0.1:4318/v1/traces'."
  return section({
    endpoint: z.url({ protocol: /^https?$/, error: mend }),
    serviceName: text("Write a name, such as 'features'.", /\S/).optional(),
    sampleRatio: z
      .number({ error: 'Write a number from 0 to 1.' })
      .min(0, { error: 'Write a number from 0 to 1.' })
      .max(1, { error: 'Write a number from 0 to 1.' })
      .optional(),
  })
}

/** Parses false as undefined: where nothing is written, there is no such key. */
export function slowOperationShape() {
  const parsed = (value: unknown): unknown => {
    if (value === undefined) return DEFAULT_SLOW_OPERATION_MILLIS
    return value === false ? undefined : value
  }
  return z.preprocess(parsed, slowMillis().optional())
}

function slowMillis() {
  const mend = 'Write a whole number from 1 to 3600000, or false.'
  return z.int({ error: mend }).min(1, { error: mend }).max(3_600_000, { error: mend })
}

export function usageShape() {
  const mend = 'Write a function that takes a list of usages.'
  return z
    .strictObject(
      {
        report: z.custom<ReportUsage>((value) => typeof value === 'function', { error: mend }),
        intervalMillis: wholeNumber(100, 86_400_000).optional(),
      },
      { error: mendOfObject },
    )
    .optional()
}
