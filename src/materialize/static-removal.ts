import { FieldstoneError } from '../errors.ts'
import type { RegistryBatchView } from '../registry/registry.ts'
import type { OnlineStore } from '../stores/online/online-store.ts'
import { readCellHeader } from '../stores/online/row-codec.ts'

const BATCH_KEYS = 1_000

/** Removes the keys of a static view that its last run has not written (SPEC V4), and gives how many there were. */
export async function removeAbsentKeys(
  store: OnlineStore,
  view: RegistryBatchView,
  run: {
    /** The order of the rows that the run wrote. */
    readonly orderMicros: number
    /** Keys whose row of the table was rejected have not left the table. */
    readonly isKept: (key: Uint8Array) => boolean
    readonly onBatch: () => Promise<void>
  },
): Promise<number> {
  const cells = { entity: view.entity.name, view: view.id, part: 0 }
  let removed = 0
  let absent: Uint8Array[] = []
  const removeBatch = async (): Promise<void> => {
    removed += absent.length
    await store.delete({ ...cells, keys: absent })
    absent = []
    await run.onBatch()
  }
  for await (const { key, cell } of store.iterate(cells)) {
    if (writtenAt(cell) >= run.orderMicros || run.isKept(key)) continue
    absent.push(key)
    if (absent.length >= BATCH_KEYS) await removeBatch()
  }
  if (absent.length > 0) await removeBatch()
  return removed
}

/** A cell that cannot be read was not written by this run. */
function writtenAt(cell: Uint8Array): number {
  try {
    return readCellHeader(cell).ingestMicros
  } catch (error) {
    if (error instanceof FieldstoneError) return Number.NEGATIVE_INFINITY
    throw error
  }
}
