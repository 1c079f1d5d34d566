import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, onTestFinished } from 'vitest'

const left = new Set<string>()

// Registered when a test file imports this, so before its own hooks: vitest runs them in reverse, and what uses a folder is closed first.
afterAll(async () => {
  await Promise.all([...left].map(remove))
})

/** A new, empty folder, removed when the test file is over. */
export async function fileFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldstone-'))
  left.add(folder)
  return folder
}

/** A new, empty folder, removed when the test is over; made in `beforeAll`, when the file is. */
export async function temporaryFolder(): Promise<string> {
  const folder = await fileFolder()
  try {
    onTestFinished(() => remove(folder))
  } catch {
    // Not within a test: the file's hook removes it.
  }
  return folder
}

async function remove(folder: string): Promise<void> {
  left.delete(folder)
  await rm(folder, { recursive: true, force: true, maxRetries: 3 })
}
