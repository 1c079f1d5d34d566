import { setTimeout as pause } from 'node:timers/promises'

/** Tries until it holds; after twenty seconds and more the last failure stands. */
export async function eventually(check: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await check()
    } catch (error) {
      if (tries === 200) throw error
      await pause(100)
    }
  }
}
