import { describe, expect, test } from 'vitest'
import {
  expectFailed,
  expectFlatMemory,
  expectOutage,
  expectRecovery,
  expectStale,
  expectWhole,
  startFaultWorld,
} from '../support/fault-world.ts'
import { startBigtable } from '../support/services/bigtable.ts'
import { type ProxyMode, startTcpProxy } from '../support/tcp-proxy.ts'

const at = (port: number): string =>
  `bigtable({ project: 'p', instance: 'i', table: 'faults', emulatorHost: '127.0.0.1:${port}', readTimeoutMillis: 400 })`

async function throughProxy() {
  const emulator = await startBigtable()
  const proxy = await startTcpProxy(emulator.port)
  return { proxy, world: await startFaultWorld({ filled: at(emulator.port), served: at(proxy.port) }) }
}

describe('a Bigtable', () => {
  test('that is stopped and goes on', async () => {
    const emulator = await startBigtable()
    const world = await startFaultWorld({ filled: at(emulator.port) })
    expectWhole(await world.ask())
    emulator.signal('SIGSTOP')
    await expectOutage(world, 'bigtable')
    expect((await fetch(`${world.url}/readyz`)).status).toBe(503)
    emulator.signal('SIGCONT')
    await expectRecovery(world, 'bigtable')
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
    await expectOutage(world, 'bigtable')
    await proxy.set({ kind: 'pass' })
    await expectRecovery(world, 'bigtable')
  })

  test('that is not there when the gateway starts', async () => {
    const emulator = await startBigtable()
    const proxy = await startTcpProxy(emulator.port)
    const world = await startFaultWorld({
      ...{ filled: at(emulator.port), served: at(proxy.port) },
      beforeServing: () => proxy.set({ kind: 'refuse' }),
    })
    expect(world.served.output.stderr).toMatch(/^error STORE_UNAVAILABLE/m)
    await expectOutage(world, 'bigtable')
    await proxy.set({ kind: 'pass' })
    await expectRecovery(world, 'bigtable')
  })

  test('that is slow, but not too slow', async () => {
    const { proxy, world } = await throughProxy()
    await proxy.set({ kind: 'delay', millis: 50 })
    for (let time = 0; time < 10; time += 1) expectWhole(await world.ask())
    expect(await world.circuitOf('bigtable')).toBe(0)
  })

  test('costs no memory while it is away', async () => {
    const { proxy, world } = await throughProxy()
    expectWhole(await world.ask())
    await proxy.set({ kind: 'blackhole' })
    await expectOutage(world, 'bigtable')
    await expectFlatMemory(world, expectFailed)
    await proxy.set({ kind: 'pass' })
    await expectRecovery(world, 'bigtable')
  })
})

describe('with a cache in memory before a Bigtable', () => {
  const cached = (port: number): string =>
    `cache({ store: ${at(port)}, in: memory({ maxBytes: 10_000_000 }), ttl: '100ms' })`

  test('rows that may be stale are answered and marked while it is away, and the others are not', async () => {
    const emulator = await startBigtable()
    const proxy = await startTcpProxy(emulator.port)
    const world = await startFaultWorld({ filled: at(emulator.port), served: cached(proxy.port) })
    expectWhole(await world.ask())
    for (const mode of [{ kind: 'blackhole' }, { kind: 'refuse' }] as const) {
      await proxy.set(mode)
      await expectStale(world, 'bigtable')
      await proxy.set({ kind: 'pass' })
      await expectRecovery(world, 'bigtable')
    }
  })
})
