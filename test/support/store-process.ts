import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { bigtable } from '../../src/stores/online/bigtable.ts'
import { cache } from '../../src/stores/online/cache.ts'
import { lmdb } from '../../src/stores/online/lmdb.ts'
import { memory } from '../../src/stores/online/memory.ts'
import type { OnlineDriver, OnlineStore } from '../../src/stores/online/online-store.ts'
import { redis } from '../../src/stores/online/redis.ts'
import { openContext } from './open-context.ts'

/** Where a store is, in a form that another process can be told. */
export interface StoreAddress {
  readonly driver: keyof typeof DRIVERS
  readonly options: Readonly<Record<string, unknown>>
  readonly folder: string
}

const DRIVERS = { bigtable, lmdb, redis, memory, cache } as const

/** In a cache's options a driver is named: `{ driver: 'lmdb', options }`. Every view may be copied, for as long as the cache says. */
export function openStore({ driver, options, folder }: StoreAddress): Promise<OnlineStore> {
  const made = driverOf({ driver, options })
  const copyRulesOf = () => ({ maxStalenessMillis: undefined, staleIfError: false })
  return made.open(made.options, openContext(folder, { copyRulesOf }))
}

type DriverName = Pick<StoreAddress, 'driver' | 'options'>

export function driverOf({ driver, options }: DriverName): OnlineDriver {
  const make = DRIVERS[driver] as (given: typeof options) => OnlineDriver
  if (driver !== 'cache') return make(options)
  const [store, front] = [options.store, options.in].map((named) => driverOf(named as DriverName))
  return make({ ...options, store, in: front })
}

/** Another process that works on a store. */
export interface StoreProcess {
  /** What it has sent so far. */
  readonly said: readonly unknown[]
  send(message: unknown): void
  /** The next thing it says. Rejects where it ends first. */
  next(): Promise<unknown>
  /** Resolves when it has ended by itself, with its exit code 0. */
  finished(): Promise<void>
  /** SIGKILL, and until it is gone. */
  kill(): Promise<void>
}

/** Runs a task of test/support/store-tasks.ts in a process of its own. */
export function startStoreProcess(task: string, address: StoreAddress, details: unknown): StoreProcess {
  const script = fileURLToPath(new URL('./store-tasks.ts', import.meta.url))
  const words = [task, JSON.stringify(address), JSON.stringify(details)]
  const child = fork(script, words, { execArgv: ['--conditions=fieldstone-source'], stdio: 'inherit' })
  const said: unknown[] = []
  child.on('message', (message) => said.push(message))
  const ended = once(child, 'exit')
  const gone = goneSignal(child)
  return {
    said,
    send: (message) => child.send(message as object),
    next: () => nextMessage(child, gone),
    finished: async () => {
      const [code, signal] = await ended
      if (code !== 0) throw new Error(`task ${task} ended with ${code ?? signal}`)
    },
    kill: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}

/** Aborts when the process is gone. */
function goneSignal(child: ChildProcess): AbortSignal {
  const controller = new AbortController()
  child.once('exit', () => controller.abort(new Error('the process ended without a word')))
  return controller.signal
}

async function nextMessage(child: ChildProcess, gone: AbortSignal): Promise<unknown> {
  const [message] = await once(child, 'message', { signal: gone })
  return message
}
