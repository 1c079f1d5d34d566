import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, ftruncateSync, openSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PeerOptions } from '../peers/peer.ts'
import { type BenchCase, type Subject, wireOf } from './cases.ts'
import {
  ask,
  type GeneratorOptions,
  type LoadAnswer,
  type LoadQuestion,
  type LoadResult,
  nextMessage,
  type PacedResult,
  type ServerAnswer,
  type ServerMemory,
  type ServerQuestion,
} from './messages.ts'

/** Every process that was started and has not ended; `killAll` ends them. */
const running = new Set<ChildProcess>()

/** @param log where the process writes what it says on stderr. Default: this one's */
function start(file: string, args: readonly string[], log: number | 'inherit' = 'inherit'): ChildProcess {
  const child = fork(fileURLToPath(new URL(file, import.meta.url)), args, {
    execArgv: ['--conditions=fieldstone-source'],
    env: { ...process.env, NODE_ENV: 'production' },
    stdio: ['ignore', 'inherit', log, 'ipc'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

/** Ends every process at once: the load generator at the end, and all where the bench is stopped. */
export function killAll(): void {
  for (const child of running) child.kill('SIGKILL')
}

/** A subject's server in a process of its own. */
export interface SubjectServer {
  readonly subject: Subject
  readonly port: number
  /** Forgets what it has logged, which may be a line a request. */
  emptyLog(): void
  /** User and system time of the whole process so far, microseconds. */
  cpuMicros(): Promise<number>
  /** @param collect whether garbage is collected first */
  memory(collect: boolean): Promise<ServerMemory>
  startProfile(): Promise<void>
  /** Writes a `.cpuprofile`. */
  stopProfile(file: string): Promise<void>
  stop(): Promise<void>
}

const LOG_ENDING = '.log'

/** The end of what each server in a bench's folder has logged since it was last forgotten, for whoever looks for what went wrong. */
export function logsIn(folder: string): readonly string[] {
  const logs = readdirSync(folder).filter((name) => name.endsWith(LOG_ENDING))
  return logs.map((name) => readFileSync(join(folder, name), 'utf8').slice(-4_000)).filter((text) => text !== '')
}

export async function startServer(subject: Subject, options: PeerOptions): Promise<SubjectServer> {
  const log = openSync(join(options.folder, `${subject}${LOG_ENDING}`), 'a')
  const child = start(`../peers/${subject}.ts`, [JSON.stringify(options)], log)
  const tell = <Kind extends ServerAnswer['kind']>(question: ServerQuestion): Promise<ServerAnswer & { kind: Kind }> =>
    ask(child, subject, question)
  const { port } = await nextMessage<ServerAnswer & { kind: 'listening' }>(child, subject)
  return {
    subject,
    port,
    emptyLog: () => ftruncateSync(log),
    cpuMicros: async () => (await tell<'cpu'>({ kind: 'cpu' })).cpuMicros,
    memory: async (collect) => {
      const { rssBytes, heapBytes } = await tell<'memory'>({ kind: 'memory', collect })
      return { rssBytes, heapBytes }
    },
    startProfile: async () => void (await tell({ kind: 'startProfile' })),
    stopProfile: async (file) => void (await tell({ kind: 'stopProfile', file })),
    stop: async () => {
      const ended = once(child, 'exit')
      await tell({ kind: 'stop' })
      await ended
      closeSync(log)
    },
  }
}

/** The load generator in a process of its own. */
export interface LoadGenerator {
  /** Opens connections to a server; those to the last one are closed. */
  connect(server: SubjectServer, benchCase: BenchCase, connections: number): Promise<void>
  /** A closed loop: each connection sends the next request when it has an answer. */
  load(seconds: number): Promise<LoadResult>
  /** An open loop of so many requests a second, over connections of its own. */
  pace(server: SubjectServer, benchCase: BenchCase, pace: Pace): Promise<PacedResult>
}

export interface Pace {
  readonly rps: number
  readonly seconds: number
  readonly connections: number
}

export function startLoadGenerator(options: GeneratorOptions): LoadGenerator {
  const child = start('./load-generator.ts', [JSON.stringify(options)])
  const tell = <Kind extends LoadAnswer['kind']>(question: LoadQuestion): Promise<LoadAnswer & { kind: Kind }> =>
    ask(child, 'the load generator', question)
  return {
    connect: async ({ subject, port }, { name }, connections) =>
      void (await tell({ kind: 'connect', port, caseName: name, wire: wireOf(subject), connections })),
    load: (seconds) => tell<'loaded'>({ kind: 'load', seconds }),
    pace: async ({ subject, port }, { name }, pace) => {
      const target = { port, caseName: name, wire: wireOf(subject), ...pace }
      const { kind: _, ...result } = await tell<'paced'>({ kind: 'pace', ...target })
      return result
    },
  }
}
