import { fileFolder, temporaryFolder } from '../temporary-folder.ts'
import { programOf, REDIS } from './find-service.ts'
import { type LocalServer, startLocalServer } from './local-server.ts'

/** A Redis of the test's own. */
export interface RedisServer extends LocalServer {
  readonly url: string
  /** Where its files are. */
  readonly folder: string
}

export interface RedisServerOptions {
  /** Words of redis-server's command line, such as `['--appendonly', 'yes']`. */
  readonly words?: readonly string[]
  /** Default: a new one. */
  readonly folder?: string
  /** Default: any that is free. */
  readonly port?: number
  /** Default: the test's end. */
  readonly until?: 'file'
}

/** Starts a Redis that keeps nothing unless `words` say so. It is stopped when the test or the file is over. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  const folder = options.folder ?? (await folderUntil(options.until))
  const server = await startLocalServer({
    program: await programOf(REDIS),
    words: (port) => [...REDIS.words(port, folder), ...(options.words ?? [])],
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.until === undefined ? {} : { until: options.until }),
  })
  return Object.assign(server, { url: `redis://127.0.0.1:${server.port}`, folder })
}

/** Of a server that outlives the test that starts it, the folder must, too. */
function folderUntil(until: 'file' | undefined): Promise<string> {
  return until === undefined ? temporaryFolder() : fileFolder()
}

let shared: Promise<{ readonly url: string }> | undefined

/** The Redis that `REDIS_URL` names, else one that the test file's tests share: each takes a key prefix of its own. */
export function sharedRedis(): Promise<{ readonly url: string }> {
  const url = process.env.REDIS_URL
  shared ??= url === undefined ? startRedis({ until: 'file' }) : Promise.resolve({ url })
  return shared
}
