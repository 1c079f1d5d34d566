/** What a primary tells its workers. */
export type ToWorker =
  /** Answer what is in flight, and end. */
  | { readonly kind: 'drain' }
  /** Tell your report. */
  | { readonly kind: 'report'; readonly collection: number }
  /** What all workers told, for the one that asked. */
  | { readonly kind: 'collected'; readonly request: number; readonly reports: readonly unknown[] }

/** What a worker tells its primary. */
export type FromWorker =
  | { readonly kind: 'serving'; readonly url: string }
  /** Asks for the reports of all workers, its own among them. */
  | { readonly kind: 'collect'; readonly request: number }
  | { readonly kind: 'reported'; readonly collection: number; readonly report: unknown }

/** Tells a worker which of the workers it is: 1 and up. One that takes another's place has its number. */
export const WORKER_NUMBER = 'FIELDSTONE_WORKER'

/** Tells workers the one port of all. */
export const WORKER_PORT = 'FIELDSTONE_WORKER_PORT'
