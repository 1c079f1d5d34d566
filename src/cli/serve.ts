import type { Command } from 'commander'
import type { Terminal } from './terminal.ts'
import { contextOf, examples, portNumber } from './verb.ts'

interface ServeOptions {
  readonly port?: number
  readonly host?: string
  readonly production?: true
}

/** `fieldstone serve` */
export function addServe(program: Command, terminal: Terminal): void {
  program
    .command('serve')
    .summary('serve the features through GraphQL')
    .description(
      'Starts the gateway: GraphQL at /graphql, GraphiQL at /, health at /livez and /readyz. Ctrl-C or SIGTERM drains it: requests in flight are answered, then it ends.',
    )
    .option('-p, --port <number>', "where to listen (default: the environment's PORT, then the config's)", portNumber)
    .option('--host <address>', "the address to listen on (default: the config's)")
    .option('--production', 'mask unexpected errors, refuse explain (default: whether NODE_ENV is production)')
    .addHelpText('after', examples('serve', 'serve --port 8080', 'serve --host 0.0.0.0 --production'))
    .action(async (options: ServeOptions, command: Command) => {
      const { loadDeployment } = await import('./load-config.ts')
      const { runGateway } = await import('./run-gateway.ts')
      const { noteUnapplied } = await import('./planned-changes.ts')
      const { untilStopped } = await import('./until-stopped.ts')
      const deployment = await loadDeployment(contextOf(command, terminal).config)
      const { port, host, production } = options
      const running = await runGateway(deployment, { port, host, production })
      const stopped = untilStopped()
      await noteUnapplied(deployment, running.online, terminal)
      terminal.note(`serving ${deployment.config.name} at ${running.url}`)
      await stopped
      terminal.note('draining')
      await running.close()
    })
}
