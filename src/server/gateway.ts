import type { RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import type { Logger } from 'pino'
import { invariant } from '../lib/assert.ts'
import type { Clock } from '../lib/clock.ts'
import type { CompressionSettings } from '../registry/compression-settings.ts'
import type { DeploymentConfig } from '../registry/config.ts'
import { DEFAULT_LIMITS, type Limits } from '../registry/limits.ts'
import type { Registry } from '../registry/registry.ts'
import { overloaded } from '../serving/limit-error.ts'
import type { OnlineStore } from '../stores/online/online-store.ts'
import { type Served, startApollo } from './apollo.ts'
import { createCompression } from './compression.ts'
import { createDoors } from './doors.ts'
import { createDrain, type Drain } from './drain.ts'
import { type GraphiQLPage, renderGraphiQLPage } from './graphiql.ts'
import { readiness } from './health.ts'
import { loggingHook, type RequestHook } from './hooks.ts'
import type { House } from './house.ts'
import { createHttpServer, sendRefusal } from './http-server.ts'
import { listenError } from './listen-error.ts'
import type { Metrics } from './metrics/metrics.ts'
import { metricsText } from './metrics/metrics-text.ts'
import { createOverload } from './overload.ts'
import { createPlaces } from './places.ts'
import type { RequestTracing } from './request-tracing.ts'
import { addRoutes, GRAPHQL_PATH } from './routes.ts'
import { sampleOperationOf } from './sample-operation.ts'

/** What a gateway serves; all of it is swapped at once. */
export interface GatewayContent extends Served {
  readonly registry: Registry
}

export interface GatewayOptions extends GatewayContent {
  readonly config: Pick<DeploymentConfig, 'name'>
  /** Asked for its health alone. Closing it is the caller's, after the gateway. */
  readonly store: OnlineStore
  readonly clock: Clock
  readonly logger: Logger
  /** Whether unexpected errors are masked. They are logged whole in any case. */
  readonly production: boolean
  /** Whether GraphiQL is at `/`. */
  readonly graphiql: boolean
  /** The operation that GraphiQL opens with. Undefined: one made from the registry. */
  readonly sampleOperation: string | undefined
  /** Whether `__schema` and `__type` are answered. Default true: routers, code generators and GraphiQL live on it. */
  readonly introspection?: boolean
  /** Run around each GraphQL request, before the gateway's own. Default: none. */
  readonly hooks?: readonly RequestHook[]
  /** Counts what is done, and is read at `/metrics`. Default: nothing is counted, and the path is not there. */
  readonly metrics?: Metrics | undefined
  /** Makes spans of requests. Default: nothing is traced. */
  readonly tracing?: RequestTracing | undefined
  /** What `/metrics` gives. Default: what `metrics` has counted, of this process alone. */
  readonly metricsText?: (() => Promise<string>) | undefined
  /** Default: `DEFAULT_LIMITS`. Those of keys, values and errors are the serving's. */
  readonly limits?: Limits
  /** How answers are compressed for clients that take it. Default: not at all. */
  readonly compression?: CompressionSettings | undefined
  /** How long `close` waits for requests in flight before it cuts them off. Default 10,000. */
  readonly drainMillis?: number
  /** How long a request may take to arrive, and a client to go on with reading its answer, before its connection is cut. Default 60,000. */
  readonly patienceMillis?: number
}

export interface Gateway {
  /** Gives the URL to reach it. Port 0 takes any that is free. Throws PORT_IN_USE and ADDRESS_REFUSED; the gateway is closed then. */
  listen(port: number, host: string): Promise<string>
  /** Serves another schema from the next request on. Requests in flight end on the one they began with. */
  swap(next: GatewayContent): Promise<void>
  /** Refuses new requests (503 SHUTTING_DOWN), answers those in flight, closes every connection. A second call waits for the first. */
  close(): Promise<void>
}

const SHEDDING = 'the event loop is late: requests are refused'
const CALM = 'the event loop is in time again: no requests are refused'

/** Makes a gateway that does not listen yet. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const { store, clock, logger, production, compression, introspection = true, limits = DEFAULT_LIMITS } = options
  const { metrics } = options
  const onRefused = (code: string): void => metrics?.refused(code)
  const drain = createDrain()
  const apollo = await startApollo(options, { production, introspection, logger, limits })
  const admission = {
    places: createPlaces(limits),
    overload: createOverload(limits.maxEventLoopDelayMillis, (isShedding) => logger.warn(isShedding ? SHEDDING : CALM)),
    overloadError: overloaded(limits.maxEventLoopDelayMillis),
  }
  const app = createHttpServer({
    drain,
    ...admission,
    onRefused,
    logger,
    production,
    limits,
    patienceMillis: options.patienceMillis ?? 60_000,
  })
  let registry = options.registry
  metrics?.observe(() => ({ serving: apollo.current.serving, registry, inFlight: drain.inFlight }))
  let closing: Promise<void> | undefined
  const house: House = {
    hooks: [...(options.hooks ?? []), loggingHook(logger), ...(metrics === undefined ? [] : [metrics.hook])],
    nowMicros: clock.nowMicros,
    deadlineMillis: limits.deadlineMillis,
    compression: compression === undefined ? undefined : createCompression(compression),
    logger,
    tracing: options.tracing,
  }
  addRoutes(app, {
    ...{ apollo, house },
    graphiql: options.graphiql ? pageOnce(options) : undefined,
    readiness: () => readiness({ store, registry, clock, isDraining: drain.isDraining, production, logger }),
    metrics:
      metrics === undefined ? undefined : (options.metricsText ?? (async () => metricsText([await metrics.report()]))),
  })
  putBefore(app, (elsewhere) =>
    createDoors({
      ...{ house, apollo, drain, ...admission, elsewhere, path: GRAPHQL_PATH, maxBodyBytes: limits.maxBodyBytes },
      refuse: (thrown, exchange) => sendRefusal(thrown, exchange, { logger, production, limits, onRefused }),
    }),
  )

  async function close(): Promise<void> {
    await drainServer(app, drain, { logger, deadlineMillis: options.drainMillis ?? 10_000 })
    await apollo.stop()
  }
  const gateway: Gateway = {
    listen: async (port, host) => {
      try {
        await app.listen({ port, host, listenTextResolver: (address) => `listening at ${address}` })
      } catch (error) {
        await gateway.close()
        throw listenError(error, port, host)
      }
      return urlOf(app, host)
    },
    swap: async (next) => {
      apollo.swap(next)
      registry = next.registry
    },
    close: () => {
      closing ??= close()
      return closing
    },
  }
  return gateway
}

/** Puts a listener before the server's own, which it is given. */
function putBefore({ server }: FastifyInstance, make: (elsewhere: RequestListener) => RequestListener): void {
  const [own] = server.listeners('request') as RequestListener[]
  invariant(own !== undefined, 'Fastify listens to its server')
  server.removeAllListeners('request').on('request', make(own))
}

function pageOnce({ config, registry, sampleOperation }: GatewayOptions): () => Promise<GraphiQLPage> {
  let page: Promise<GraphiQLPage> | undefined
  return () => {
    page ??= renderGraphiQLPage({
      title: config.name,
      endpoint: GRAPHQL_PATH,
      sampleOperation: sampleOperation ?? sampleOperationOf(registry),
    })
    return page
  }
}

/** After the last answer, time for its bytes to leave before sockets that no one closes are cut. */
const LAST_BYTES_MILLIS = 250

async function drainServer(
  app: FastifyInstance,
  drain: Drain,
  options: { readonly logger: Logger; readonly deadlineMillis: number },
): Promise<void> {
  drain.begin()
  const isIdle = await drain.idle(options.deadlineMillis)
  if (!isIdle)
    options.logger.warn({ inFlight: drain.inFlight }, 'the deadline to drain has passed: requests are cut off')
  const cut = setTimeout(() => app.server.closeAllConnections(), isIdle ? LAST_BYTES_MILLIS : 0)
  await app.close()
  clearTimeout(cut)
}

/** An address that stands for all of them is reached as localhost. */
function urlOf(app: FastifyInstance, host: string): string {
  const { port } = app.server.address() as AddressInfo
  const name = host === '0.0.0.0' || host === '::' ? 'localhost' : host
  return `http://${name.includes(':') ? `[${name}]` : name}:${port}`
}
