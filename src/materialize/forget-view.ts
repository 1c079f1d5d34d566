import type { Records } from '../stores/online/records.ts'

/** Every kind of record that runs keep of a view, by its id. */
const KINDS = ['watermark', 'checkpoint', 'staticOrder', 'scheduledInstant'] as const

/** Forgets how far runs of a view version have come: its rows are deleted, so a later run of that version must begin anew. */
export async function forgetView(records: Records, viewId: string): Promise<void> {
  for (const kind of KINDS) await records.update(kind, viewId, () => undefined)
}
