import { Command, CommanderError } from 'commander'
import { FieldstoneError } from '../errors.ts'
import { addApply } from './apply.ts'
import { addDev } from './dev.ts'
import { addDoctor } from './doctor.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { addExplain } from './explain.ts'
import { addGenerate } from './generate.ts'
import { addGet } from './get.ts'
import { addInit } from './init.ts'
import { addMaterialize } from './materialize.ts'
import { packageVersion } from './package-version.ts'
import { addPlan } from './plan.ts'
import { reportError } from './report-error.ts'
import { addServe } from './serve.ts'
import { processTerminal, type Terminal } from './terminal.ts'
import type { AddVerb } from './verb.ts'

const VERBS: readonly AddVerb[] = [
  addInit,
  addDev,
  addServe,
  addGenerate,
  addPlan,
  addApply,
  addMaterialize,
  addGet,
  addExplain,
  addDoctor,
]

/** The whole command line, as data: what runs, what `--help` prints and what docs/cli.md is generated from. */
export function buildProgram(terminal: Terminal): Command {
  const program = new Command('fieldstone')
    .description('The feature store that speaks GraphQL: features are fields.')
    .version(packageVersion(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand('help [command]', 'print the help of a command')
    .option('-c, --config <file>', 'the config (default: fieldstone.config.ts of the current folder)')
    .option('--verbose', 'print stack traces with errors')
    .configureHelp({ showGlobalOptions: true, helpWidth: 110 })
    .configureOutput({ getOutHelpWidth: () => 110, getErrHelpWidth: () => 110, outputError: () => {} })
    .showSuggestionAfterError()
    .exitOverride()
    .addHelpText('after', exitCodeHelp())
  for (const add of VERBS) add(program, terminal)
  return program
}

/** Runs a command line and gives the exit code; every error is printed. */
export async function runProgram(words: readonly string[], terminal: Terminal = processTerminal()): Promise<number> {
  const program = buildProgram(terminal)
  const verbose = words.includes('--verbose')
  try {
    await program.parseAsync(words, { from: 'user' })
    return Number(process.exitCode ?? EXIT_CODES.ok.code)
  } catch (error) {
    if (!(error instanceof CommanderError)) return reportError(error, terminal, verbose)
    // The bare command prints its help, as an answer and not as a reproach.
    if (error.exitCode === 0 || words.length === 0) return EXIT_CODES.ok.code
    if (error.code === 'commander.help') return EXIT_CODES.usage.code
    return reportError(usageError(error), terminal, verbose)
  }
}

/** commander's words, which may hold a suggestion on a line of its own. */
function usageError(error: CommanderError): FieldstoneError {
  const seen = error.message.replace(/^error: /, '').replaceAll('\n', ' ')
  return new FieldstoneError('USAGE', { seen, cause: error })
}

function exitCodeHelp(): string {
  const lines = Object.values(EXIT_CODES).map(({ code, meaning }) => `  ${String(code).padEnd(4)} ${meaning}`)
  return `\nExit codes:\n${lines.join('\n')}\n`
}
