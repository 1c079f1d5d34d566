/** Remembers names for as long as some tens of thousands of others have not come after them, in a few bytes each. */
export interface Seen {
  /** Whether a name was told of before; from now on it was. Rarely true for one that was not. */
  again(name: string): boolean
}

const MAX_NAMES = 20_000

/** Two generations of hashes: when the younger is full, the older is forgotten. */
export function createSeen(maxNames: number = MAX_NAMES): Seen {
  let younger = new Set<number>()
  let older = new Set<number>()
  return {
    again: (name) => {
      const hash = hashOf(name)
      if (younger.has(hash)) return true
      if (younger.size >= maxNames) {
        older = younger
        younger = new Set()
      }
      younger.add(hash)
      return older.has(hash)
    },
  }
}

/** 52 bits out of two FNV-1a hashes of 32 bits (Fowler, Noll, Vo) that begin differently. */
function hashOf(text: string): number {
  let high = 0x811c9dc5
  let low = 0x050c5d1f
  for (let index = 0; index < text.length; index += 1) {
    const unit = text.charCodeAt(index)
    high = Math.imul(high ^ unit, 0x01000193)
    low = Math.imul(low ^ unit, 0x01000193)
  }
  return (high >>> 12) * 2 ** 32 + (low >>> 0)
}
