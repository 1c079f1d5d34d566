import { FieldstoneError } from '../errors.ts'
import type { RegistryBatchView } from '../registry/registry.ts'
import type { OnlineStore } from '../stores/online/online-store.ts'
import { readCellHeader } from '../stores/online/row-codec.ts'
import { keyName } from './batch-winners.ts'

const BATCH_KEYS = 1_000

/** Keys of a static table whose row of this run was rejected. */
export interface KeptKeys {
  add(key: Uint8Array): void
  /** Where more were added than are remembered, every key is kept: such a table does not tell which keys have left it. */
  has(key: Uint8Array): boolean
}

const MAX_KEPT_KEYS = 100_000

export function keptKeys(maxKeys = MAX_KEPT_KEYS): KeptKeys {
  const names = new Set<string>()
  let isOverfull = false
  return {
    add: (key) => {
      if (names.size < maxKeys) names.add(keyName(key))
      else isOverfull ||= !names.has(keyName(key))
    },
    has: (key) => isOverfull || names.has(keyName(key)),
  }
}

/** Removes the keys of a static view that its last run has not written (SPEC V4), and gives how many there were. */
export async function removeAbsentKeys(
  store: OnlineStore,
  view: RegistryBatchView,
  run: {
    /** The order of the rows that the run wrote. */
    readonly orderMicros: number
    /** Keys whose row of the table was rejected have not left the table. */
    readonly kept: KeptKeys
    /** Called before each batch is removed; a throw ends the removal. */
    readonly onBatch: () => void
  },
): Promise<number> {
  const cells = { entity: view.entity.name, view: view.id, part: 0 }
  let removed = 0
  let absent: Uint8Array[] = []
  const removeBatch = async (): Promise<void> => {
    run.onBatch()
    await store.delete({ ...cells, keys: absent })
    removed += absent.length
    absent = []
  }
  for await (const { key, cell } of store.iterate(cells)) {
    if (writtenAt(cell) >= run.orderMicros || run.kept.has(key)) continue
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
