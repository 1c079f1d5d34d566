import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { reportError } from '../../src/cli/report-error.ts'
import { processTerminal } from '../../src/cli/terminal.ts'
import { untilStopped } from '../../src/cli/until-stopped.ts'
import { portNumber } from '../../src/cli/verb.ts'
import { printExamples } from './examples.ts'
import { startSample } from './sample.ts'

const { values: options } = parseArgs({
  options: {
    port: { type: 'string' },
    'state-directory': { type: 'string', default: resolve(import.meta.dirname, '.fieldstone') },
  },
})
const terminal = processTerminal()

try {
  const port = options.port === undefined ? undefined : portNumber(options.port)
  const running = await startSample({ stateDirectory: resolve(options['state-directory']), port, terminal })
  await printExamples(running.url, terminal)
  await untilStopped()
  terminal.note('draining')
  await running.close()
} catch (error) {
  process.exitCode = reportError(error, terminal, false)
}
