import { setTimeout as wait } from 'node:timers/promises'
import { type RunningGateway, runGateway } from '../../src/cli/run-gateway.ts'
import { batchView } from '../../src/definitions/batch-view.ts'
import { entity } from '../../src/definitions/entity.ts'
import { float64, string } from '../../src/definitions/feature.ts'
import { onDemandView } from '../../src/definitions/on-demand-view.ts'
import { staticTable, tableSource } from '../../src/definitions/sources.ts'
import { fixedClock } from '../../src/lib/clock.ts'
import { closeRegistry } from '../../src/registry/close.ts'
import { parseConfig } from '../../src/registry/config.ts'
import type { ServerSettingsInput } from '../../src/registry/server-settings.ts'
import { cache } from '../../src/stores/online/cache.ts'
import { columnListOf } from '../../src/stores/online/column-lists.ts'
import { encodeKey } from '../../src/stores/online/key-codec.ts'
import { lmdb } from '../../src/stores/online/lmdb.ts'
import { memory } from '../../src/stores/online/memory.ts'
import type { OnlineDriver } from '../../src/stores/online/online-store.ts'
import { encodeCell } from '../../src/stores/online/row-codec.ts'
import { writeRows } from '../../src/stores/online/row-writer.ts'
import { type FaultyStore, faultyStore } from './faulty-store.ts'
import { postGraphQL } from './http-gateway.ts'
import { temporaryFolder } from './temporary-folder.ts'

const station = entity('Station', { keys: { id: string() } })

const readings = batchView('readings', {
  entity: station,
  source: tableSource({ table: 'readings', eventTime: 'at' }),
  ttl: '1h',
  retention: '1h',
  maxStaleness: '1h',
  staleIfError: true,
  features: { temperature: float64() },
})

const facts = batchView('facts', {
  entity: station,
  source: staticTable({ table: 'stations' }),
  features: { altitude: float64() },
})

const feeling = onDemandView('feeling', {
  entity: station,
  inputs: { temperature: readings.features.temperature },
  features: { felt: float64() },
  compute: () => {
    throw new Error('nobody knows')
  },
})

const NOW_MICROS = Date.parse('2001-07-02T12:00:00Z') * 1_000
const MINUTE_MICROS = 60_000_000

/** Minutes since the reading of each station; any other has none. */
const MINUTES_OLD = { fresh: 10, late: 90 } as const

/** How long copies are used. */
const COPY_MILLIS = 1_000

/** A gateway as `fieldstone serve` runs it: a cache in memory before a store that can be told to fail, guarded and measured. */
export interface ObservedGateway {
  readonly running: RunningGateway
  readonly url: string
  /** The store behind the cache. */
  readonly behind: FaultyStore
  /** Its answer as text. */
  ask(query: string, headers?: Readonly<Record<string, string>>): Promise<string>
  close(): Promise<void>
}

export async function startObservedGateway(server: ServerSettingsInput = {}): Promise<ObservedGateway> {
  const folder = await temporaryFolder()
  let behind: FaultyStore | undefined
  const real = lmdb({ path: 'online' })
  const failing: OnlineDriver = {
    ...real,
    open: async (options, context) => {
      behind = faultyStore(await real.open(options, context))
      return behind.store
    },
  }
  const config = parseConfig({
    name: 'stations',
    definitions: [station, readings, facts, feeling],
    online: cache({ store: failing, in: memory({ maxBytes: 2 ** 20 }), ttl: `${COPY_MILLIS}ms` }),
    clock: fixedClock('2001-07-02T12:00:00Z'),
    server: { storeGuard: { openAfterFailures: 2, openAfterMillis: 0, probeAfterMillis: 60_000 }, ...server },
  })
  const registry = closeRegistry({ name: config.name, definitions: config.definitions })
  const deployment = { configFile: `${folder}/fieldstone.config.ts`, directory: folder, config, registry }
  const running = await runGateway(deployment, { port: 0, production: false, logLevel: 'silent' })
  await writeStations(running, registry.entities[0]!)
  const { url } = running
  return {
    running,
    url,
    behind: behind!,
    ask: async (query, headers = {}) => (await postGraphQL(url, { query }, headers)).text(),
    close: () => running.close(),
  }
}

async function writeStations(
  { online }: RunningGateway,
  of: Parameters<typeof encodeKey>[0] & { batchViews: readonly any[] },
) {
  const { store, lists } = online
  for (const view of of.batchViews) {
    const list = columnListOf(view)
    await lists.record(list)
    const rows = Object.entries(MINUTES_OLD).map(([id, minutes]) => ({
      key: encodeKey(of, [id]),
      cell: encodeCell(list, {
        ...{ eventMicros: NOW_MICROS - minutes * MINUTE_MICROS, ingestMicros: NOW_MICROS },
        ...{ tieBreaker: new Uint8Array(), tombstone: false, values: ['1.5'] },
      }),
      removableAfterMicros: undefined,
    }))
    await writeRows(store, lists, { entity: 'Station', view: view.id, rows })
  }
}

/** The most requests at a time that `causeEveryMetric` counts on. */
export const FEW_PLACES = { maxConcurrentRequests: 2, maxQueuedRequests: 0 } as const

/** Requests after which every metric has a value: answers of each kind, refusals, copies, and a store that fails until it is left alone. */
export async function causeEveryMetric({ url, behind, ask }: ObservedGateway): Promise<void> {
  const every = (id: string) => `query Every { station(id: "${id}") { temperature altitude } }`
  for (const id of ['fresh', 'fresh', 'late', 'nowhere']) await ask(every(id))
  await ask('{ station(id: "fresh") { felt } }', { 'apollographql-client-name': 'tests' })
  await ask('{ nothing }')
  await fetch(`${url}/graphql`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{' })
  await wait(COPY_MILLIS + 50)
  behind.fault = 'hangs'
  let settled = 0
  const waiting = Array.from({ length: 8 }, async (_, index) => {
    await ask(every(`hung ${index}`))
    settled += 1
  })
  // Two have places, and wait for the store; the others are turned away.
  while (settled < 6) await wait(10)
  behind.release()
  await Promise.all(waiting)
  behind.fault = { failingKeys: [0] }
  await ask(every('cell'))
  behind.fault = 'refuses'
  for (let time = 0; time < 4; time += 1) await ask(every(`lost ${time}`))
  await ask('{ station(id: "fresh") { temperature } }')
}
