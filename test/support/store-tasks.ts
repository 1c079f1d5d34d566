/** Run by `startStoreProcess`: one task on a store, in a process of its own. */
import type { FieldstoneError } from '../../src/errors.ts'
import { createColumnLists } from '../../src/stores/online/column-lists.ts'
import { recordDeployment } from '../../src/stores/online/deployment.ts'
import { acquireLease } from '../../src/stores/online/leases.ts'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { createRecords } from '../../src/stores/online/records.ts'
import { writeRows } from '../../src/stores/online/row-writer.ts'
import { batchOf, batchOfKilled, cellOf, keyOf, PAIR, type PairRow, partsOfKilled } from './sample-rows.ts'
import { openStore, type StoreAddress } from './store-process.ts'

type Task = (store: OnlineStore, details: never) => Promise<void>

const TASKS: Readonly<Record<string, Task>> = {
  /** Writes rows in the order given, so many a call. */
  writeRows: async (store, { rows, callRows }: { readonly rows: readonly PairRow[]; readonly callRows: number }) => {
    const lists = createColumnLists(store)
    await lists.record(PAIR)
    for (let start = 0; start < rows.length; start += callRows) {
      const part = rows.slice(start, start + callRows)
      const writes = part.map((row) => ({
        key: keyOf(row.key),
        cell: cellOf(PAIR, row),
        removableAfterMicros: undefined,
      }))
      await writeRows(store, lists, { entity: 'Thing', view: 'pair@1', rows: writes })
    }
  },
  /** Adds one to a counter, again and again. */
  increment: async (store, { times }: { readonly times: number }) => {
    const records = createRecords(store)
    for (let time = 0; time < times; time += 1) await records.update<number>('counter', 'shared', (n = 0) => n + 1)
  },
  /** Writes batches and says the number of each that was acknowledged, until it is killed. */
  writeUntilKilled: async (store, { from }: { readonly from: number }) => {
    for (let batch = from; ; batch += 1) {
      await store.write({ ...batchOfKilled(batch), compare: () => -1 })
      await store.updateMany(partsOfKilled(batch))
      process.send!(batch)
    }
  },
  /** Writes batches until three have failed, and prints what came of them. */
  writeUntilFull: async (store) => {
    const codes: string[] = []
    let batches = 0
    while (codes.length < 3 && batches < 1_000) {
      try {
        await store.write({ ...batchOfKilled(batches + 1), compare: () => -1 })
        batches += 1
      } catch (error) {
        codes.push((error as FieldstoneError).code)
      }
    }
    let cellsAfter = 0
    for await (const { cell } of store.iterate({ entity: 'Thing', view: 'killed@1', part: 0 })) {
      if (batchOf(cell) <= batches) cellsAfter += 1
    }
    console.log(JSON.stringify({ batches, codes, cellsAfter }))
  },
  /** Writes a row for each message, and answers when it is acknowledged. */
  writeOnDemand: async (store) => {
    const lists = createColumnLists(store)
    await lists.record(PAIR)
    process.send!('ready')
    for (;;) {
      const row = await new Promise<PairRow | null>((resolve) => {
        process.once('message', (message) => resolve(message as PairRow | null))
      })
      if (row === null) return
      const rows = [{ key: keyOf(row.key), cell: cellOf(PAIR, row), removableAfterMicros: undefined }]
      await writeRows(store, lists, { entity: 'Thing', view: 'pair@1', rows })
      process.send!('written')
    }
  },
  /** Tries to take a lease, and says whether it did. */
  takeLease: async (store) => {
    const taken = await acquireLease(createRecords(store), 'work').then(
      () => true,
      () => false,
    )
    process.send!(taken)
  },
  /** Records deployments of one view, each with a fingerprint of its own. */
  recordDeployments: async (store, { name, times }: { readonly name: string; readonly times: number }) => {
    const records = createRecords(store)
    for (let time = 0; time < times; time += 1) {
      const view = { entity: 'Thing', view: 'pair@1', fingerprint: `${name}${time}`, columnList: PAIR.fingerprint }
      await recordDeployment(records, { snapshot: name, views: [view], dropped: [] })
    }
  },
}

const [task, address, details] = process.argv.slice(2)
const store = await openStore(JSON.parse(address!) as StoreAddress)
await TASKS[task!]!(store, JSON.parse(details!) as never)
await store.close()
if (process.connected) process.disconnect()
