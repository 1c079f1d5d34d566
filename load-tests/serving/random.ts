/** A number from 0 up to 1, as `Math.random`, but the same for the same seed. */
export type Random = () => number

/** A generator of 32 bits (xorshift, mixed by a multiplication): enough to draw keys and values, and quick. */
export function createRandom(seed: number): Random {
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (Math.imul(state, 0x2c1b3c6d) >>> 0) / 2 ** 32
  }
}

/** A whole number from 0 up to `end`, exclusive. */
export function wholeBelow(random: Random, end: number): number {
  return Math.floor(random() * end)
}

/** Draws from 0 up to `count` by Zipf's law with exponent 1: some few are asked for most of the time. */
export function createZipf(count: number, seed: number): Random {
  const random = createRandom(seed)
  const sums = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank += 1) {
    sum += 1 / (rank + 1)
    sums[rank] = sum
  }
  const places = shuffled(count, createRandom(seed + 1))
  return () => places[firstAbove(sums, random() * sum)]!
}

/** Else the keys that are asked for most would also be neighbours in the store. */
function shuffled(count: number, random: Random): Uint32Array {
  const places = Uint32Array.from({ length: count }, (_, index) => index)
  for (let index = count - 1; index > 0; index -= 1) {
    const other = wholeBelow(random, index + 1)
    const place = places[index]!
    places[index] = places[other]!
    places[other] = place
  }
  return places
}

function firstAbove(sums: Float64Array, value: number): number {
  let low = 0
  let high = sums.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if (sums[middle]! > value) high = middle
    else low = middle + 1
  }
  return low
}
