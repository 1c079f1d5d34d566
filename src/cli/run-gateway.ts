import { existsSync, readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { type Logger, pino } from 'pino'
import { FieldstoneError } from '../errors.ts'
import { buildSchema } from '../sdl/schema.ts'
import { createGateway, type Gateway } from '../server/gateway.ts'
import { createServing } from '../serving/serving.ts'
import type { Deployment } from './load-config.ts'
import { type Online, openOnline } from './open-stores.ts'
import { startTelemetry, type Telemetry } from './start-telemetry.ts'
import type { WorkerProcess } from './worker-process.ts'

export interface GatewayOptions {
  /** Undefined: `PORT` of the environment, then the config's. 0 takes any that is free. */
  readonly port: number | undefined
  /** Undefined: the config's. */
  readonly host?: string | undefined
  /** Undefined: the config's, then whether `NODE_ENV` is `production`. */
  readonly production?: boolean | undefined
  /** Least level that is logged, to stderr. Default: `info` in production, else `warn`. */
  readonly logLevel?: string
  /** What the process is to its primary, where there is one: its number is in the log. */
  readonly worker?: WorkerProcess
}

/** A gateway that listens. `close` drains it and then closes the store. */
export interface RunningGateway {
  readonly url: string
  readonly gateway: Gateway
  readonly online: Online
  readonly production: boolean
  close(): Promise<void>
}

/** Opens the online store and serves the deployment from it. Throws PORT_IN_USE, and all that opening the store throws. */
export async function runGateway(deployment: Deployment, options: GatewayOptions): Promise<RunningGateway> {
  const production = isProduction(deployment, options)
  const logger = gatewayLogger(deployment, options)
  const telemetry = await startTelemetry(deployment, { logger, worker: options.worker })
  const online = await openOnline(deployment, telemetry.around)
  try {
    return await listen(deployment, online, { ...options, production, logger, telemetry })
  } catch (error) {
    await online.store.close()
    await telemetry.close()
    throw error
  }
}

function isProduction({ config }: Deployment, options: Pick<GatewayOptions, 'production'>): boolean {
  return options.production ?? config.server.production ?? process.env.NODE_ENV === 'production'
}

/** Logs to stderr, as a gateway of these options does. */
export function gatewayLogger(
  deployment: Deployment,
  options: Pick<GatewayOptions, 'production' | 'logLevel' | 'worker'>,
): Logger {
  const { logLevel = isProduction(deployment, options) ? 'info' : 'warn', worker } = options
  const logger = pino({ level: logLevel }, pino.destination(2))
  return worker === undefined ? logger : logger.child({ worker: worker.number })
}

async function listen(
  deployment: Deployment,
  online: Online,
  options: GatewayOptions & { readonly production: boolean; readonly logger: Logger; readonly telemetry: Telemetry },
): Promise<RunningGateway> {
  const { config, registry } = deployment
  const { production, logger, telemetry } = options
  const gateway = await createGateway({
    config,
    registry,
    ...servedBy(deployment, online, production),
    store: online.store,
    clock: config.clock,
    logger,
    ...telemetry.gateway,
    production,
    graphiql: config.server.graphiql,
    introspection: config.server.introspection,
    limits: config.server.limits,
    compression: config.server.compression,
    sampleOperation: sampleOperation(deployment),
  })
  const url = await gateway.listen(portOf(options.port, config.server.port), options.host ?? config.server.host)
  return { url, gateway, online, production, close: () => closeAll(gateway, online, telemetry) }
}

/** The schema of a deployment and what answers it: what a hot swap replaces. */
export function servedBy({ config, registry }: Deployment, { store, lists }: Online, production: boolean) {
  const schema = buildSchema(registry)
  const { limits, codeGeneration, planCacheBytes } = config.server
  const options = { registry, schema, store, lists, production, limits, codeGeneration, planCacheBytes }
  return { schema, serving: createServing(options) }
}

async function closeAll(gateway: Gateway, online: Online, telemetry: Telemetry): Promise<void> {
  try {
    await gateway.close()
  } finally {
    await telemetry.close()
    await online.store.close()
  }
}

/**
 * The port to listen on: the option's, else `PORT` of the environment, as many hosts set it, else the config's. Throws
 * CONFIG_INVALID.
 */
export function portOf(option: number | undefined, configured: number): number {
  const text = process.env.PORT ?? ''
  if (option !== undefined || text === '') return option ?? configured
  if (/^\d{1,5}$/.test(text) && Number(text) <= 65_535) return Number(text)
  throw new FieldstoneError('CONFIG_INVALID', {
    seen: `PORT of the environment is ${JSON.stringify(text)}`,
    why: "It goes before the config's port, and is none.",
    mend: 'Write a whole number from 0 to 65535, or unset it.',
  })
}

/** The operation that GraphiQL opens with: the config's text, or what stands in the file that it names. */
function sampleOperation({ config, directory }: Deployment): string | undefined {
  const named = config.server.sampleOperation
  if (named === undefined) return undefined
  const file = resolve(directory, named)
  return named.endsWith('.graphql') && existsSync(file) ? readFileSync(file, 'utf8') : named
}
