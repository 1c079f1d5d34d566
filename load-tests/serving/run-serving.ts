import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { printTopFunctions } from '../profile.ts'
import type { BenchCase, Subject } from './cases.ts'
import { compareAnswers } from './comparison.ts'
import { openStore, writeData } from './data.ts'
import { killAll, type LoadGenerator, type SubjectServer, startLoadGenerator, startServer } from './processes.ts'

export interface ServingOptions {
  readonly cases: readonly BenchCase[]
  readonly subjects: readonly Subject[]
  /** Each has one request on its way. Undefined: as many as `connectionsOf` says. */
  readonly connections: number | undefined
  /** Timed seconds of each subject in each round. */
  readonly seconds: number
  /** Seconds of load before a subject is timed for the first time, for the engine to compile what is hot. */
  readonly warmUpSeconds: number
  readonly rounds: number
  /** The folder for `.cpuprofile` files. Undefined: nothing is profiled. */
  readonly profileFolder: string | undefined
}

/** One subject in one case: medians over the rounds. */
export interface ServingResult {
  readonly bench: 'serving'
  readonly case: string
  readonly store: 'lmdb'
  readonly subject: Subject
  readonly rps: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** User and system time of the server's whole process, garbage collection and compression included. */
  readonly cpuMsPerRequest: number
}

/** What was measured, with what is no result: how busy the generator was at most. */
export interface Measured extends ServingResult {
  readonly generatorBusy: number
}

/** How a run is followed and ended. */
export interface RunControl {
  /** Has the results of each case as soon as there are any. */
  readonly onCase: (results: readonly Measured[]) => void
  /** Aborted: every process is ended, and the run rejects. */
  readonly signal: AbortSignal
}

/** Measures every case in turn. Leaves neither data nor processes behind, however it ends. */
export async function runServing(options: ServingOptions, control: RunControl): Promise<readonly Measured[]> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldstone-bench-'))
  const store = await openStore(folder)
  process.once('exit', killAll)
  // What waits for one of them is rejected by its end.
  control.signal.addEventListener('abort', killAll)
  try {
    await writeData(store, control.signal)
    return await runCases({ ...options, folder, store, generator: startLoadGenerator() }, control)
  } finally {
    killAll()
    await store.close()
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  }
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
  readonly folder: string
  readonly store: OnlineStore
  readonly generator: LoadGenerator
}

/** Servers are new for each case, so that none has the last one's heap and compiled code. */
async function runCase(benchCase: BenchCase, options: CaseOptions): Promise<readonly Measured[]> {
  const subjects = options.subjects.filter((subject) => benchCase.subjects.includes(subject))
  const { folder, store } = options
  const { gzip } = benchCase
  const servers = await Promise.all(subjects.map((subject) => startServer(subject, { folder, gzip })))
  await compareAnswers(benchCase, servers, store)
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
  const { generator, connections, seconds, warmUpSeconds, profileFolder } = options
  await generator.connect(server, benchCase, connections ?? connectionsOf(benchCase))
  if (round === 0) await generator.load(warmUpSeconds)
  const profileFile = profileFolder && join(profileFolder, `${benchCase.name}.${server.subject}.${round}.cpuprofile`)
  if (profileFile !== undefined) await server.startProfile()
  const cpuBefore = await server.cpuMicros()
  const { requests, seconds: took, p50Ms, p99Ms, generatorBusy } = await generator.load(seconds)
  const cpuMicros = (await server.cpuMicros()) - cpuBefore
  if (profileFile !== undefined) {
    await server.stopProfile(profileFile)
    printTopFunctions(profileFile)
  }
  return {
    ...{ bench: 'serving', case: benchCase.name, store: 'lmdb', subject: server.subject },
    ...{ rps: requests / took, p50Ms, p99Ms, cpuMsPerRequest: cpuMicros / 1000 / requests, generatorBusy },
  }
}

/** Enough to keep a server busy; where a request is large, not so many that the slowest takes minutes for one turn of them. */
function connectionsOf({ keyCount }: BenchCase): number {
  return Math.max(1, Math.min(32, Math.floor(8_000 / keyCount)))
}

function medians(rounds: readonly Measured[]): Measured {
  const of = (name: 'rps' | 'p50Ms' | 'p99Ms' | 'cpuMsPerRequest'): number => median(rounds.map((round) => round[name]))
  return {
    ...rounds[0]!,
    rps: Math.round(of('rps') * 10) / 10,
    p50Ms: of('p50Ms'),
    p99Ms: of('p99Ms'),
    cpuMsPerRequest: Math.round(of('cpuMsPerRequest') * 1e5) / 1e5,
    generatorBusy: Math.max(...rounds.map(({ generatorBusy }) => generatorBusy)),
  }
}

/** Of an even number the mean of the middle two. */
function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return (sorted[Math.floor(middle - 0.5)]! + sorted[Math.floor(middle)]!) / 2
}
