/** Says whether a request goes on. */
export interface Cancellation {
  /** Why nothing more is to be read for the request; undefined while it goes on. Asked between reads. */
  readonly reason: Error | undefined
  /** Aborted with that reason, for reads that wait. Made when it is first asked for: most reads never wait. */
  readonly signal: AbortSignal
}

/** Waits for a read no longer than its request goes on; a read that is given up may still end, for nobody. */
export async function untilCancelled<T>(reading: Promise<T>, cancellation: Cancellation | undefined): Promise<T> {
  if (cancellation === undefined) return reading
  const { signal } = cancellation
  const { promise, reject } = Promise.withResolvers<never>()
  const onAbort = (): void => reject(signal.reason)
  if (signal.aborted) onAbort()
  else signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([reading, promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
