/** Lets calls of this process that change the same keys come one after another: they would only get into each other's way. */
export interface KeyLocks {
  run<T>(names: readonly string[], work: () => Promise<T>): Promise<T>
}

export function createKeyLocks(): KeyLocks {
  // The last call that was let in for each name.
  const last = new Map<string, Promise<unknown>>()
  return {
    run: async (names, work) => {
      const before = names.flatMap((name) => last.get(name) ?? [])
      const own = Promise.allSettled(before).then(work)
      // A call waits only for earlier ones, so none waits for itself.
      for (const name of names) last.set(name, own)
      try {
        return await own
      } finally {
        for (const name of names) if (last.get(name) === own) last.delete(name)
      }
    },
  }
}
