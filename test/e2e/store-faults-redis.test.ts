import { describe, expect, test } from 'vitest'
import {
  expectFailed,
  expectOutage,
  expectRecovery,
  expectWhole,
  type FaultWorld,
  ROOTS,
  type RootName,
  startFaultWorld,
} from '../support/fault-world.ts'
import { startRedis } from '../support/services/redis.ts'
import { startRedisCluster } from '../support/services/redis-cluster.ts'
import { storeFaults } from '../support/store-faults.ts'

const at = (port: number): string => `redis({ url: 'redis://127.0.0.1:${port}', readTimeoutMillis: 400 })`

storeFaults({ name: 'redis', start: startRedis, at })

describe('a Redis that keeps what it has', () => {
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
