/** What is kept under names that may come from anyone: of the first so many names each its own, of all others one for them together. */
export interface BoundedNames<Value> {
  /** Of a name, made where it is new and there is room. */
  of(name: string): Value
  /** Name by name, the one for all others last. */
  entries(): Iterable<readonly [string, Value]>
}

/** The name under which all others are kept. A name that reads so is one of them. */
export const OTHER_NAMES = 'other'

/** Characters of a name that is kept. */
const MOST_LENGTH = 200

export function createBoundedNames<Value>(mostNames: number, make: (name: string) => Value): BoundedNames<Value> {
  const known = new Map<string, Value>()
  let others: Value | undefined
  const keep = (name: string): Value => {
    if (name === OTHER_NAMES || name.length > MOST_LENGTH || known.size >= mostNames) {
      others ??= make(OTHER_NAMES)
      return others
    }
    const value = make(name)
    known.set(name, value)
    return value
  }
  return {
    of: (name) => known.get(name) ?? keep(name),
    entries: () => (others === undefined ? known : [...known, [OTHER_NAMES, others] as const]),
  }
}
