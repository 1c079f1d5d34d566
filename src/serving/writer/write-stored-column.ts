import type { StoredFeature } from '../../registry/registry.ts'
import type { RowObject, ViewRow } from '../row-set.ts'
import { CLOSE_LIST, OPEN_LIST, otherwiseText, type Write, type WriteContext } from './write-context.ts'
import { copyLeaf, viewPosition, viewRowOf } from './write-stored.ts'

/** The rows of a role, and for each view what it holds of them: gathered once, for a view's columns go over it one after another. */
export class RowsByView {
  readonly objects: readonly (RowObject | Error)[]
  readonly #cells: (readonly (ViewRow | undefined)[] | undefined)[] = []

  constructor(objects: readonly (RowObject | Error)[]) {
    this.objects = objects
  }

  /** By the view's position; undefined where the object has failed. */
  cellsAt(position: number): readonly (ViewRow | undefined)[] {
    this.#cells[position] ??= this.objects.map((object) =>
      object instanceof Error || object.failure !== undefined ? undefined : viewRowOf(object.row, position),
    )
    return this.#cells[position]
  }
}

/** Writes what stands in the place of a row that has failed. */
type WriteFailure = (error: Error, index: number, context: WriteContext) => void

const COMMA = 0x2c

/** Compiles the values of a stored leaf: most columns are such, so they have a loop of their own. */
export function compileStoredColumn(feature: StoredFeature, writeFailure: WriteFailure): Write<RowsByView> {
  const position = viewPosition({ feature })
  const leaf = { featureIndex: feature.index, otherwise: otherwiseText(feature) }
  return (rows, context) => {
    const { out } = context
    const cells = rows.cellsAt(position)
    out.raw(OPEN_LIST)
    for (let index = 0; index < cells.length; index += 1) {
      if (index > 0) out.byte(COMMA)
      const cell = cells[index]
      if (cell === undefined) {
        const object = rows.objects[index]!
        writeFailure(object instanceof Error ? object : object.failure!, index, context)
        continue
      }
      if (cell.status === 'PRESENT') copyLeaf(leaf, cell, out)
      else out.raw(leaf.otherwise)
    }
    out.raw(CLOSE_LIST)
  }
}
