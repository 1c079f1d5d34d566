/** A seeded source of choices: the same seed makes the same choices everywhere. */
export interface Random {
  /** A whole number from 0 to `below - 1`. */
  int(below: number): number
  chance(probability: number): boolean
  pick<T>(items: readonly T[]): T
  /** Each item with this probability, in their order. */
  some<T>(items: readonly T[], probability: number): readonly T[]
  /** The same items in another order. */
  shuffled<T>(items: readonly T[]): readonly T[]
  /** Between `least` and `most` results, both inclusive. */
  times<T>(least: number, most: number, make: (index: number) => T): T[]
}

/** mulberry32: small, fast, and good enough to make choices. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = Math.imul(state ^ (state >>> 15), state | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
  const int = (below: number): number => Math.floor(next() * below)
  return {
    int,
    chance: (probability) => next() < probability,
    pick: (items) => items[int(items.length)]!,
    some: (items, probability) => items.filter(() => next() < probability),
    shuffled: (items) =>
      items
        .map((item) => ({ item, rank: next() }))
        .sort((a, b) => a.rank - b.rank)
        .map(({ item }) => item),
    times: (least, most, make) => Array.from({ length: least + int(most - least + 1) }, (_, index) => make(index)),
  }
}
