import type { MaterializeSummary } from '../materialize/materialize.ts'
import { textTable } from './text-table.ts'

const HEAD = [
  'view',
  'read',
  'written',
  'superseded',
  'unchanged',
  'removed',
  'ambiguous',
  'rejected',
  'seconds',
  'rows/s',
]

/** What `fieldstone materialize` prints: a line for each view. Empty where none was run. */
export function summaryLines(summaries: readonly MaterializeSummary[]): readonly string[] {
  return summaries.length === 0 ? [] : textTable(HEAD, summaries.map(summaryRow))
}

function summaryRow(summary: MaterializeSummary): readonly string[] {
  const { view, read, written, superseded, unchanged, removed, ambiguous, rejected, durationMillis } = summary
  const seconds = durationMillis / 1000
  const counts = [read, written, superseded, unchanged, removed, ambiguous, rejected].map(String)
  return [view, ...counts, seconds.toFixed(1), String(Math.round(read / Math.max(seconds, 0.001)))]
}
