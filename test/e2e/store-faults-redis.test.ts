import { describe, expect, test } from 'vitest'
import {
  expectFailed,
  expectFlatMemory,
  expectOutage,
  expectRecovery,
  expectStale,
  expectWhole,
  type FaultWorld,
  ROOTS,
  type RootName,
  startFaultWorld,
} from '../support/fault-world.ts'
import { startRedis } from '../support/services/redis.ts'
import { startRedisCluster } from '../support/services/redis-cluster.ts'
import { type ProxyMode, startTcpProxy } from '../support/tcp-proxy.ts'

const at = (port: number): string => `redis({ url: 'redis://127.0.0.1:${port}', readTimeoutMillis: 400 })`

async function throughProxy() {
  const server = await startRedis()
  const proxy = await startTcpProxy(server.port)
  return { proxy, world: await startFaultWorld({ filled: at(server.port), served: at(proxy.port) }) }
}

describe('a Redis', () => {
  test('that is stopped and goes on', async () => {
    const server = await startRedis()
    const world = await startFaultWorld({ filled: at(server.port) })
    expectWhole(await world.ask())
    server.signal('SIGSTOP')
    await expectOutage(world, 'redis')
    expect((await fetch(`${world.url}/readyz`)).status).toBe(503)
    server.signal('SIGCONT')
    await expectRecovery(world, 'redis')
    expect((await fetch(`${world.url}/readyz`)).status).toBe(200)
  })

  test('that is killed and starts again with what it had written', async () => {
    const words = ['--appendonly', 'yes', '--appendfsync', 'always']
    const server = await startRedis({ words })
    const world = await startFaultWorld({ filled: at(server.port) })
    expectWhole(await world.ask())
    await server.kill()
    await expectOutage(world, 'redis')
    await startRedis({ words, folder: server.folder, port: server.port })
    await expectRecovery(world, 'redis')
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
    await expectOutage(world, 'redis')
    await proxy.set({ kind: 'pass' })
    await expectRecovery(world, 'redis')
  })

  test('that is slow, but not too slow', async () => {
    const { proxy, world } = await throughProxy()
    await proxy.set({ kind: 'delay', millis: 50 })
    for (let time = 0; time < 10; time += 1) expectWhole(await world.ask())
    expect(await world.circuitOf('redis')).toBe(0)
  })

  test('costs no memory while it is away', async () => {
    const { proxy, world } = await throughProxy()
    expectWhole(await world.ask())
    await proxy.set({ kind: 'blackhole' })
    await expectOutage(world, 'redis')
    await expectFlatMemory(world, expectFailed)
    await proxy.set({ kind: 'pass' })
    await expectRecovery(world, 'redis')
  })
})

/** Which roots fail now, each by itself, again and again. */
async function failingRoots(world: FaultWorld): Promise<readonly RootName[]> {
  const names = Object.keys(ROOTS) as RootName[]
  const { data } = await world.ask()
  const failed = names.filter((name) => data[name] === null)
  for (let time = 0; time < 20; time += 1) expectFailed(await world.ask(), failed)
  return failed
}

describe('of a cluster what the other nodes hold is answered, and no circuit opens,', () => {
  const inCluster = async () => {
    const { servers, nodes } = await startRedisCluster()
    const driver = `redis({ cluster: ${JSON.stringify(nodes)}, readTimeoutMillis: 200 })`
    const world = await startFaultWorld({ filled: driver })
    expectWhole(await world.ask())
    return { servers, world }
  }

  test('while one node after another is stopped', async () => {
    const { servers, world } = await inCluster()
    const failed: (readonly RootName[])[] = []
    for (const server of servers) {
      server.signal('SIGSTOP')
      failed.push(await failingRoots(world))
      expect(await world.circuitOf('redis')).toBe(0)
      server.signal('SIGCONT')
      await expectRecovery(world, 'redis')
    }
    // Each key is somewhere, and not all are at one place.
    expect(failed.flat().toSorted()).toEqual(Object.keys(ROOTS).toSorted())
    expect(failed.filter((names) => names.length > 0).length).toBeGreaterThan(1)
  })

  test('when a node has been killed', async () => {
    const { servers, world } = await inCluster()
    await servers[0]!.kill()
    await failingRoots(world)
    expect(await world.circuitOf('redis')).toBe(0)
  })
})

describe('with a cache in memory before a Redis', () => {
  const cached = (port: number): string =>
    `cache({ store: ${at(port)}, in: memory({ maxBytes: 10_000_000 }), ttl: '100ms' })`

  test('rows that may be stale are answered and marked while it is away, and the others are not', async () => {
    const server = await startRedis()
    const proxy = await startTcpProxy(server.port)
    const world = await startFaultWorld({ filled: at(server.port), served: cached(proxy.port) })
    expectWhole(await world.ask())
    for (const mode of [{ kind: 'blackhole' }, { kind: 'refuse' }] as const) {
      await proxy.set(mode)
      await expectStale(world, 'redis')
      await proxy.set({ kind: 'pass' })
      await expectRecovery(world, 'redis')
    }
  })
})
