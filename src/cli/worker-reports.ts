import type { Worker } from 'node:cluster'
import type { MetricsReport } from '../server/metrics/metrics-text.ts'
import { summedCounts } from '../server/metrics/summed-counts.ts'
import type { FromWorker, ToWorker } from './worker-messages.ts'

/** Of a worker that does not tell its report within this time the one before is taken: what it has counted must not seem to be gone. */
const PATIENCE_MILLIS = 1_000

/** Gathers the reports of all workers for the one that asks. */
export interface WorkerReports {
  /** Takes the messages that are about reports. */
  onMessage(from: Worker, message: FromWorker): void
  /** A worker has ended: what it had counted when it was last asked goes on being told. */
  onExit(worker: Worker): void
}

interface Collection {
  readonly missing: Set<Worker>
  end(): void
}

/** @param workers those that serve now */
export function createWorkerReports(workers: () => readonly Worker[]): WorkerReports {
  const collections = new Map<number, Collection>()
  const lastReports = new WeakMap<Worker, unknown>()
  let gone: MetricsReport = []
  let count = 0

  function collect(asker: Worker, request: number): void {
    count += 1
    const id = count
    const asked = workers()
    const end = (): void => {
      clearTimeout(timer)
      collections.delete(id)
      const reports = workers()
        .map((worker) => lastReports.get(worker))
        .filter((report) => report !== undefined)
      send(asker, { kind: 'collected', request, reports: gone.length > 0 ? [...reports, gone] : reports })
    }
    const timer = setTimeout(end, PATIENCE_MILLIS)
    collections.set(id, { missing: new Set(asked), end })
    for (const worker of asked) send(worker, { kind: 'report', collection: id })
    if (asked.length === 0) end()
  }

  function onReport(from: Worker, id: number, report: unknown): void {
    lastReports.set(from, report)
    const collection = collections.get(id)
    if (collection !== undefined) leave(collection, from)
  }

  function leave({ missing, end }: Collection, worker: Worker): void {
    if (missing.delete(worker) && missing.size === 0) end()
  }

  function onExit(worker: Worker): void {
    const last = lastReports.get(worker)
    if (Array.isArray(last)) gone = summedCounts([gone, last])
    for (const collection of [...collections.values()]) leave(collection, worker)
  }

  return {
    onMessage: (from, message) => {
      if (message.kind === 'collect') collect(from, message.request)
      else if (message.kind === 'reported') onReport(from, message.collection, message.report)
    },
    onExit,
  }
}

/** A worker that has just ended needs no message. */
export function send(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => {})
}
