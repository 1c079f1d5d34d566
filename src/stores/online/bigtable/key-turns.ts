/** Lets changes of one row by this process come one after another: they would only get into each other's way. */
export interface KeyTurns {
  run<T>(row: string, work: () => Promise<T>): Promise<T>
}

export function createKeyTurns(): KeyTurns {
  // The last that was let in for each row.
  const last = new Map<string, Promise<unknown>>()
  return {
    run: async (row, work) => {
      const own = (last.get(row) ?? Promise.resolve()).then(work, work)
      last.set(row, own)
      try {
        return await own
      } finally {
        if (last.get(row) === own) last.delete(row)
      }
    },
  }
}
