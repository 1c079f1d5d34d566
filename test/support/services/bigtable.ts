import { BIGTABLE, programOf } from './find-service.ts'
import { type LocalServer, startLocalServer } from './local-server.ts'

/** An emulator of Bigtable of the test's own. It keeps nothing when it ends. */
export interface BigtableEmulator extends LocalServer {
  /** `127.0.0.1:port` */
  readonly host: string
}

/** Starts an emulator. It is stopped when the test or the file is over. */
export async function startBigtable(
  options: { readonly port?: number; readonly until?: 'file' } = {},
): Promise<BigtableEmulator> {
  const server = await startLocalServer({
    program: await programOf(BIGTABLE),
    words: (port) => BIGTABLE.words(port, ''),
    ...options,
  })
  return Object.assign(server, { host: `127.0.0.1:${server.port}` })
}

let shared: Promise<{ readonly host: string }> | undefined

/** The emulator that `BIGTABLE_EMULATOR_HOST` names, else one that the test file's tests share: each takes a table of its own. */
export function sharedBigtable(): Promise<{ readonly host: string }> {
  const host = process.env.BIGTABLE_EMULATOR_HOST
  shared ??= host === undefined ? startBigtable({ until: 'file' }) : Promise.resolve({ host })
  return shared
}
