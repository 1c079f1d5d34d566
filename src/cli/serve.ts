import type { Command } from 'commander'
import { MAX_WORKERS } from '../registry/limits.ts'
import type { Deployment } from './load-config.ts'
import type { Online } from './open-stores.ts'
import type { Terminal } from './terminal.ts'
import { contextOf, examples, portNumber, wholeNumber } from './verb.ts'
import type { WorkerProcess } from './worker-process.ts'

interface ServeOptions {
  readonly port?: number
  readonly host?: string
  readonly production?: true
  readonly workers?: number
}

/** `fieldstone serve` */
export function addServe(program: Command, terminal: Terminal): void {
  program
    .command('serve')
    .summary('serve the features through GraphQL')
    .description(
      'Starts the gateway: GraphQL at /graphql, GraphiQL at /, health at /livez and /readyz. Ctrl-C or SIGTERM drains it: requests in flight are answered, then it ends. With several workers, each is a process of its own on the same port, and another takes the place of one that ends.',
    )
    .option('-p, --port <number>', "where to listen (default: the environment's PORT, then the config's)", portNumber)
    .option('--host <address>', "the address to listen on (default: the config's)")
    .option('--production', 'mask unexpected errors, refuse explain (default: whether NODE_ENV is production)')
    .option(
      '-w, --workers <number>',
      "processes that serve (default: the config's, which is 1)",
      wholeNumber(1, MAX_WORKERS),
    )
    .addHelpText(
      'after',
      examples('serve', 'serve --port 8080', 'serve --host 0.0.0.0 --production', 'serve --workers 4'),
    )
    .action(async (options: ServeOptions, command: Command) => {
      const { loadDeployment } = await import('./load-config.ts')
      const { workerProcess } = await import('./worker-process.ts')
      const worker = workerProcess()
      const deployment = await loadDeployment(contextOf(command, terminal).config)
      const count = options.workers ?? deployment.config.server.workers
      if (worker !== undefined) await serveAsWorker(deployment, { options, worker, terminal })
      else if (count > 1) await serveByWorkers(deployment, { options, count, terminal })
      else await serveAlone(deployment, { options, terminal })
    })
}

interface Serving {
  readonly options: ServeOptions
  readonly terminal: Terminal
}

async function serveAlone(deployment: Deployment, { options, terminal }: Serving): Promise<void> {
  const { runGateway } = await import('./run-gateway.ts')
  const { endSoon, untilStopped } = await import('./until-stopped.ts')
  const { port, host, production } = options
  const running = await runGateway(deployment, { port, host, production })
  const stopped = untilStopped()
  await tellUnapplied(deployment, running.online, terminal)
  terminal.note(`serving ${deployment.config.name} at ${running.url}`)
  await stopped
  terminal.note('draining')
  await running.close().finally(endSoon)
}

/** A store that does not answer yet is told of, too: the gateway serves all the same when it does. */
async function tellUnapplied(deployment: Deployment, online: Online, terminal: Terminal): Promise<void> {
  const { noteUnapplied } = await import('./planned-changes.ts')
  const { reportError } = await import('./report-error.ts')
  try {
    await noteUnapplied(deployment, online, terminal)
  } catch (error) {
    reportError(error, terminal, false)
  }
}

/** Starts the workers, and serves nothing itself. */
async function serveByWorkers(
  deployment: Deployment,
  { options, count, terminal }: Serving & { readonly count: number },
): Promise<void> {
  const { gatewayLogger, portOf } = await import('./run-gateway.ts')
  const { freePort } = await import('./free-port.ts')
  const { untilStopped } = await import('./until-stopped.ts')
  const { startWorkerPool } = await import('./worker-pool.ts')
  const { name, server } = deployment.config
  const host = options.host ?? server.host
  const stopped = untilStopped()
  const pool = startWorkerPool({
    count,
    // Workers that come later listen where the first do.
    port: portOf(options.port, server.port) || (await freePort(host)),
    logger: gatewayLogger(deployment, options),
    onServing: (url) => terminal.note(`serving ${name} at ${url} with ${count} workers`),
  })
  stopped.then(() => {
    terminal.note('draining')
    pool.drain()
  })
  process.exitCode = await pool.ended
}

async function serveAsWorker(
  deployment: Deployment,
  { options, worker, terminal }: Serving & { readonly worker: WorkerProcess },
): Promise<void> {
  const { runGateway } = await import('./run-gateway.ts')
  const { endSoon } = await import('./until-stopped.ts')
  const { host, production } = options
  try {
    const running = await runGateway(deployment, { port: worker.port, host, production, worker })
    if (worker.number === 1) await tellUnapplied(deployment, running.online, terminal)
    worker.serving(running.url)
    await worker.stopped
    await running.close()
  } finally {
    worker.leave()
    endSoon()
  }
}
