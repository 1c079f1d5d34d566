import cluster from 'node:cluster'
import { type FromWorker, type ToWorker, WORKER_NUMBER, WORKER_PORT } from './worker-messages.ts'

/** What a process is to the primary that started it. */
export interface WorkerProcess {
  /** Which of the workers it is: 1 and up. */
  readonly number: number
  /** Where all workers listen. */
  readonly port: number
  /** Resolves when it is to answer what is in flight and end: its primary says so, or it has SIGTERM. */
  readonly stopped: Promise<void>
  /** Tells the primary that it listens. */
  serving(url: string): void
  /** Says what the primary is given for `collect`. */
  answerReports(report: () => Promise<unknown>): void
  /** The reports of all workers that answer, its own among them, in no order. */
  collect(): Promise<readonly unknown[]>
  /** Lets go of the primary: the process ends when nothing else is left to do. */
  leave(): void
}

/** Undefined: no primary has started this process. */
export function workerProcess(): WorkerProcess | undefined {
  const { worker } = cluster
  const number = Number(process.env[WORKER_NUMBER])
  if (worker === undefined || !Number.isSafeInteger(number)) return undefined
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>()
  const collecting = new Map<number, (reports: readonly unknown[]) => void>()
  let report: () => Promise<unknown> = async () => undefined
  const tell = (message: FromWorker): void => {
    if (worker.isConnected()) worker.send(message)
  }

  function onMessage(message: ToWorker): void {
    switch (message.kind) {
      case 'drain':
        stop()
        break
      case 'report':
        void report().then((told) => tell({ kind: 'reported', collection: message.collection, report: told }))
        break
      case 'collected':
        collecting.get(message.request)?.(message.reports)
        collecting.delete(message.request)
        break
      default:
        message satisfies never
    }
  }

  process.on('message', onMessage)
  process.once('SIGTERM', () => stop())
  // Ctrl-C goes to all processes of a terminal: what it means for the workers, the primary says.
  process.on('SIGINT', () => {})
  let requests = 0
  return {
    number,
    port: Number(process.env[WORKER_PORT]),
    stopped,
    serving: (url) => tell({ kind: 'serving', url }),
    answerReports: (give) => {
      report = give
    },
    collect: () =>
      new Promise((resolve) => {
        requests += 1
        collecting.set(requests, resolve)
        tell({ kind: 'collect', request: requests })
      }),
    leave: () => {
      process.off('message', onMessage)
      worker.disconnect()
    },
  }
}
