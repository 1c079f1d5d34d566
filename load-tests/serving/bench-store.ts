import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import { BIGTABLE, programOf, REDIS, type Service } from '../../test/support/services/find-service.ts'
import { type LocalServer, spawnServer } from '../../test/support/services/spawned-server.ts'
import { removeTables } from '../peers/bigtable-rows.ts'
import type { BigtablePlace, RedisPlace, StoreName, StorePlace } from './stores.ts'

/** A store that a bench fills and asks, with the server that it stands on. */
export interface BenchStore {
  readonly place: StorePlace
  /** The bench's own, for whatever it keeps while it runs. */
  readonly folder: string
  /** User and system time of the store's server so far, microseconds. Undefined: it has none, or does not tell. */
  cpuMicros(): Promise<number | undefined>
  /** Leaves nothing behind. */
  close(): Promise<void>
}

/** What stands behind a store's name. */
interface Backing extends Pick<BenchStore, 'place' | 'cpuMicros'> {
  close(): Promise<void>
}

/** Starts what a store needs: the server that the service's usual variable names, else one of the bench's own. */
export async function startBenchStore(name: StoreName): Promise<BenchStore> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldstone-bench-'))
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  try {
    const backing = await startBacking(name, folder)
    const close = (): Promise<void> => backing.close().finally(remove)
    return { ...backing, folder, close }
  } catch (error) {
    remove()
    throw error
  }
}

function startBacking(name: StoreName, folder: string): Promise<Backing> {
  switch (name) {
    case 'lmdb':
      return Promise.resolve(lmdbBacking(folder))
    case 'redis':
      return redisBacking(folder)
    case 'bigtable':
      return bigtableBacking(folder)
    default:
      return name satisfies never
  }
}

function lmdbBacking(folder: string): Backing {
  const place = { store: 'lmdb', folder: join(folder, 'online') } as const
  return { place, cpuMicros: async () => undefined, close: async () => {} }
}

async function redisBacking(folder: string): Promise<Backing> {
  const given = process.env.REDIS_URL
  const server = given === undefined ? await startServer(REDIS, folder) : undefined
  const url = given ?? `redis://127.0.0.1:${server!.port}`
  const place: RedisPlace = { store: 'redis', url, keyPrefix: `fieldstone-bench-${process.pid}` }
  const redis = new Redis(url)
  const close = async (): Promise<void> => {
    if (server === undefined) await removeKeys(redis, place.keyPrefix)
    redis.disconnect()
    await server?.stop()
  }
  return { place, cpuMicros: () => redisCpuMicros(redis), close }
}

async function bigtableBacking(folder: string): Promise<Backing> {
  const given = process.env.BIGTABLE_EMULATOR_HOST
  const server = given === undefined ? await startServer(BIGTABLE, folder) : undefined
  const place: BigtablePlace = {
    ...{ store: 'bigtable', emulatorHost: given ?? `127.0.0.1:${server!.port}` },
    ...{ project: 'fieldstone-bench', instance: 'bench', table: `bench-${process.pid}` },
  }
  const close = async (): Promise<void> => {
    if (server === undefined) await removeTables(place)
    await server?.stop()
  }
  return { place, cpuMicros: async () => server && processCpuMicros(server.pid), close }
}

async function startServer(service: Service, folder: string): Promise<LocalServer> {
  return spawnServer({ program: await programOf(service), words: (port) => service.words(port, folder), folder })
}

async function redisCpuMicros(redis: Redis): Promise<number> {
  const info = await redis.info('cpu')
  const secondsOf = (name: string): number => Number(new RegExp(`^${name}:([\\d.]+)`, 'm').exec(info)![1])
  return 1e6 * (secondsOf('used_cpu_user') + secondsOf('used_cpu_sys'))
}

/** Of another process, which Linux tells in hundredths of a second. Undefined elsewhere. */
function processCpuMicros(pid: number): number | undefined {
  if (process.platform !== 'linux') return undefined
  // After the name, which stands in brackets and may hold anything: the times are the 12th and 13th.
  const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)!.split(' ')
  return 1e4 * (Number(fields[11]) + Number(fields[12]))
}

/** From a server that others use, too. */
async function removeKeys(redis: Redis, prefix: string): Promise<void> {
  for await (const keys of redis.scanStream({ match: `${prefix}*`, count: 1_000 })) {
    if ((keys as readonly string[]).length > 0) await redis.unlink(...(keys as readonly string[]))
  }
}
