import { compareBytes } from '../lib/bytes.ts'
import { orderBytes, readCellHeader } from '../stores/online/row-codec.ts'
import type { DecodedRow } from './row-decoder.ts'

/** The greatest row of each key of a batch by V1, so that the store is asked once a key. */
export interface BatchWinners {
  add(row: DecodedRow): void
  /** The winners since the last call. */
  take(): readonly DecodedRow[]
  /** Rows that another of their batch and key stood above. */
  readonly superseded: number
  /** Rows that were there twice to the byte. */
  readonly unchanged: number
  /** Pairs of rows that only their values tell apart (SPEC V4). */
  readonly ambiguous: number
}

/** Rows come in an order in which those that tie are neighbours, across batches too. */
export function batchWinners(compare: (a: Uint8Array, b: Uint8Array) => number): BatchWinners {
  let winners = new Map<string, DecodedRow>()
  let previous: DecodedRow | undefined
  const counts = { superseded: 0, unchanged: 0, ambiguous: 0 }

  return {
    add: (row) => {
      if (previous !== undefined && isAmbiguous(previous, row)) counts.ambiguous += 1
      previous = row
      const name = Buffer.from(row.key).toString('latin1')
      const winner = winners.get(name)
      const order = winner === undefined ? -1 : compare(winner.cell, row.cell)
      if (winner !== undefined) counts[order === 0 ? 'unchanged' : 'superseded'] += 1
      if (order < 0) winners.set(name, row)
    },
    take: () => {
      const taken = [...winners.values()]
      winners = new Map()
      return taken
    },
    get superseded() {
      return counts.superseded
    },
    get unchanged() {
      return counts.unchanged
    },
    get ambiguous() {
      return counts.ambiguous
    },
  }
}

function isAmbiguous(a: DecodedRow, b: DecodedRow): boolean {
  if (a.eventMicros !== b.eventMicros || a.ingestMicros !== b.ingestMicros) return false
  if (compareBytes(a.key, b.key) !== 0 || compareBytes(a.cell, b.cell) === 0) return false
  return compareBytes(orderBytes(readCellHeader(a.cell)), orderBytes(readCellHeader(b.cell))) === 0
}
