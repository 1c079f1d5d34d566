import type { Worker } from 'node:cluster'
import type { FromWorker, ToWorker } from './worker-messages.ts'

/** A worker that does not tell its report within this time is left out. */
const PATIENCE_MILLIS = 1_000

/** Gathers the reports of all workers for the one that asks. */
export interface WorkerReports {
  /** Takes the messages that are about reports. */
  onMessage(from: Worker, message: FromWorker): void
}

interface Collection {
  readonly reports: unknown[]
  missing: number
  end(): void
}

/** @param workers those that serve now */
export function createWorkerReports(workers: () => readonly Worker[]): WorkerReports {
  const collections = new Map<number, Collection>()
  let count = 0

  function collect(asker: Worker, request: number): void {
    count += 1
    const id = count
    const asked = workers()
    const end = (): void => {
      clearTimeout(timer)
      collections.delete(id)
      send(asker, { kind: 'collected', request, reports: collection.reports })
    }
    const collection: Collection = { reports: [], missing: asked.length, end }
    const timer = setTimeout(end, PATIENCE_MILLIS)
    collections.set(id, collection)
    for (const worker of asked) send(worker, { kind: 'report', collection: id })
    if (asked.length === 0) end()
  }

  function onReport(id: number, report: unknown): void {
    const collection = collections.get(id)
    if (collection === undefined) return
    collection.reports.push(report)
    collection.missing -= 1
    if (collection.missing === 0) collection.end()
  }

  return {
    onMessage: (from, message) => {
      if (message.kind === 'collect') collect(from, message.request)
      else if (message.kind === 'reported') onReport(message.collection, message.report)
    },
  }
}

/** A worker that has just ended needs no message. */
export function send(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) worker.send(message, () => {})
}
