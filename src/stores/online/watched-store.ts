import { type CellBatch, type OnlineStore, type ReadRequest, StaleCell } from './online-store.ts'

/** Calls of a store that are watched: those that go to what is behind it. */
export type StoreCall = 'read' | 'write' | 'updateMany' | 'delete' | 'prepare' | 'health'

/** Told of each call of a store when it has ended. Nothing of it may throw. */
export interface StoreListener {
  /** A read, so many keys by so many cells, also one that failed. */
  onRead(keys: number, cells: number, millis: number): void
  /** What a read gave where it had to wait for it: cells with an error, and stale ones. Not called where there are none. */
  onCells(failed: number, stale: number): void
  /** Any other call, also one that failed. */
  onCall(call: StoreCall, millis: number): void
  /** Called beside the others. */
  onError(call: StoreCall, error: unknown): void
}

/** A store whose calls a listener is told of. Nothing else of it is another. */
export function watchedStore(store: OnlineStore, listener: StoreListener): OnlineStore {
  async function watch<T>(call: StoreCall, work: () => Promise<T>): Promise<T> {
    const startedAt = performance.now()
    try {
      return await work()
    } catch (error) {
      listener.onError(call, error)
      throw error
    } finally {
      listener.onCall(call, performance.now() - startedAt)
    }
  }

  return {
    mergesReads: store.mergesReads,
    ...(store.counts === undefined ? {} : { counts: store.counts }),
    read: (request) => watchRead(store, request, listener),
    write: (request) => watch('write', () => store.write(request)),
    updateMany: (request) => watch('updateMany', () => store.updateMany(request)),
    delete: (request) => watch('delete', () => store.delete(request)),
    iterate: (request) => store.iterate(request),
    prepare: (plan, options) => watch('prepare', () => store.prepare(plan, options)),
    health: () => watch('health', () => store.health()),
    close: () => store.close(),
  }
}

/** A store that answers from memory is not made to wait. */
function watchRead(store: OnlineStore, request: ReadRequest, listener: StoreListener): CellBatch | Promise<CellBatch> {
  const { keys, cells } = request
  const startedAt = performance.now()
  const reading = store.read(request)
  if (!(reading instanceof Promise)) {
    listener.onRead(keys.length, cells.length, performance.now() - startedAt)
    return reading
  }
  return reading.then(
    (batch) => {
      listener.onRead(keys.length, cells.length, performance.now() - startedAt)
      tellCells(batch, listener)
      return batch
    },
    (error) => {
      listener.onRead(keys.length, cells.length, performance.now() - startedAt)
      listener.onError('read', error)
      throw error
    },
  )
}

function tellCells(batch: CellBatch, listener: StoreListener): void {
  let failed = 0
  let stale = 0
  for (const cell of batch) {
    if (cell === undefined || cell instanceof Uint8Array) continue
    if (cell instanceof StaleCell) stale += 1
    else failed += 1
  }
  if (failed > 0 || stale > 0) listener.onCells(failed, stale)
}
