import type { Word } from './frames.ts'
import { type EntityNames, nameOf, slotOfKey, viewTail } from './layout.ts'
import type { Link } from './link.ts'
import { runScript, type ScriptItem } from './script-calls.ts'
import { SWAP } from './scripts.ts'

/** A cell's change: what it must be for it, and what it shall be. */
export interface CellSwap {
  readonly part: number
  /** Undefined: absent. 'any': whatever it is. */
  readonly expected: Uint8Array | undefined | 'any'
  /** Null: deleted. 'keep': as it is. */
  readonly next: Uint8Array | null | 'keep'
  /** Milliseconds since 1970 as a text, or '': never. */
  readonly removableAt: string
}

/** Changes of one key's cells, which happen all or not at all. */
export interface KeySwap {
  readonly key: Uint8Array
  readonly cells: readonly CellSwap[]
}

/** Tells for each key whether its cells were as expected and have changed. */
export async function swapCells(
  link: Link,
  { names, view }: { readonly names: EntityNames; readonly view: string },
  swaps: readonly KeySwap[],
): Promise<readonly boolean[]> {
  const tail = viewTail(view)
  const items = swaps.map((swap) => itemOf(swap, names, tail))
  return (await runScript(link, SWAP, { items })).map((reply) => reply === 1)
}

function itemOf({ key, cells }: KeySwap, names: EntityNames, tail: Buffer): ScriptItem {
  const words: Word[] = [String(cells.length)]
  for (const { part, expected, next, removableAt } of cells) {
    words.push(...expectedWords(expected), ...nextWords(next), removableAt, partWord(part))
  }
  const owned = cells.map(({ part }) => nameOf(names.head, key, tailOf(tail, part)))
  const index = cells.some(({ part }) => part !== 0) ? [nameOf(names.indexHead, key, tail)] : []
  return { slot: slotOfKey(names, key), names: [...owned, ...index], words }
}

function expectedWords(expected: CellSwap['expected']): readonly [Word, Word] {
  if (expected === undefined) return ['-', '']
  return expected === 'any' ? ['*', ''] : ['=', expected]
}

function nextWords(next: CellSwap['next']): readonly [Word, Word] {
  if (next === null) return ['d', '']
  return next === 'keep' ? ['k', ''] : ['s', next]
}

/** First cells are known by the view alone. */
export function partWord(part: number): string {
  return part === 0 ? '' : String(part)
}

export function tailOf(viewTail: Buffer, part: number): Buffer {
  return Buffer.concat([viewTail, Uint8Array.of(part >> 8, part & 0xff)])
}
