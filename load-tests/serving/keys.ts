import { createRandom, createZipf, wholeBelow } from './random.ts'

export const ENTITY_COUNT = 10_000
const UNKNOWN_SHARE = 0.05
const SEED = 11

/** The key of entity `index`; from `ENTITY_COUNT` on there is none of that key. */
export function idOf(index: number): string {
  return `customer-${String(index).padStart(7, '0')}`
}

/** Draws the keys of a request: no key twice, as a model scores each candidate once, and one of twenty is unknown. */
export function createKeyDraw(keyCount: number): () => readonly string[] {
  const random = createRandom(SEED)
  const zipf = createZipf(ENTITY_COUNT, SEED + 1)
  return () => {
    const drawn = new Set<number>()
    while (drawn.size < keyCount) {
      drawn.add(random() < UNKNOWN_SHARE ? ENTITY_COUNT + wholeBelow(random, ENTITY_COUNT) : zipf())
    }
    return [...drawn].map(idOf)
  }
}
