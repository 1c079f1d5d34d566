import type { Command } from 'commander'
import type { Terminal } from './terminal.ts'
import { contextOf, examples, portNumber } from './verb.ts'

/** `fieldstone dev` */
export function addDev(program: Command, terminal: Terminal): void {
  program
    .command('dev')
    .summary('serve, and take up every change of the definitions')
    .description(
      'Serves the deployment while it is written: each save of the config, or of any file that it imports, swaps the schema without dropping a request, applies what is safe and materializes the views that it changed. A broken file leaves everything as it was and prints the error.',
    )
    .option('-p, --port <number>', "where to listen (default: the environment's PORT, then the config's)", portNumber)
    .addHelpText('after', examples('dev', 'dev --port 8080'))
    .action(async (options: { readonly port?: number }, command: Command) => {
      const { findConfig } = await import('./load-config.ts')
      const { startDev } = await import('./dev/dev-server.ts')
      const { untilStopped } = await import('./until-stopped.ts')
      const { config, verbose } = contextOf(command, terminal)
      const stopped = untilStopped()
      const stopping = new AbortController()
      stopped.then(() => stopping.abort())
      const { signal } = stopping
      const server = await startDev({ configFile: findConfig(config), port: options.port, terminal, verbose, signal })
      await stopped
      terminal.note('draining')
      await server.close()
    })
}
