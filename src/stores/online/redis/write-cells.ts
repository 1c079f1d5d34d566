import { callOut } from '../caller-error.ts'
import {
  type CellBatch,
  type CellWrite,
  cellIn,
  type ReadRequest,
  type WriteRequest,
  type WriteSummary,
} from '../online-store.ts'
import { backOff } from './back-off.ts'
import { checkKey, type EntityNames, type Layout, nameOf, slotOfKey, viewTail } from './layout.ts'
import type { Link } from './link.ts'
import { runScript, type ScriptItem } from './script-calls.ts'
import { OFFER } from './scripts.ts'
import { partWord, swapCells, tailOf } from './swap-cells.ts'

export interface WriteContext {
  readonly link: Link
  readonly layout: Layout
  readonly read: (request: ReadRequest) => Promise<CellBatch>
  /** How long after its retention a cell may be removed; undefined: never, for no other clock than the machine's is known to Redis. */
  readonly removalMarginMillis: number | undefined
}

/** Rows looked at in one go: their keys and cells are held meanwhile. */
const MAX_CHUNK_ROWS = 5_000

export async function writeCells(context: WriteContext, request: WriteRequest): Promise<WriteSummary> {
  const total = { written: 0, superseded: 0, unchanged: 0 }
  const rows = greatestRows(request, total)
  for (let start = 0; start < rows.length; start += MAX_CHUNK_ROWS) {
    await writeChunk(context, { ...request, rows: rows.slice(start, start + MAX_CHUNK_ROWS) }, total)
  }
  return total
}

type Counts = { -readonly [Name in keyof WriteSummary]: WriteSummary[Name] }

/** One row of each key: the greatest. The others count as what they would have come to, one after another. */
function greatestRows({ rows, compare }: WriteRequest, counts: Counts): readonly CellWrite[] {
  const greatest = new Map<string, CellWrite>()
  for (const row of rows) {
    checkKey(row.key)
    const key = Buffer.from(row.key.buffer, row.key.byteOffset, row.key.byteLength).toString('latin1')
    const other = greatest.get(key)
    const order = other === undefined ? -1 : callOut(() => compare(other.cell, row.cell))
    if (other !== undefined) counts[order === 0 ? 'unchanged' : 'superseded'] += 1
    if (order < 0) greatest.set(key, row)
  }
  return greatest.size === rows.length ? rows : [...greatest.values()]
}

/** A row that has met another cell, which only `compare` can tell from it. */
interface Met {
  readonly row: CellWrite
  readonly stored: Uint8Array | undefined
}

/** Round after round, until what was compared is what was there when the row was stored. */
async function writeChunk(context: WriteContext, request: WriteRequest, counts: Counts): Promise<void> {
  const names = context.layout.namesOf(request.entity)
  let rows: readonly CellWrite[] = request.rows
  for (let round = 0; rows.length > 0; round += 1) {
    if (round > 0) await backOff(round)
    const met = await (request.packed === true
      ? offerRows(context, { ...request, rows }, { names, counts })
      : readRows(context, { ...request, rows }))
    rows = await settleRows(context, { request, names, met }, counts)
  }
}

interface Offering {
  readonly names: EntityNames
  readonly counts: Counts
}

/** Lets the server compare; what it cannot tell comes back. */
async function offerRows(
  context: WriteContext,
  request: WriteRequest,
  { names, counts }: Offering,
): Promise<readonly Met[]> {
  const { view, part, rows } = request
  const tail = viewTail(view)
  const ownTail = tailOf(tail, part)
  const items = rows.map((row): ScriptItem => {
    const name = nameOf(names.head, row.key, ownTail)
    return {
      slot: slotOfKey(names, row.key),
      names: part === 0 ? [name] : [name, nameOf(names.indexHead, row.key, tail)],
      words: [row.cell, removableAt(context, row)],
    }
  })
  const replies = await runScript(context.link, OFFER, { items, head: [partWord(part)] })
  const met: Met[] = []
  replies.forEach((reply, index) => {
    if (reply === 1) counts.written += 1
    else if (reply === 2) counts.superseded += 1
    else if (reply === 3) counts.unchanged += 1
    else met.push({ row: rows[index]!, stored: reply as Buffer })
  })
  return met
}

async function readRows({ read }: WriteContext, { entity, view, part, rows }: WriteRequest): Promise<readonly Met[]> {
  const found = await read({ entity, keys: rows.map(({ key }) => key), cells: [{ view, part }] })
  return rows.map((row, index) => ({ row, stored: cellIn(found[index]) }))
}

interface Settling {
  readonly request: WriteRequest
  readonly names: EntityNames
  readonly met: readonly Met[]
}

/** Compares, and stores what is later in the place of what it was compared with. Gives the rows that came too late for that. */
async function settleRows(
  context: WriteContext,
  { request, names, met }: Settling,
  counts: Counts,
): Promise<readonly CellWrite[]> {
  const { view, part, compare } = request
  const later: Met[] = []
  const same: Met[] = []
  for (const one of met) {
    const order = one.stored === undefined ? -1 : callOut(() => compare(one.stored!, one.row.cell))
    if (order < 0) later.push(one)
    else if (order > 0) counts.superseded += 1
    // The same row may have been given another life.
    else same.push(one)
  }
  const swapping = [...later, ...same]
  const swaps = swapping.map(({ row, stored }, index) => {
    const next = index < later.length ? row.cell : stored!
    return { key: row.key, cells: [{ part, expected: stored, next, removableAt: removableAt(context, row) }] }
  })
  const swapped = await swapCells(context.link, { names, view }, swaps)
  const missed: CellWrite[] = []
  swapped.forEach((holds, index) => {
    if (!holds) missed.push(swapping[index]!.row)
    else counts[index < later.length ? 'written' : 'unchanged'] += 1
  })
  return missed
}

function removableAt({ removalMarginMillis }: WriteContext, { removableAfterMicros }: CellWrite): string {
  if (removalMarginMillis === undefined || removableAfterMicros === undefined) return ''
  return String(Math.max(1, Math.ceil(removableAfterMicros / 1_000) + removalMarginMillis))
}
