/**
 * Keeps what was made last, up to a number of bytes. Sizes are reckoned by whoever puts a value in; what was not asked for
 * longest goes first. A value greater than the whole cache is not kept.
 */
export interface BoundedCache<Value> {
  get(name: string): Value | undefined
  /** Puts a value in, or another in its place; also tells that a value has grown. */
  set(name: string, value: Value, sizeBytes: number): void
  /** Takes a value out. */
  take(name: string): Value | undefined
  readonly sizeBytes: number
  readonly count: number
}

interface Entry<Value> {
  readonly value: Value
  readonly sizeBytes: number
}

export function createBoundedCache<Value>(maxBytes: number): BoundedCache<Value> {
  // A Map keeps the order of insertion: the first is the one that was not asked for longest.
  const entries = new Map<string, Entry<Value>>()
  let sizeBytes = 0
  let newest: string | undefined

  function remove(name: string): void {
    sizeBytes -= entries.get(name)?.sizeBytes ?? 0
    entries.delete(name)
  }

  return {
    get: (name) => {
      const entry = entries.get(name)
      if (entry === undefined || name === newest) return entry?.value
      entries.delete(name)
      entries.set(name, entry)
      newest = name
      return entry.value
    },
    set: (name, value, size) => {
      remove(name)
      if (size > maxBytes) return
      entries.set(name, { value, sizeBytes: size })
      newest = name
      sizeBytes += size
      for (const oldest of entries.keys()) {
        if (sizeBytes <= maxBytes) break
        remove(oldest)
      }
    },
    take: (name) => {
      const entry = entries.get(name)
      remove(name)
      return entry?.value
    },
    get sizeBytes() {
      return sizeBytes
    },
    get count() {
      return entries.size
    },
  }
}
