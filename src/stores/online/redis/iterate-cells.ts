import { compareBytes } from '../../../lib/bytes.ts'
import { type CellBatch, cellIn, type IterateRequest, type ReadRequest } from '../online-store.ts'
import { cellTail, keyIn, type Layout, patternOf } from './layout.ts'
import type { Link } from './link.ts'
import { scanNames } from './scan.ts'

export interface IterateContext {
  readonly link: Link
  readonly layout: Layout
  readonly read: (request: ReadRequest) => Promise<CellBatch>
  /** Runs a step unless the store is closed. */
  readonly step: <T>(run: () => Promise<T>) => Promise<T>
}

/** Cells read in one go, and held until they are taken. */
const MAX_CHUNK_KEYS = 250

/**
 * Goes over all names of the servers, gathers the keys that have the cell, and gives them in their order: a scan may tell a name twice and in
 * any order. The keys are held meanwhile, the cells are not.
 */
export async function* iterateCells(
  { link, layout, read, step }: IterateContext,
  { entity, view, part, after }: IterateRequest,
): AsyncGenerator<{ readonly key: Uint8Array; readonly cell: Uint8Array }> {
  const { head } = layout.namesOf(entity)
  const tail = cellTail({ view, part })
  const cells = [{ view, part }]
  const keys = await gather(scanNames(link, patternOf(head, tail)), { head, tail, after, step })
  for (let start = 0; start < keys.length; start += MAX_CHUNK_KEYS) {
    const chunk = keys.slice(start, start + MAX_CHUNK_KEYS).map((key) => Buffer.from(key, 'latin1'))
    const found = await step(() => read({ entity, keys: chunk, cells }))
    for (const [index, key] of chunk.entries()) {
      const cell = cellIn(found[index])
      // Deleted since it was gathered.
      if (cell !== undefined) yield { key, cell }
    }
  }
}

interface Gathering {
  readonly head: Uint8Array
  readonly tail: Uint8Array
  readonly after: Uint8Array | undefined
  readonly step: IterateContext['step']
}

/** Keys as texts of one character a byte, which sort as their bytes do. */
async function gather(
  pages: AsyncGenerator<readonly Buffer[]>,
  { head, tail, after, step }: Gathering,
): Promise<readonly string[]> {
  const keys = new Set<string>()
  for (;;) {
    const page = await step(() => pages.next())
    if (page.done === true) return [...keys].sort()
    for (const name of page.value) {
      const key = keyIn(name, head, tail)
      if (key !== undefined && (after === undefined || compareBytes(key, after) > 0)) keys.add(key.toString('latin1'))
    }
  }
}
