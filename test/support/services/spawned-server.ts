import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

/** A server in a process of its own, on a port of 127.0.0.1. */
export interface LocalServer {
  readonly port: number
  readonly pid: number
  /** `SIGSTOP` freezes it, `SIGCONT` wakes it. */
  signal(name: NodeJS.Signals): void
  /** SIGKILL, and until it is gone. */
  kill(): Promise<void>
  /** SIGTERM, then SIGKILL where it takes longer than a few seconds, and until it is gone. */
  stop(): Promise<void>
}

export interface SpawnOptions {
  readonly program: string
  readonly words: (port: number) => readonly string[]
  /** Where it runs. */
  readonly folder?: string
  /** Default: any that is free. */
  readonly port?: number
}

const running = new Set<LocalServer>()

// Whoever starts servers and dies must not leave them behind.
process.on('exit', () => {
  for (const { pid } of running) process.kill(pid, 'SIGKILL')
})

/** Starts a server and waits until it can be reached. Whoever starts it stops it. */
export async function spawnServer(options: SpawnOptions): Promise<LocalServer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await start(options, options.port ?? (await freePort()))
    } catch (error) {
      // Someone else may have taken the port meanwhile.
      if (options.port !== undefined || tries === 3) throw error
    }
  }
}

/** Stops every server that runs. */
export async function stopSpawnedServers(): Promise<void> {
  await Promise.all([...running].map((server) => server.stop()))
}

async function start({ program, words, folder }: SpawnOptions, port: number): Promise<LocalServer> {
  const child = spawn(program, words(port), { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  const said: string[] = []
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (piece) => said.push(String(piece)))
  const server = serverOf(child, port)
  await once(child, 'spawn')
  running.add(server)
  child.once('exit', () => running.delete(server))
  await reachable(child, port, said)
  return server
}

function serverOf(child: ChildProcess, port: number): LocalServer {
  const isGone = () => child.exitCode !== null || child.signalCode !== null
  async function end(signal: NodeJS.Signals, patienceMillis: number): Promise<void> {
    if (isGone()) return
    const gone = once(child, 'exit')
    child.kill(signal)
    const cut = setTimeout(() => child.kill('SIGKILL'), patienceMillis)
    await gone
    clearTimeout(cut)
  }
  return {
    port,
    get pid() {
      return child.pid!
    },
    signal: (name) => {
      child.kill(name)
    },
    kill: () => end('SIGKILL', 0),
    stop: () => end('SIGTERM', 3_000),
  }
}

async function reachable(child: ChildProcess, port: number, said: readonly string[]): Promise<void> {
  for (let tries = 0; tries < 1_000; tries += 1) {
    if (child.exitCode !== null) break
    if (await answers(port)) return
    await pause(20)
  }
  child.kill('SIGKILL')
  throw new Error(`${child.spawnfile} did not come up on port ${port}: ${said.join('').slice(-2_000)}`)
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}

/** A port that nobody listens on at this moment. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  server.close()
  await once(server, 'close')
  if (address === null || typeof address === 'string') throw new Error('a TCP server has a port')
  return address.port
}
