import { callOut } from '../caller-error.ts'
import { cellIn, type UpdateRequest } from '../online-store.ts'
import { backOff } from './back-off.ts'
import { checkKey } from './layout.ts'
import { type CellSwap, type KeySwap, swapCells } from './swap-cells.ts'
import type { WriteContext } from './write-cells.ts'

/** Keys read and changed in one go: their cells are held meanwhile. */
const MAX_CHUNK_KEYS = 500

export async function updateCells(context: WriteContext, request: UpdateRequest): Promise<void> {
  for (const key of request.keys) checkKey(key)
  for (let start = 0; start < request.keys.length; start += MAX_CHUNK_KEYS) {
    let places = request.keys.slice(start, start + MAX_CHUNK_KEYS).map((_, index) => start + index)
    for (let round = 0; places.length > 0; round += 1) {
      if (round > 0) await backOff(round)
      places = await updateOnce(context, request, places)
    }
  }
}

/** Gives the keys that others have changed meanwhile. */
async function updateOnce(context: WriteContext, request: UpdateRequest, places: readonly number[]): Promise<number[]> {
  const { entity, view, keys, parts, update } = request
  const cells = parts.map((part) => ({ view, part }))
  const found = await context.read({ entity, keys: places.map((index) => keys[index]!), cells })
  const swaps = places.map((place, index): KeySwap => {
    const current = found.slice(index * parts.length, (index + 1) * parts.length).map(cellIn)
    const changes = callOut(() => update(current, place))
    return { key: keys[place]!, cells: swapsOf(parts, current, changes) }
  })
  const swapped = await swapCells(context.link, { names: context.layout.namesOf(entity), view }, swaps)
  return places.filter((_, index) => !swapped[index])
}

/** What was read must still be so; other parts are changed whatever they are. */
function swapsOf(
  parts: readonly number[],
  current: readonly (Uint8Array | undefined)[],
  changes: ReadonlyMap<number, Uint8Array | null>,
): readonly CellSwap[] {
  const swaps = new Map<number, CellSwap>()
  for (const [part, next] of changes) swaps.set(part, { part, expected: 'any', next, removableAt: '' })
  parts.forEach((part, index) => {
    swaps.set(part, {
      part,
      expected: current[index],
      next: changes.get(part) ?? (changes.has(part) ? null : 'keep'),
      removableAt: '',
    })
  })
  return [...swaps.values()]
}
