import { afterAll, onTestFinished } from 'vitest'
import { type LocalServer, type SpawnOptions, spawnServer, stopSpawnedServers } from './spawned-server.ts'

export { freePort, type LocalServer } from './spawned-server.ts'

export interface LocalServerOptions extends SpawnOptions {
  /** When it is stopped. Default: with the test that starts it; in `beforeAll`, with the file. */
  readonly until?: 'file'
}

afterAll(stopSpawnedServers)

/** Starts a server of a test's and waits until it can be reached. */
export async function startLocalServer({ until, ...options }: LocalServerOptions): Promise<LocalServer> {
  const server = await spawnServer(options)
  if (until === undefined) stopAfterTest(server)
  return server
}

function stopAfterTest(server: LocalServer): void {
  try {
    onTestFinished(() => server.stop())
  } catch {
    // Not within a test: the file's hook stops it.
  }
}
