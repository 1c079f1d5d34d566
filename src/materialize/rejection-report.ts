import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { formatTimestamp } from '../lib/micros.ts'
import type { OfflineValue } from '../stores/offline/offline-store.ts'
import type { Rejection, RejectionReason } from './row-decoder.ts'
import { shownValue } from './shown-value.ts'

/** Where rejected rows go, one JSON line each. The file is made with the first of them; one of an earlier run of the same view and now is replaced. */
export interface RejectionReport {
  add(rejection: Rejection, row: readonly OfflineValue[]): void
  /** Writes what was added since the last call. */
  flush(): Promise<void>
  /** Undefined: nothing was rejected. */
  readonly file: string | undefined
  readonly count: number
  readonly byReason: Readonly<Partial<Record<RejectionReason, number>>>
}

export function rejectionReport(
  directory: string,
  options: {
    readonly view: string
    readonly nowMicros: number
    readonly columns: readonly string[]
    /** Whether the run goes on where an earlier one was stopped, and so does its file. */
    readonly continues: boolean
  },
): RejectionReport {
  const instant = formatTimestamp(options.nowMicros).replaceAll(':', '-')
  const path = join(directory, `${options.view}-${instant}.rejected.jsonl`)
  const byReason: Partial<Record<RejectionReason, number>> = {}
  let count = 0
  let pending: string[] = []
  let flag = options.continues ? 'a' : 'w'
  return {
    add: ({ reason, column, detail }, row) => {
      count += 1
      byReason[reason] = (byReason[reason] ?? 0) + 1
      const values = Object.fromEntries(options.columns.map((name, index) => [name, shownValue(row[index] ?? null)]))
      pending.push(`${JSON.stringify({ reason, column, detail, row: values })}\n`)
    },
    flush: async () => {
      if (pending.length === 0) return
      const lines = pending.join('')
      pending = []
      await mkdir(directory, { recursive: true })
      await writeFile(path, lines, { flag })
      flag = 'a'
    },
    get file() {
      return count === 0 ? undefined : path
    },
    get count() {
      return count
    },
    byReason,
  }
}
