const SIGNALS = ['SIGINT', 'SIGTERM'] as const

/** What a piece of work ends with when it was told to stop. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}

/** Resolves at the first Ctrl-C or SIGTERM. A second one ends the process at once. */
export function untilStopped(): Promise<NodeJS.Signals> {
  return new Promise((stop) => {
    const first = (signal: NodeJS.Signals): void => {
      for (const name of SIGNALS) process.off(name, first).once(name, () => process.exit(130))
      stop(signal)
    }
    for (const name of SIGNALS) process.once(name, first)
  })
}

/** How long what is left to do may take when all is closed. */
const LAST_MILLIS = 250

/**
 * Ends the process when all that it ran is closed. What holds it then was given up already, and might hold it for ever: a report that
 * is never done, a collector that does not answer, a timer of the config.
 */
export function endSoon(): void {
  setTimeout(() => process.exit(), LAST_MILLIS).unref()
}

/**
 * Runs a piece of work that can be told to stop, and tells it so at Ctrl-C or SIGTERM; a second one ends the process at
 * once. Throws Interrupted where it was told, whatever the work made of it.
 */
export async function interruptible<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130)
    controller.abort()
  }
  for (const name of SIGNALS) process.on(name, stop)
  try {
    const result = await work(controller.signal)
    controller.signal.throwIfAborted()
    return result
  } catch (error) {
    throw controller.signal.aborted ? new Interrupted('stopped', { cause: error }) : error
  } finally {
    for (const name of SIGNALS) process.off(name, stop)
  }
}
