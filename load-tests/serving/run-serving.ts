import { join } from 'node:path'
import { printTopFunctions } from '../profile.ts'
import { type BenchCase, type Subject, takesPart } from './cases.ts'
import { compareAnswers } from './comparison.ts'
import { type FilledStore, withFilledStore } from './filled-store.ts'
import { type LoadGenerator, type SubjectServer, startLoadGenerator, startServer } from './processes.ts'
import { hasCoreForEach, type StoreName } from './stores.ts'

export interface ServingOptions {
  readonly store: StoreName
  readonly cases: readonly BenchCase[]
  readonly subjects: readonly Subject[]
  /** Each has one request on its way. Undefined: as many as `connectionsOf` says. */
  readonly connections: number | undefined
  /** Timed seconds of each subject in each round. */
  readonly seconds: number
  /** Seconds of load before a subject is timed for the first time, for the engine to compile what is hot. */
  readonly warmUpSeconds: number
  readonly rounds: number
  readonly logLevel: string
  /** The folder for `.cpuprofile` files. Undefined: nothing is profiled. */
  readonly profileFolder: string | undefined
}

/** One subject in one case: medians over the rounds. */
export interface ServingResult {
  readonly bench: 'serving'
  readonly case: string
  readonly store: StoreName
  readonly subject: Subject
  readonly rps: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** User and system time of the server's whole process, garbage collection and compression included. */
  readonly cpuMsPerRequest: number
  /** The same of the store's server. Undefined: it has none, or does not tell. */
  readonly storeCpuMsPerRequest: number | undefined
}

/** What was measured, with what is no result: how busy the generator was at most, and what was not answered as it should be. */
export interface Measured extends ServingResult {
  readonly generatorBusy: number
  readonly failures: number
  readonly firstFailure: string | undefined
}

/** How a run is followed and ended. */
export interface RunControl {
  /** Has the results of each case as soon as there are any. */
  readonly onCase: (results: readonly Measured[]) => void
  /** Aborted: every process is ended, and the run rejects. */
  readonly signal: AbortSignal
}

/** Measures every case in turn. Leaves neither data nor processes behind, however it ends. */
export function runServing(options: ServingOptions, control: RunControl): Promise<readonly Measured[]> {
  return withFilledStore({ ...options, signal: control.signal }, (filled) => {
    const generator = startLoadGenerator({ staysAwake: hasCoreForEach(options.store) })
    return runCases({ ...options, filled, generator }, control)
  })
}

async function runCases(options: CaseOptions, { onCase, signal }: RunControl): Promise<readonly Measured[]> {
  const results: Measured[] = []
  for (const benchCase of options.cases) {
    signal.throwIfAborted()
    const measured = await runCase(benchCase, options)
    onCase(measured)
    results.push(...measured)
  }
  return results
}

interface CaseOptions extends ServingOptions {
  readonly filled: FilledStore
  readonly generator: LoadGenerator
}

/** Servers are new for each case, so that none has the last one's heap and compiled code. */
async function runCase(benchCase: BenchCase, options: CaseOptions): Promise<readonly Measured[]> {
  const subjects = options.subjects.filter((subject) => takesPart(subject, benchCase, options.store))
  const { place, folder, online } = options.filled
  const { gzip } = benchCase
  const { logLevel } = options
  const servers = await Promise.all(subjects.map((subject) => startServer(subject, { place, folder, gzip, logLevel })))
  await compareAnswers(benchCase, servers, online)
  const rounds: Measured[][] = servers.map(() => [])
  for (let round = 0; round < options.rounds; round += 1) {
    for (const [index, server] of servers.entries())
      rounds[index]!.push(await measure(benchCase, server, round, options))
  }
  await Promise.all(servers.map((server) => server.stop()))
  return rounds.map(medians)
}

async function measure(
  benchCase: BenchCase,
  server: SubjectServer,
  round: number,
  options: CaseOptions,
): Promise<Measured> {
  const { filled, generator, connections, seconds, warmUpSeconds, profileFolder } = options
  await generator.connect(server, benchCase, connections ?? connectionsOf(benchCase, options.store))
  if (round === 0) await generator.load(warmUpSeconds)
  const profileFile = profileFolder && join(profileFolder, `${benchCase.name}.${server.subject}.${round}.cpuprofile`)
  if (profileFile !== undefined) await server.startProfile()
  const before = { server: await server.cpuMicros(), store: await filled.cpuMicros() }
  const { requests, seconds: took, p50Ms, p99Ms, ...aside } = await generator.load(seconds)
  const after = { server: await server.cpuMicros(), store: await filled.cpuMicros() }
  server.emptyLog()
  if (profileFile !== undefined) {
    await server.stopProfile(profileFile)
    printTopFunctions(profileFile)
  }
  const { generatorBusy, failures, firstFailure } = aside
  const msPerRequest = (micros: number): number => micros / 1000 / (requests + failures)
  const storeMicros = after.store === undefined ? undefined : after.store - before.store!
  return {
    ...{ bench: 'serving', case: benchCase.name, store: options.store, subject: server.subject },
    ...{ rps: requests / took, p50Ms, p99Ms, generatorBusy, failures, firstFailure },
    cpuMsPerRequest: msPerRequest(after.server - before.server),
    storeCpuMsPerRequest: storeMicros === undefined ? undefined : msPerRequest(storeMicros),
  }
}

/**
 * Enough to keep a server busy; where a request is large, not so many that the slowest takes minutes for one turn of them. Bigtable's
 * emulator is slower than any client: with more, requests would wait for it alone, and longer than a read may take.
 */
function connectionsOf({ keyCount }: BenchCase, store: StoreName): number {
  const [most, mostKeys] = store === 'bigtable' ? [16, 400] : [32, 8_000]
  return Math.max(1, Math.min(most, Math.floor(mostKeys / keyCount)))
}

function medians(rounds: readonly Measured[]): Measured {
  const of = (value: (round: Measured) => number): number => median(rounds.map(value))
  const hasStoreCpu = rounds[0]!.storeCpuMsPerRequest !== undefined
  return {
    ...rounds[0]!,
    rps: rounded(
      of(({ rps }) => rps),
      1,
    ),
    p50Ms: of(({ p50Ms }) => p50Ms),
    p99Ms: of(({ p99Ms }) => p99Ms),
    cpuMsPerRequest: rounded(
      of(({ cpuMsPerRequest }) => cpuMsPerRequest),
      5,
    ),
    storeCpuMsPerRequest: hasStoreCpu
      ? rounded(
          of((round) => round.storeCpuMsPerRequest!),
          5,
        )
      : undefined,
    generatorBusy: Math.max(...rounds.map(({ generatorBusy }) => generatorBusy)),
    failures: rounds.reduce((sum, { failures }) => sum + failures, 0),
    firstFailure: rounds.find(({ firstFailure }) => firstFailure !== undefined)?.firstFailure,
  }
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}

/** Of an even number the mean of the middle two. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return (sorted[Math.floor(middle - 0.5)]! + sorted[Math.floor(middle)]!) / 2
}
