import { expect, test } from 'vitest'
import { expectOutage, expectRecovery, startFaultWorld } from '../support/fault-world.ts'
import { startBigtable } from '../support/services/bigtable.ts'
import { storeFaults } from '../support/store-faults.ts'
import { startTcpProxy } from '../support/tcp-proxy.ts'

const at = (port: number): string =>
  `bigtable({ project: 'p', instance: 'i', table: 'faults', emulatorHost: '127.0.0.1:${port}', readTimeoutMillis: 400 })`

storeFaults({ name: 'bigtable', start: startBigtable, at })

test('a Bigtable that is not there when the gateway starts is served from when it comes', async () => {
  const server = await startBigtable()
  const proxy = await startTcpProxy(server.port)
  const world = await startFaultWorld({
    ...{ filled: at(server.port), served: at(proxy.port) },
    beforeServing: () => proxy.set({ kind: 'refuse' }),
  })
  expect(world.served.output.stderr).toMatch(/^error STORE_UNAVAILABLE/m)
  await expectOutage(world, 'bigtable')
  await proxy.set({ kind: 'pass' })
  await expectRecovery(world, 'bigtable')
})
