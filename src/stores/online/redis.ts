import { FieldstoneError } from '../../errors.ts'
import type { CellBatch, OnlineDriver, OnlineStore, OpenContext, ReadRequest, UpdateRequest } from './online-store.ts'
import { deleteCells } from './redis/delete-cells.ts'
import { coded, failureAt } from './redis/failures.ts'
import { healthOf } from './redis/health.ts'
import { iterateCells } from './redis/iterate-cells.ts'
import { createKeyLocks } from './redis/key-locks.ts'
import { createLayout } from './redis/layout.ts'
import { prepare } from './redis/layout-version.ts'
import { connect, type Library, type Link } from './redis/link.ts'
import { readCells, readPlanner } from './redis/read-cells.ts'
import { onReplicas } from './redis/replicas.ts'
import { type RedisSettings, redisSettings } from './redis/settings.ts'
import { updateCells } from './redis/update-cells.ts'
import { type WriteContext, writeCells } from './redis/write-cells.ts'

/** Where Redis is and how it is spoken to. Any of them may be an `env()`; numbers and flags may be texts, and lists one text with commas. */
export interface RedisOptions {
  /** `redis://user:password@host:port/db`, or `rediss:` with TLS. One of `url`, `host`, `sentinels` and `cluster` is needed. */
  readonly url?: string
  readonly host?: string
  /** With `host`. Default 6379. */
  readonly port?: number | string
  /** Addresses of sentinels, `host:port` (default port 26379), which know the server by `name`. */
  readonly sentinels?: readonly string[] | string
  readonly name?: string
  /** Addresses of some nodes of a cluster, `host:port` (default port 6379): they tell of the others. */
  readonly cluster?: readonly string[] | string
  readonly username?: string
  readonly password?: string
  readonly sentinelUsername?: string
  readonly sentinelPassword?: string
  /** Number of the database. Default 0, which is all that a cluster has. */
  readonly db?: number | string
  /** True, or options of Node's `tls.connect`. Default: TLS where the URL says `rediss:`. */
  readonly tls?: boolean | string | RedisTlsOptions
  /** What the names of all keys begin with: each deployment of a server has its own. Default 'fieldstone'. */
  readonly keyPrefix?: string
  /** How long a connection may take. Default 5,000. */
  readonly connectTimeoutMillis?: number | string
  /** How long a read waits: what has not come by then has failed. Default 800. */
  readonly readTimeoutMillis?: number | string
  /** A connection that says nothing for so long, though it was asked, is cut and made again. Default 5,000. */
  readonly silenceTimeoutMillis?: number | string
  /** How many replicas of each server are to have a write before it is acknowledged. Default 0: the server alone. */
  readonly waitForReplicas?: number | string
}

/** Options of Node's `tls.connect` that may be set; certificates and keys are PEM texts. */
export interface RedisTlsOptions {
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
  readonly passphrase?: string
  readonly servername?: string
  readonly rejectUnauthorized?: boolean
  readonly minVersion?: string
  readonly maxVersion?: string
  readonly ciphers?: string
}

/**
 * Redis 6.2 or later, or Valkey: a server, a server behind sentinels, or a cluster. Cells are strings of up to 16 MB. A write is
 * acknowledged when the server has taken it: what that outlives is the server's own configuration (docs/redis.md). Where the deployment's
 * clock is the machine's, Redis removes rows a minute after their retention.
 */
export function redis(options: RedisOptions): OnlineDriver {
  return Object.freeze({ kind: 'onlineDriver', name: 'redis', options: Object.freeze({ ...options }), open: openRedis })
}

/** Clocks of machines differ, and no row may be missed for that. Copies may. */
const REMOVAL_MARGIN_MILLIS = 60_000

async function openRedis(
  options: Readonly<Record<string, unknown>>,
  { clock, role }: OpenContext,
): Promise<OnlineStore> {
  const settings = redisSettings(options)
  const library = await loadLibrary()
  const link = await connect(library, settings)
  const writeLink = await linkOfWrites(link, () => connect(library, settings), settings)
  const holdsCopies = role === 'front'
  const marginMillis = holdsCopies ? 0 : REMOVAL_MARGIN_MILLIS
  const removalMarginMillis = clock.runsWithMachine === true ? marginMillis : undefined
  return createStore({ link, writeLink }, settings, { removalMarginMillis, holdsCopies })
}

