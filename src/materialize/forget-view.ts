import type { Records } from '../stores/online/records.ts'

/** Kinds of record that tell how far runs of a view have come. Not a static run's order: rows that are still there were written under it. */
const KINDS = ['watermark', 'checkpoint', 'scheduledInstant'] as const

/** Forgets how far runs of a view version have come: its rows are to be deleted, so a later run of that version must begin anew. */
export async function forgetView(records: Records, viewId: string): Promise<void> {
  for (const kind of KINDS) await records.update(kind, viewId, () => undefined)
}
