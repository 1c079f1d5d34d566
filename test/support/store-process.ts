import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { lmdb } from '../../src/stores/online/lmdb.ts'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { openContext } from './open-context.ts'

/** Where a store is, in a form that another process can be told. */
export interface StoreAddress {
  readonly driver: keyof typeof DRIVERS
  readonly options: Readonly<Record<string, unknown>>
  readonly folder: string
}

const DRIVERS = { lmdb } as const

export function openStore({ driver, options, folder }: StoreAddress): Promise<OnlineStore> {
  return DRIVERS[driver](options as { readonly path: string }).open(options, openContext(folder))
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