/** While a server waits for its replicas it answers nothing else on the same connection. */
async function linkOfWrites(
  link: Link,
  connectAgain: () => Promise<Link>,
  { waitForReplicas }: RedisSettings,
): Promise<Link> {
  if (waitForReplicas === 0) return link
  try {
    return await connectAgain()
  } catch (error) {
    link.disconnect()
    throw error
  }
}

async function loadLibrary(): Promise<Library> {
  try {
    return await import('ioredis')
  } catch (cause) {
    throw new FieldstoneError('DRIVER_MISSING', {
      seen: "redis: package 'ioredis'",
      mend: "Run 'npm install ioredis'.",
      cause,
    })
  }
}

interface StoreDuty {
  readonly removalMarginMillis: number | undefined
  /** It may lose what it has. */
  readonly holdsCopies: boolean
}

interface Links {
  readonly link: Link
  /** The same one, unless writes have to wait. */
  readonly writeLink: Link
}

function createStore(
  { link, writeLink }: Links,
  settings: RedisSettings,
  { removalMarginMillis, holdsCopies }: StoreDuty,
): OnlineStore {
  let closing: Promise<void> | undefined
  const inFlight = new Set<Promise<unknown>>()
  // No copy ever stands in a row's place, though the same server has both.
  const layout = createLayout(holdsCopies ? `${settings.keyPrefix}:copies` : settings.keyPrefix)
  const locks = createKeyLocks()
  const failed = (error: unknown) => failureAt(link, error)
  const reading = {
    ...{ link, failed, timeoutMillis: settings.readTimeoutMillis },
    plan: readPlanner(layout, link.isCluster),
  }
  /** For writers, which wait as long as the connection lives. */
  const patient = { ...reading, timeoutMillis: 2 * settings.silenceTimeoutMillis }
  const readPatiently = (request: ReadRequest) => readCells(patient, request)
  const writing: WriteContext = { link: writeLink, layout, removalMarginMillis, read: readPatiently }

  /** Runs a call unless the store is closed, and lets `close` wait for it. */
  async function call<T>(run: () => Promise<T>): Promise<T> {
    if (closing !== undefined) throw new FieldstoneError('STORE_CLOSED', { seen: link.place })
    const running = (async () => run())()
    inFlight.add(running)
    try {
      return await running
    } catch (error) {
      throw coded(error, link)
    } finally {
      inFlight.delete(running)
    }
  }

  async function read(request: ReadRequest): Promise<CellBatch> {
    try {
      return await call(() => readCells(reading, request))
    } catch (error) {
      // The caller's own reason, as it is.
      throw request.signal?.aborted ? request.signal.reason : error
    }
  }

  function update(request: UpdateRequest): Promise<void> {
    const names = request.keys.map(
      (key) => `${request.entity}\0${request.view}\0${Buffer.from(key).toString('latin1')}`,
    )
    return locks.run(names, () => updateCells(writing, request))
  }

  async function close(): Promise<void> {
    await Promise.allSettled(inFlight)
    link.disconnect()
    writeLink.disconnect()
  }

  function written<T>(write: () => Promise<T>): Promise<T> {
    return call(() => onReplicas(writeLink, settings, write))
  }

  return {
    mergesReads: true,
    read,
    write: (request) => written(() => writeCells(writing, request)),
    updateMany: (request) => written(() => update(request)),
    delete: (request) => written(() => deleteCells(writeLink, layout, request)),
    iterate: (request) => iterateCells({ link, layout, step: call, read: readPatiently }, request),
    prepare: (plan, { dryRun }) => call(() => prepare(link, layout, { plan, dryRun })),
    health: () => call(() => healthOf(link, layout, { mayEvict: holdsCopies })),
    close: () => {
      closing ??= close()
      return closing
    },
  }
}
