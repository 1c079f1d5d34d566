import { describe, expect, test } from 'vitest'
import {
  expectFailed,
  expectFlatMemory,
  expectOutage,
  expectRecovery,
  expectStale,
  expectWhole,
  startFaultWorld,
} from './fault-world.ts'
import type { LocalServer } from './services/local-server.ts'
import { type ProxyMode, startTcpProxy } from './tcp-proxy.ts'

/** A kind of store whose server can be made to fail. */
export interface FaultSubject {
  /** Its driver's. */
  readonly name: string
  readonly start: () => Promise<LocalServer>
  /** The driver as a config writes it, for a server at a port. */
  readonly at: (port: number) => string
}

/** What a gateway makes of a store that fails, whichever it is. */
export function storeFaults({ name, start, at }: FaultSubject): void {
  async function throughProxy() {
    const server = await start()
    const proxy = await startTcpProxy(server.port)
    return { proxy, world: await startFaultWorld({ filled: at(server.port), served: at(proxy.port) }) }
  }

  describe(`a ${name}`, () => {
    test('that is stopped and goes on', async () => {
      const server = await start()
      const world = await startFaultWorld({ filled: at(server.port) })
      expectWhole(await world.ask())
      server.signal('SIGSTOP')
      await expectOutage(world, name)
      expect((await fetch(`${world.url}/readyz`)).status).toBe(503)
      server.signal('SIGCONT')
      await expectRecovery(world, name)
      expect((await fetch(`${world.url}/readyz`)).status).toBe(200)
    })

    test.each<ProxyMode>([
      { kind: 'blackhole' },
      { kind: 'reset' },
      { kind: 'refuse' },
      { kind: 'cut', afterBytes: 9 },
      { kind: 'delay', millis: 1_500 },
      { kind: 'throttle', bytesPerSecond: 50 },
    ])('behind a network that does $kind', async (mode) => {
      const { proxy, world } = await throughProxy()
      expectWhole(await world.ask())
      await proxy.set(mode)
      await expectOutage(world, name)
      await proxy.set({ kind: 'pass' })
      await expectRecovery(world, name)
    })

    test('that is slow, but not too slow', async () => {
      const { proxy, world } = await throughProxy()
      await proxy.set({ kind: 'delay', millis: 50 })
      for (let time = 0; time < 10; time += 1) expectWhole(await world.ask())
      expect(await world.circuitOf(name)).toBe(0)
    })

    test('costs no memory while it is away', async () => {
      const { proxy, world } = await throughProxy()
      expectWhole(await world.ask())
      await proxy.set({ kind: 'blackhole' })
      await expectOutage(world, name)
      await expectFlatMemory(world, expectFailed)
      await proxy.set({ kind: 'pass' })
      await expectRecovery(world, name)
    })
  })

  describe(`with a cache in memory before a ${name}`, () => {
    const cached = (port: number): string =>
      `cache({ store: ${at(port)}, in: memory({ maxBytes: 10_000_000 }), ttl: '100ms' })`

    test('rows that may be stale are answered and marked while it is away, and the others are not', async () => {
      const server = await start()
      const proxy = await startTcpProxy(server.port)
      const world = await startFaultWorld({ filled: at(server.port), served: cached(proxy.port) })
      expectWhole(await world.ask())
      for (const mode of [{ kind: 'blackhole' }, { kind: 'refuse' }] as const) {
        await proxy.set(mode)
        await expectStale(world, name)
        await proxy.set({ kind: 'pass' })
        await expectRecovery(world, name)
      }
    })
  })
}
