import { setTimeout as wait } from 'node:timers/promises'
import type { OnlineStore, ReadRequest } from '../../src/stores/online/online-store.ts'

/** Delays the reads of a real store, as a store behind a network does. */
export interface SlowStore {
  readonly through: (store: OnlineStore) => OnlineStore
  /** Every read that was asked for, with its signal. */
  readonly reads: ReadRequest[]
}

export function slowStore(options: {
  readonly delayMillis: number
  /** Whose reads wait. Default: those of all. */
  readonly entity?: string
  /** Whether a read ends when its signal is aborted. Default true. */
  readonly listens?: boolean
}): SlowStore {
  const { delayMillis, entity, listens = true } = options
  const reads: ReadRequest[] = []
  const through = (store: OnlineStore): OnlineStore => ({
    ...store,
    read: async (request) => {
      if (request.entity.startsWith('_')) return store.read(request)
      reads.push(request)
      if (entity === undefined || entity === request.entity)
        await delay(delayMillis, listens ? request.signal : undefined)
      return store.read(request)
    },
  })
  return { through, reads }
}

async function delay(millis: number, signal: AbortSignal | undefined): Promise<void> {
  try {
    await wait(millis, undefined, { ref: false, ...(signal === undefined ? {} : { signal }) })
  } catch (error) {
    throw signal?.reason ?? error
  }
}
