import { invariant } from '../../lib/assert.ts'
import { valueOffset } from '../../stores/online/row-codec.ts'
import type { ByteWriter } from '../byte-writer.ts'
import type { StoredField } from '../plan.ts'
import { type Row, type RowObject, storedStatus, type ViewRow } from '../row-set.ts'
import { generateRun, type Leaf, type StoredRun } from './generate-run.ts'
import {
  type Bytes,
  type CompileOptions,
  fieldPrefix,
  NULL,
  otherwiseText,
  type Write,
  writeErrorBelow,
} from './write-context.ts'
import { compileVector, wholeOf } from './write-vector.ts'

/** Of `null`: no other text of a value begins with it. */
const LETTER_N = 0x6e

/** A view's row of an object that has not failed: it was read, and is no error. */
export function viewRowOf(row: Row, position: number): ViewRow {
  return row.cells[position] as ViewRow
}

/** Where a stored feature's view is among those of its entity. */
export function viewPosition({ feature }: Pick<StoredField, 'feature'>): number {
  return feature.entity.batchViews.indexOf(feature.view)
}

/** Compiles leaves of one view that follow each other: one look at the row, then bytes are copied. */
export function compileStoredRun(
  fields: readonly StoredField[],
  firstIndex: number,
  { generate }: CompileOptions,
): Write<RowObject> {
  const leaves = fields.map((field, index) => toLeaf(field, firstIndex + index))
  const run: StoredRun = {
    ...{ leaves, position: viewPosition(fields[0]!), view: fields[0]!.feature.view },
    absent: Buffer.concat(leaves.flatMap(({ prefix, otherwise }) => [prefix, otherwise])),
  }
  const write = interpretRun(run)
  return generate ? generateRun(run, write) : write
}

function interpretRun({ leaves, position, absent }: StoredRun): Write<RowObject> {
  return ({ row }, { out }) => {
    const cell = viewRowOf(row, position)
    if (cell.status !== 'PRESENT') out.raw(absent)
    else copyLeaves(leaves, cell, out)
  }
}

function toLeaf(field: StoredField, index: number): Leaf {
  const { responseKey, feature } = field
  return { prefix: fieldPrefix(responseKey, index), featureIndex: feature.index, otherwise: otherwiseText(feature) }
}

function copyLeaves(leaves: readonly Leaf[], cell: ViewRow, out: ByteWriter): void {
  for (const leaf of leaves) {
    out.raw(leaf.prefix)
    copyLeaf(leaf, cell, out)
  }
}

/** Copies a leaf's value out of a row that is PRESENT. */
export function copyLeaf(
  { featureIndex, otherwise }: Pick<Leaf, 'featureIndex' | 'otherwise'>,
  { header, columns }: ViewRow,
  out: ByteWriter,
): void {
  const cell = header!
  const column = columns[featureIndex]!
  const start = column < 0 ? 0 : valueOffset(cell, column)
  if (column < 0 || cell.bytes[start] === LETTER_N) out.raw(otherwise)
  else out.slice(cell.bytes, start, valueOffset(cell, column + 1))
}

/** The text of a stored feature in its cell, or undefined where it is not PRESENT. */
export function storedBytes(cell: ViewRow, feature: StoredField['feature']): Bytes | undefined {
  if (storedStatus(cell, feature) !== 'PRESENT') return undefined
  const header = cell.header!
  const column = cell.columns[feature.index]!
  return { source: header.bytes, start: valueOffset(header, column), end: valueOffset(header, column + 1) }
}

/** Compiles a stored vector. */
export function compileStoredVector(field: StoredField, index: number): Write<RowObject> {
  const { feature, vector } = field
  invariant(feature.dtype.kind === 'vector' && vector !== undefined, `${feature.name} is a vector`)
  const position = viewPosition(field)
  const prefix = fieldPrefix(field.responseKey, index)
  const otherwise = feature.default === undefined ? undefined : wholeOf(otherwiseText(feature))
  const writeVector = compileVector(vector, feature.dtype.dimensions)
  return ({ row }, context) => {
    context.out.raw(prefix)
    const bytes = storedBytes(viewRowOf(row, position), feature) ?? otherwise
    if (bytes === undefined) context.out.raw(NULL)
    else if (vector.refusal !== undefined) writeErrorBelow(context, vector.refusal, field)
    else writeVector(bytes, context)
  }
}
