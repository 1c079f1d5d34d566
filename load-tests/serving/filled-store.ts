import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { writeStockRows } from '../peers/stock-rows.ts'
import { type BenchStore, startBenchStore } from './bench-store.ts'
import type { Subject } from './cases.ts'
import { CUSTOMER, VIEWS, writeData } from './data.ts'
import { killAll, logsIn } from './processes.ts'
import { openStore, type StoreName } from './stores.ts'

/** A store with the benchmarks' rows in it. */
export interface FilledStore extends Omit<BenchStore, 'close'> {
  /** This process' own way to it. */
  readonly online: OnlineStore
}

interface FilledStoreOptions {
  readonly store: StoreName
  readonly subjects: readonly Subject[]
  /** Aborted: every process is ended, and the run rejects. */
  readonly signal: AbortSignal
}

/** Does what is to be done with a filled store. Leaves neither data nor processes behind, however it ends. */
export async function withFilledStore<T>(
  { store, subjects, signal }: FilledStoreOptions,
  work: (filled: FilledStore) => Promise<T>,
): Promise<T> {
  process.once('exit', killAll)
  // What waits for one of them is rejected by its end.
  signal.addEventListener('abort', killAll)
  const { close, ...started } = await startBenchStore(store)
  try {
    const online = await openStore(started.place)
    try {
      await online.prepare({ views: VIEWS.map(({ id }) => ({ entity: CUSTOMER.name, view: id })) }, { dryRun: false })
      await writeData(online, signal)
      await writeStockRows(started.place, subjects, signal)
      return await work({ ...started, online })
    } catch (error) {
      if (!signal.aborted) for (const text of logsIn(started.folder)) console.error(text)
      throw error
    } finally {
      killAll()
      await online.close()
    }
  } finally {
    await close()
  }
}
