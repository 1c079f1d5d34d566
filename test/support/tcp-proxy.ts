import { EventEmitter, once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { onTestFinished } from 'vitest'

/** What a proxy makes of what goes through it; answers are what the server sends. */
export type ProxyMode =
  | { readonly kind: 'pass' }
  /** Each piece of an answer comes so much later. */
  | { readonly kind: 'delay'; readonly millis: number }
  | { readonly kind: 'throttle'; readonly bytesPerSecond: number }
  /** Of each answer comes so much; then its connection is cut. */
  | { readonly kind: 'cut'; readonly afterBytes: number }
  /** Connections are taken, and nothing goes through until the mode is another. */
  | { readonly kind: 'blackhole' }
  /** Every connection is reset, also those that come. */
  | { readonly kind: 'reset' }
  /** Nobody listens, and the connections there were are reset. */
  | { readonly kind: 'refuse' }

/** A way to a TCP server that faults are put into by hand. */
export interface TcpProxy {
  readonly port: number
  /** Takes effect on what comes next, of connections that are there as well. */
  set(mode: ProxyMode): Promise<void>
}

/** Starts a proxy before a server of 127.0.0.1. It is stopped when the test is over. */
export async function startTcpProxy(serverPort: number): Promise<TcpProxy> {
  const changes = new EventEmitter().setMaxListeners(0)
  const clients = new Set<Socket>()
  let mode: ProxyMode = { kind: 'pass' }
  const server = createServer(take)
  await listen(server, 0)
  const { port } = server.address() as AddressInfo

  function take(client: Socket): void {
    client.on('error', () => {})
    if (mode.kind === 'reset') return void client.resetAndDestroy()
    const upstream = connect(serverPort, '127.0.0.1').on('error', () => client.resetAndDestroy())
    clients.add(client)
    client.on('close', () => {
      clients.delete(client)
      upstream.destroy()
    })
    upstream.on('close', () => client.destroy())
    void relay(client, upstream, passes)
    void relay(upstream, client, answers)
  }

  /** Holds what goes through a black hole, as a network does that comes back. */
  async function passes(piece: Buffer, to: Socket): Promise<void> {
    while (mode.kind === 'blackhole') await once(changes, 'change')
    await write(to, piece)
  }

  async function answers(piece: Buffer, to: Socket): Promise<void> {
    const fault = mode
    if (fault.kind === 'delay') await wait(fault.millis)
    if (fault.kind === 'cut') {
      await write(to, piece.subarray(0, fault.afterBytes))
      to.destroySoon()
    } else if (fault.kind === 'throttle') await drip(piece, to, fault.bytesPerSecond)
    else await passes(piece, to)
  }

  async function set(next: ProxyMode): Promise<void> {
    const wasClosed = mode.kind === 'refuse'
    mode = next
    changes.emit('change')
    if (next.kind === 'reset' || next.kind === 'refuse') for (const client of clients) client.resetAndDestroy()
    if (next.kind === 'refuse' && !wasClosed) await close(server)
    if (next.kind !== 'refuse' && wasClosed) await listen(server, port)
  }

  onTestFinished(() => set({ kind: 'refuse' }))
  return { port, set }
}

/** One piece after another, and no more is read than the other side takes. */
async function relay(from: Socket, to: Socket, handle: (piece: Buffer, to: Socket) => Promise<void>): Promise<void> {
  try {
    for await (const piece of from) await handle(piece, to)
    to.end()
  } catch {
    to.destroy()
  }
}

const TICK_MILLIS = 20

async function drip(piece: Buffer, to: Socket, bytesPerSecond: number): Promise<void> {
  const step = Math.max(1, Math.floor((bytesPerSecond * TICK_MILLIS) / 1_000))
  for (let start = 0; start < piece.length; start += step) {
    await wait(TICK_MILLIS)
    await write(to, piece.subarray(start, start + step))
  }
}

async function write(to: Socket, piece: Buffer): Promise<void> {
  if (to.destroyed) throw new Error('the other side has gone')
  if (!to.write(piece)) await Promise.race([once(to, 'drain'), once(to, 'close')])
}

async function listen(server: Server, port: number): Promise<void> {
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
}

async function close(server: Server): Promise<void> {
  server.close()
  await once(server, 'close')
}
