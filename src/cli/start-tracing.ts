import { type Attributes, DiagLogLevel, diag, type Tracer } from '@opentelemetry/api'
import type { SpanExporter, TracerProvider, TracerProviderOptions } from '@opentelemetry/sdk-trace'
import type { Logger } from 'pino'
import { FieldstoneError } from '../errors.ts'
import type { TracingSettings } from '../registry/telemetry-settings.ts'

/** Makes spans, and sends them to where the config says. */
export interface Tracing {
  readonly tracer: Tracer
  /** Sends the spans that are not sent yet, and waits for it no longer than a few seconds. Never rejects. */
  close(): Promise<void>
}

export interface TracingFacts extends TracingSettings {
  readonly serviceName: string
  /** Of Fieldstone. */
  readonly version: string
  readonly logger: Logger
}

/** How long one batch may take to be sent, with all that is tried again. */
const EXPORT_MILLIS = 5_000

/** How long the end of a gateway waits for the last spans. */
const LAST_SPANS_MILLIS = 3_000

/** A collector that is down is told of once in so long. */
const QUIET_MILLIS = 60_000

/** Loads what sends spans. Throws DRIVER_MISSING. */
export async function startTracing(facts: TracingFacts): Promise<Tracing> {
  const { sdk, OTLPTraceExporter } = await loadLibraries()
  logFailures(facts.logger)
  const exporter = new OTLPTraceExporter({ url: facts.endpoint, timeoutMillis: EXPORT_MILLIS })
  const provider = new sdk.TracerProvider({
    resource: resourceOf(facts),
    sampler: new sdk.ParentBasedSampler({ root: new sdk.TraceIdRatioBasedSampler(facts.sampleRatio ?? 1) }),
    spanProcessors: [new sdk.BatchSpanProcessor({ exporter: exporter as SpanExporter })],
  })
  return { tracer: provider.getTracer('fieldstone', facts.version), close: () => closeInTime(provider, facts.logger) }
}

async function loadLibraries() {
  try {
    const [sdk, { OTLPTraceExporter }] = await Promise.all([
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ])
    return { sdk, OTLPTraceExporter }
  } catch (cause) {
    throw new FieldstoneError('DRIVER_MISSING', {
      seen: 'server.tracing is set',
      why: 'OpenTelemetry is loaded only where traces are asked for, and it could not be.',
      mend: 'Run npm install @opentelemetry/sdk-trace @opentelemetry/exporter-trace-otlp-http.',
      cause,
    })
  }
}

type Resource = NonNullable<TracerProviderOptions['resource']>

/** Says what all spans come from. The package that makes resources is not exported by the one that takes them. */
function resourceOf({ serviceName, version }: Pick<TracingFacts, 'serviceName' | 'version'>): Resource {
  return resourceWith({
    'service.name': serviceName,
    'telemetry.sdk.language': 'nodejs',
    'telemetry.sdk.name': 'opentelemetry',
    'fieldstone.version': version,
  })
}

function resourceWith(attributes: Attributes): Resource {
  return {
    attributes,
    merge: (other) =>
      other === null ? resourceWith(attributes) : resourceWith({ ...attributes, ...other.attributes }),
    getRawAttributes: () => Object.entries(attributes),
  }
}

/** A collector that does not answer is nobody's failure but its own: it is told of now and then. */
function logFailures(logger: Logger): void {
  let quietUntil = 0
  const onFailure = (message: string): void => {
    const now = performance.now()
    if (now < quietUntil) return
    quietUntil = now + QUIET_MILLIS
    logger.warn({ detail: message.slice(0, 500) }, 'traces could not be sent: they are lost')
  }
  const ignore = (): void => {}
  diag.setLogger(
    { error: onFailure, warn: ignore, info: ignore, debug: ignore, verbose: ignore },
    { logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
  )
}

async function closeInTime(provider: TracerProvider, logger: Logger): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      logger.warn('the last traces are not sent: they are not waited for any longer')
      resolve()
    }, LAST_SPANS_MILLIS)
  })
  const ended = provider.shutdown().catch((err: unknown) => logger.warn({ err }, 'the last traces could not be sent'))
  await Promise.race([ended, late])
  clearTimeout(timer)
}
