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
  /** Rows that another stands above by its values alone (SPEC V4): key, times and tie-breaker are the same. */
  readonly ambiguous: number
}

type Compare = (a: Uint8Array, b: Uint8Array) => number

/** Rows come in an order in which those that tie are neighbours, across batches too. */
export function batchWinners(compare: Compare): BatchWinners {
  let winners = new Map<string, DecodedRow>()
  const ties = tiedRows(compare)
  const counts = { superseded: 0, unchanged: 0 }

  return {
    add: (row) => {
      ties.add(row)
      const name = keyName(row.key)
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
      return ties.ambiguous
    },
  }
}

/** A key's bytes as a key of a Map or Set. */
export function keyName(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1')
}

/** Counts rows that lose by their values alone. The count is the same in whatever order the rows of a tie come. */
function tiedRows(compare: Compare) {
  let greatest: DecodedRow | undefined
  /** Rows of the present tie, and how many of them are the greatest one over again. */
  let rows = 0
  let greatestRows = 0
  let settled = 0

  function begin(row: DecodedRow): void {
    settled += rows - greatestRows
    greatest = row
    rows = 1
    greatestRows = 1
  }

  return {
    add: (row: DecodedRow) => {
      if (greatest === undefined || !isTie(greatest, row)) return begin(row)
      const order = compare(greatest.cell, row.cell)
      rows += 1
      if (order < 0) greatest = row
      if (order <= 0) greatestRows = order === 0 ? greatestRows + 1 : 1
    },
    get ambiguous() {
      return settled + rows - greatestRows
    },
  }
}

function isTie(a: DecodedRow, b: DecodedRow): boolean {
  if (a.eventMicros !== b.eventMicros || a.ingestMicros !== b.ingestMicros || compareBytes(a.key, b.key) !== 0)
    return false
  return compareBytes(orderBytes(readCellHeader(a.cell)), orderBytes(readCellHeader(b.cell))) === 0
}
