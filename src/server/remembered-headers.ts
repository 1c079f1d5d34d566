/** There are a handful of clients; whoever makes up headers only has them read again. */
const MOST_REMEMBERED = 100
const MOST_LENGTH = 256

/** Remembers what was made of a header, for headers of a usual length. */
export function rememberingHeaders<T>(compute: (header: string) => T): (header: string) => T {
  const known = new Map<string, { readonly computed: T }>()
  return (header) => {
    const found = known.get(header)
    if (found !== undefined) return found.computed
    const computed = compute(header)
    if (known.size >= MOST_REMEMBERED) known.clear()
    if (header.length <= MOST_LENGTH) known.set(header, { computed })
    return computed
  }
}
