import { mkdirSync, writeFileSync } from 'node:fs'
import { Command } from 'commander'
import { Interrupted, interruptible } from '../src/cli/until-stopped.ts'
import { wholeNumber } from '../src/cli/verb.ts'
import { chooser, logLevelOption, minutes, onTheWayOption, seconds, storeOption } from './options.ts'
import { printTopFunctions } from './profile.ts'
import { CASES, SUBJECTS } from './serving/cases.ts'
import { caseLines, machineLine, targetLines } from './serving/report.ts'
import { type Measured, runServing, type ServingOptions, type ServingResult } from './serving/run-serving.ts'
import { capacityLine, latencyLines, soakHead, soakLine, soakVerdicts } from './steady/report.ts'
import { type LatencyOptions, runLatency } from './steady/run-latency.ts'
import { runSoak, type SoakOptions } from './steady/run-soak.ts'

const PROFILES = '.fieldstone/profiles'

interface JsonFlag {
  readonly json?: string
}

/** How many requests may be on their way; undefined: as many as the bench says. */
interface ConnectionsFlag {
  readonly connections?: number
}

interface ServingFlags extends JsonFlag, ConnectionsFlag, Omit<ServingOptions, 'profileFolder' | 'connections'> {
  readonly profile?: string
}

type LatencyFlags = JsonFlag & ConnectionsFlag & Omit<LatencyOptions, 'signal' | 'connections'>

type SoakFlags = JsonFlag &
  ConnectionsFlag &
  Omit<SoakOptions, 'signal' | 'connections' | 'steps' | 'onStart' | 'onStep'> & { readonly minutes: number }

/** Scripts without options, which run as they are loaded. */
const READS = [
  {
    name: 'redis-layout',
    description: 'what ways to lay out and read rows in Redis cost its client, its server and its memory',
    run: () => import('./redis-layout.ts'),
  },
  {
    name: 'bigtable-reads',
    description: 'what ways to read rows of Bigtable cost the client',
    run: () => import('./bigtable-reads.ts'),
  },
]

const program = new Command('bench')
  .description('Benchmarks of Fieldstone beside what does the same work in another way.')
  .showHelpAfterError(
    '(Benches: serving, latency, soak, redis-layout, bigtable-reads. Also: profile <file>, which reads a .cpuprofile.)',
  )

program
  .command('serving')
  .description('online reads over HTTP, each subject in a process of its own')
  .addOption(storeOption())
  .addOption(logLevelOption())
  .addOption(chooser('--cases <names>', CASES, nameOf))
  .addOption(chooser('--subjects <names>', SUBJECTS, String))
  .option(
    '--connections <number>',
    'each with one request on its way (default: 32, fewer for many keys and in Bigtable)',
    wholeNumber(1),
  )
  .option('--seconds <number>', 'timed, for each subject in each round', seconds, 2)
  .option('--warm-up-seconds <number>', 'of load, before a subject is timed for the first time', seconds, 2)
  .option('--rounds <number>', 'whose medians are given', wholeNumber(1), 3)
  .option('--json <file>', 'write the results there too')
  .option('--profile [folder]', `profile the servers while they are timed (default folder: ${PROFILES})`)
  .action(runServingBench)

program
  .command('latency')
  .description('latencies of the gateway at half of its capacity, 1x10, in an open loop')
  .addOption(storeOption())
  .addOption(logLevelOption())
  .addOption(onTheWayOption())
  .option('--seconds <number>', 'of load at that rate, in each round', seconds, 20)
  .option('--rounds <number>', 'whose medians are held against the target', wholeNumber(1), 3)
  .option('--capacity-seconds <number>', 'of full load to find the capacity, three times', seconds, 3)
  .option('--warm-up-seconds <number>', 'of either load, before it is measured', seconds, 5)
  .option('--json <file>', 'write the results there too')
  .action(runLatencyBench)

program
  .command('soak')
  .description('whether memory and latencies of the gateway stay as they are at half of its capacity, 1x10')
  .addOption(storeOption())
  .addOption(logLevelOption())
  .addOption(onTheWayOption())
  .option('--minutes <number>', 'of load; a line is printed for each', minutes, 10)
  .option('--step-seconds <number>', 'for which a line is printed', seconds, 60)
  .option('--capacity-seconds <number>', 'of full load to find the capacity, three times', seconds, 3)
  .option('--warm-up-seconds <number>', 'of either load, before it is measured', seconds, 30)
  .option('--json <file>', 'write the results there too')
  .action(runSoakBench)

for (const { name, description, run } of READS)
  program
    .command(name)
    .description(description)
    .action(async () => void (await run()))

program
  .command('profile')
  .description('prints the functions of a profile that took the most time themselves')
  .argument('<file>', 'a .cpuprofile')
  .action((file: string) => printTopFunctions(file))

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof Interrupted)) throw error
  process.exitCode = 130
}

async function runServingBench({ json, profile, connections, ...options }: ServingFlags): Promise<void> {
  print([machineLine(), ''])
  const serving = { ...options, connections, profileFolder: profileFolder(profile) }
  const onCase = (measured: readonly Measured[]): void => print(caseLines(measured))
  const results = await interruptible((signal) => runServing(serving, { onCase, signal }))
  print(targetLines(results))
  writeJson(json, results.map(resultOf))
}

async function runLatencyBench({ json, connections, ...options }: LatencyFlags): Promise<void> {
  print([machineLine(), `1x10, ${options.store}`])
  const result = await interruptible((signal) => runLatency({ ...options, connections, signal }))
  print(latencyLines(result))
  writeJson(json, { bench: 'latency', case: '1x10', store: options.store, ...result })
}

async function runSoakBench({ json, minutes, connections, ...options }: SoakFlags): Promise<void> {
  print([machineLine(), `1x10, ${options.store}`])
  const steps = Math.max(1, Math.round((60 * minutes) / options.stepSeconds))
  const onStart: SoakOptions['onStart'] = (capacityRps) => print([capacityLine(capacityRps), '', soakHead])
  const onStep: SoakOptions['onStep'] = (step) => print([soakLine(step)])
  const result = await interruptible((signal) => runSoak({ ...options, connections, steps, signal, onStart, onStep }))
  print(['', ...soakVerdicts(result)])
  writeJson(json, { bench: 'soak', case: '1x10', store: options.store, ...result })
}

function print(lines: readonly string[]): void {
  for (const line of lines) console.log(line)
}

function writeJson(file: string | undefined, results: unknown): void {
  if (file !== undefined) writeFileSync(file, `${JSON.stringify(results, null, 2)}\n`)
}

/** Without what is no result. */
function resultOf({ generatorBusy: _, failures: __, firstFailure: ___, ...result }: Measured): ServingResult {
  return result
}

function profileFolder(flag: string | boolean | undefined): string | undefined {
  if (flag === undefined) return undefined
  const folder = typeof flag === 'string' ? flag : PROFILES
  mkdirSync(folder, { recursive: true })
  return folder
}

function nameOf({ name }: { readonly name: string }): string {
  return name
}
