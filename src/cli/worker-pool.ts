import cluster, { type Worker } from 'node:cluster'
import type { Logger } from 'pino'
import { EXIT_CODES } from './exit-codes.ts'
import { endLostConnections } from './lost-connections.ts'
import { type FromWorker, WORKER_NUMBER, WORKER_PORT } from './worker-messages.ts'
import { createWorkerReports, send } from './worker-reports.ts'

export interface WorkerPoolOptions {
  /** At least 1. */
  readonly count: number
  /** Where all of them listen; not 0. */
  readonly port: number
  readonly logger: Logger
  /** Told once, when all of them serve for the first time. */
  readonly onServing: (url: string) => void
}

/** The processes that serve, as the one sees them that started them. */
export interface WorkerPool {
  /** Resolves with the primary's exit code when no worker is left: they were told to drain, or could not be started. */
  readonly ended: Promise<number>
  /** Lets all answer what is in flight and end. A second call does nothing. */
  drain(): void
}

/** After this, a worker that was told to drain is ended: longer than a gateway takes to cut off what it still answers. */
const DRAIN_MILLIS = 15_000

/** One that ends before it has served as long is likely to do so again. */
const STEADY_MILLIS = 5_000

/** How long a place stays empty after such an end; doubled at each that follows. */
const FIRST_PAUSE_MILLIS = 250
const MAX_PAUSE_MILLIS = 30_000

/** With so many such ends in a row and no worker left that serves, there is nothing to hope for. */
const MAX_FALSE_STARTS = 5

interface Running {
  readonly worker: Worker
  readonly number: number
  /** Undefined: it does not serve yet. */
  servingSince: number | undefined
}

/**
 * Starts workers that run the same command as this process, and one in the place of each that ends. What keeps the first from
 * serving would keep all, so the others come after it; where it ends before, that is the end, with its exit code.
 */
export function startWorkerPool({ count, port, logger, onServing }: WorkerPoolOptions): WorkerPool {
  const running = new Map<number, Running>()
  const pauses = new Set<NodeJS.Timeout>()
  const { promise: ended, resolve: end } = Promise.withResolvers<number>()
  const reports = createWorkerReports(() => serving().map(({ worker }) => worker))
  let hasServed = false
  let isComplete = false
  let isDraining = false
  let exitCode: number = EXIT_CODES.ok.code
  let falseStarts = 0

  const serving = (): readonly Running[] =>
    [...running.values()].filter(({ servingSince }) => servingSince !== undefined)

  function start(number: number): void {
    if (isDraining) return
    const worker = cluster.fork({ [WORKER_NUMBER]: number, [WORKER_PORT]: port })
    endLostConnections(worker)
    running.set(worker.id, { worker, number, servingSince: undefined })
    worker.on('message', (message: FromWorker) => onMessage(worker, message))
    // What cannot be told to a worker that ends is of no use to it.
    worker.on('error', (err) => logger.debug({ worker: number, err }, 'a message to a worker was lost'))
    worker.on('exit', (code, signal) => onExit(worker, code ?? undefined, signal ?? undefined))
  }

  function onMessage(worker: Worker, message: FromWorker): void {
    if (message.kind === 'serving') onServingWorker(worker, message.url)
    else reports.onMessage(worker, message)
  }

  function onServingWorker(worker: Worker, url: string): void {
    running.get(worker.id)!.servingSince = performance.now()
    if (!hasServed) for (let number = 2; number <= count; number += 1) start(number)
    hasServed = true
    if (isComplete || serving().length < count) return
    isComplete = true
    onServing(url)
  }

  function onExit(worker: Worker, code: number | undefined, signal: string | undefined): void {
    const { number, servingSince } = running.get(worker.id)!
    running.delete(worker.id)
    reports.onExit(worker)
    if (!isDraining) replace({ number, servingSince, code, signal, workerPid: worker.process.pid })
    if (isDraining && running.size === 0) end(exitCode)
  }

  function replace(gone: Pick<Running, 'number' | 'servingSince'> & Gone): void {
    const { number, servingSince, ...how } = gone
    const wasSteady = servingSince !== undefined && performance.now() - servingSince >= STEADY_MILLIS
    falseStarts = wasSteady ? 0 : falseStarts + 1
    if (!hasServed || (falseStarts >= MAX_FALSE_STARTS && serving().length === 0)) {
      exitCode = how.code || EXIT_CODES.bug.code
      if (how.signal !== undefined) logger.fatal({ worker: number, ...how }, 'a worker ended before it could serve')
      drain()
      return
    }
    const pauseMillis = pauseAfter(falseStarts)
    logger.error({ worker: number, ...how, pauseMillis }, 'a worker ended: another takes its place')
    const pause = setTimeout(() => {
      pauses.delete(pause)
      start(number)
    }, pauseMillis)
    pauses.add(pause)
  }

  function drain(): void {
    if (isDraining) return
    isDraining = true
    for (const pause of pauses) clearTimeout(pause)
    for (const { worker } of running.values()) send(worker, { kind: 'drain' })
    setTimeout(() => {
      for (const { worker, number } of running.values()) {
        logger.warn({ worker: number }, 'the deadline to drain has passed: a worker is ended')
        worker.process.kill('SIGKILL')
      }
    }, DRAIN_MILLIS).unref()
    if (running.size === 0) end(exitCode)
  }

  start(1)
  return { ended, drain }
}

function pauseAfter(falseStarts: number): number {
  return falseStarts === 0 ? 0 : Math.min(FIRST_PAUSE_MILLIS * 2 ** (falseStarts - 1), MAX_PAUSE_MILLIS)
}

interface Gone {
  readonly code: number | undefined
  readonly signal: string | undefined
  readonly workerPid: number | undefined
}
