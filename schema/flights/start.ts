import { resolve } from 'node:path'
import { Command } from 'commander'
import { EXIT_CODES } from '../../src/cli/exit-codes.ts'
import { reportError } from '../../src/cli/report-error.ts'
import { processTerminal } from '../../src/cli/terminal.ts'
import { untilStopped } from '../../src/cli/until-stopped.ts'
import { portNumber } from '../../src/cli/verb.ts'
import { printExamples } from './examples.ts'
import { startSample } from './sample.ts'

const options = new Command('npm start --')
  .description('Takes three million flights, computes features from them, and serves them through GraphQL.')
  .option('--port <number>', "where to listen (default: the environment's PORT, then 4000)", portNumber)
  .option('--state-directory <folder>', 'where tables and store are kept', resolve(import.meta.dirname, '.fieldstone'))
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT_CODES.ok.code : EXIT_CODES.usage.code))
  .parse()
  .opts<{ readonly port?: number; readonly stateDirectory: string }>()

const terminal = processTerminal()

try {
  const running = await startSample({ stateDirectory: resolve(options.stateDirectory), port: options.port, terminal })
  const stopped = untilStopped()
  await printExamples(running.url, terminal)
  await stopped
  terminal.note('draining')
  await running.close()
} catch (error) {
  process.exitCode = reportError(error, terminal, false)
}
