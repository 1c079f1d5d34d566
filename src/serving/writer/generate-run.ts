import type { RegistryBatchView } from '../../registry/registry.ts'
import type { ByteWriter } from '../byte-writer.ts'
import { ownColumnsOf, type RowObject } from '../row-set.ts'
import type { Write } from './write-context.ts'

/** Of a leaf in a run of stored features: what stands before it, and in its stead where it is not PRESENT. */
export interface Leaf {
  readonly prefix: Buffer
  readonly featureIndex: number
  readonly otherwise: Buffer
}

/** Leaves of one view that follow each other in an answer. */
export interface StoredRun {
  readonly leaves: readonly Leaf[]
  /** Of the view in `entity.batchViews`. */
  readonly position: number
  readonly view: RegistryBatchView
  /** What is written where the row is not PRESENT. */
  readonly absent: Buffer
}

/** Texts longer than this are copied by `set`; below, the call costs more than the loop. */
const LOOP_BYTES = 64

/**
 * Makes code for a run: names become numbers in the code, four bytes a store, and values are copied by words, up to eight bytes at once.
 * It is for rows that hold the view's features as they are now, which are nearly all; `interpret` writes the others. The code is made of
 * numbers alone: no text of a client or of a definition becomes part of it.
 */
export function generateRun(run: StoredRun, interpret: Write<RowObject>): Write<RowObject> {
  const make = new Function('own', 'interpret', 'copyLong', sourceOf(run))
  return make(ownColumnsOf(run.view), interpret, copyLong)
}

function sourceOf({ leaves, position, absent }: StoredRun): string {
  // Constants are stored by words, so the last one may reach three bytes too far: into room that is reserved.
  const room = absent.length + LOOP_BYTES * leaves.length + 4
  return `return (object, context) => {
  const cell = object.row.cells[${position}]
  if (cell.columns !== own || cell.status !== 'PRESENT') return interpret(object, context)
  const { out } = context
  const { bytes, offsetsAt } = cell.header
  out.reserve(${room})
  let to = out.view
  const from = out.viewOf(bytes)
  const base = bytes.byteOffset
  const offsets = base + offsetsAt
  let at = out.at
  let start = 0
  let end = 0
${leaves.map((leaf, index) => sourceOfLeaf(leaf, leaves[index - 1], room)).join('')}  out.at = at
}`
}

function sourceOfLeaf(leaf: Leaf, previous: Leaf | undefined, room: number): string {
  const column = leaf.featureIndex
  // Values of neighbouring columns lie side by side.
  const start = previous?.featureIndex === column - 1 ? 'end' : `base + from.getUint32(offsets + ${4 * column})`
  return `${sourceOfConstant(leaf.prefix)}
  start = ${start}
  end = base + from.getUint32(offsets + ${4 * (column + 1)})
  if (from.getUint8(start) === 0x6e) {${sourceOfConstant(leaf.otherwise)}
  } else if (end - start > ${LOOP_BYTES}) {
    out.at = at
    copyLong(out, bytes, start - base, end - base, ${room})
    at = out.at
    to = out.view
  } else {
    let left = end - start
    for (; left >= 8; left -= 8) {
      to.setBigUint64(at, from.getBigUint64(start, true), true)
      at += 8
      start += 8
    }
    if ((left & 4) !== 0) {
      to.setUint32(at, from.getUint32(start, true), true)
      at += 4
      start += 4
    }
    if ((left & 2) !== 0) {
      to.setUint16(at, from.getUint16(start, true), true)
      at += 2
      start += 2
    }
    if ((left & 1) !== 0) to.setUint8(at++, from.getUint8(start))
  }
`
}

function sourceOfConstant(bytes: Buffer): string {
  const words: string[] = []
  for (let index = 0; index < bytes.length; index += 4) {
    const word = Buffer.concat([bytes.subarray(index, index + 4), Buffer.alloc(3)]).readUInt32LE(0)
    words.push(`\n  to.setUint32(at${index === 0 ? '' : ` + ${index}`}, ${word}, true)`)
  }
  return `${words.join('')}\n  at += ${bytes.length}`
}

/** The room that was reserved is for short values alone, so it is reserved anew for what comes after this one. */
function copyLong(out: ByteWriter, source: Uint8Array, start: number, end: number, room: number): void {
  out.slice(source, start, end)
  out.reserve(room)
}
