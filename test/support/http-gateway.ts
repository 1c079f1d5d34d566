import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { pino } from 'pino'
import { z } from 'zod'
import { batchView } from '../../src/definitions/batch-view.ts'
import type { Definition } from '../../src/definitions/definition.ts'
import { entity } from '../../src/definitions/entity.ts'
import { float64, int64, string } from '../../src/definitions/feature.ts'
import { onDemandView } from '../../src/definitions/on-demand-view.ts'
import { staticTable } from '../../src/definitions/sources.ts'
import { fixedClock } from '../../src/lib/clock.ts'
import { closeRegistry } from '../../src/registry/close.ts'
import { DEFAULT_LIMITS, type Limits } from '../../src/registry/limits.ts'
import type { Registry } from '../../src/registry/registry.ts'
import { buildSchema } from '../../src/sdl/schema.ts'
import { createGateway, type Gateway, type GatewayContent, type GatewayOptions } from '../../src/server/gateway.ts'
import type { Metrics } from '../../src/server/metrics/metrics.ts'
import { createServing, type ServingOptions } from '../../src/serving/serving.ts'
import { type ColumnLists, columnListOf, createColumnLists } from '../../src/stores/online/column-lists.ts'
import { encodeKey } from '../../src/stores/online/key-codec.ts'
import { lmdb } from '../../src/stores/online/lmdb.ts'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { encodeCell } from '../../src/stores/online/row-codec.ts'
import { writeRows } from '../../src/stores/online/row-writer.ts'
import { watchedStore } from '../../src/stores/online/watched-store.ts'
import { openContext } from './open-context.ts'
import { type DoorsTaken, watchDoors } from './watched-doors.ts'

export const city = entity('City', { keys: { name: string() }, description: 'A city.' })

export const profile = batchView('profile', {
  entity: city,
  source: staticTable({ table: 'cities' }),
  features: { population: int64({ description: 'People.' }), altitude: float64() },
})

const comfort = onDemandView('comfort', {
  entity: city,
  inputs: { altitude: profile.features.altitude },
  args: z.object({ outside: z.number() }),
  features: { felt: float64() },
  compute: ({ inputs, args }) => {
    if (args.outside > 100) throw new Error('the secret thermometer broke')
    return { felt: args.outside - inputs.altitude / 100 }
  },
})

const moment = onDemandView('moment', {
  entity: city,
  inputs: { altitude: profile.features.altitude },
  whenMissing: 'call',
  features: { nowMillis: float64() },
  compute: ({ nowMicros }) => ({ nowMillis: nowMicros / 1000 }),
})

/** A small deployment: stored features, an on-demand one that throws above 100 degrees, and one that tells the request's now. */
export const CITIES: readonly Definition[] = [city, profile, comfort, moment]

/** What the store holds; any other city is unknown. */
const ROWS = [
  { name: 'Oslo', values: ['"709037"', '23'] },
  { name: 'Bogotá', values: ['"7743955"', '2640'] },
] as const

/** One line of the gateway's log. */
export type LogLine = Readonly<Record<string, unknown>> & {
  readonly msg: string
  readonly level: number
  readonly requestId?: string
}

/** A real gateway on a free port over a real LMDB in a folder of its own. */
export interface TestGateway {
  readonly url: string
  readonly gateway: Gateway
  readonly store: OnlineStore
  /** Which door each request that came to execution took. */
  readonly doors: DoorsTaken
  /** Everything logged so far, parsed. */
  readonly log: readonly LogLine[]
  /** What other definitions would be served by, over the same store. */
  contentOf(definitions: readonly Definition[]): GatewayContent
  close(): Promise<void>
}

type TestGatewayOptions = Partial<Omit<GatewayOptions, 'logger' | 'store' | 'limits' | keyof GatewayContent>> &
  Pick<ServingOptions, 'codeGeneration' | 'planCacheBytes'> & {
    /** Default: any that is free. */
    readonly port?: number
    /** Of the gateway and of its serving. Those that are not named are the defaults. */
    readonly limits?: Partial<Limits>
    /** Default: `CITIES`. Rows are there for the view `profile` alone. */
    readonly definitions?: readonly Definition[]
    /** Default false. */
    readonly mergeReads?: boolean
    /** Counts what the gateway does, and its store. Default: nothing is counted. */
    readonly metrics?: Metrics
    /** What serving reads through instead of the store itself. */
    readonly through?: (store: OnlineStore) => OnlineStore
  }

/** Starts one, or leaves nothing behind where it cannot listen. */
export async function startTestGateway({ port = 0, ...options }: TestGatewayOptions = {}): Promise<TestGateway> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldstone-gateway-'))
  const driver = lmdb({ path: folder, mergeReads: options.mergeReads ?? false })
  const store = await driver.open(driver.options, openContext(folder))
  const lists = createColumnLists(store)
  const { definitions = CITIES, production = false, through = (itself) => itself, metrics } = options
  const measured = (itself: OnlineStore): OnlineStore =>
    metrics === undefined ? itself : watchedStore(itself, metrics.storeListener('lmdb'))
  // The test's own work, in the same event loop, is no load of the gateway's.
  const limits = { ...DEFAULT_LIMITS, maxEventLoopDelayMillis: 3_600_000, ...options.limits }
  const { watch, taken } = watchDoors()
  const contentOf = (of: readonly Definition[]): GatewayContent => {
    const registry = closeRegistry({ name: 'cities', definitions: of })
    const schema = buildSchema(registry)
    const { codeGeneration = true, planCacheBytes } = options
    const serving = createServing({
      ...{ registry, schema, store: measured(through(store)), lists, production, limits, codeGeneration },
      ...(planCacheBytes === undefined ? {} : { planCacheBytes }),
    })
    return { registry, schema, serving: watch(serving) }
  }
  const served = contentOf(definitions)
  await writeCities(served.registry, store, lists)
  const { lines, logger } = collectingLogger()
  const gateway = await createGateway({
    config: { name: 'cities' },
    clock: fixedClock('2001-07-02T00:00:00Z'),
    graphiql: true,
    sampleOperation: undefined,
    ...options,
    ...served,
    ...{ store, logger, production, limits },
  })
  const close = async (): Promise<void> => {
    await gateway.close()
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
  const url = await gateway.listen(port, '127.0.0.1').catch(async (error) => {
    await close()
    throw error
  })
  return { url, gateway, store, doors: taken, log: lines, contentOf, close }
}

async function writeCities(registry: Registry, store: OnlineStore, lists: ColumnLists): Promise<void> {
  const view = registry.entities.flatMap(({ batchViews }) => batchViews).find(({ name }) => name === profile.name)!
  const list = columnListOf(view)
  await lists.record(list)
  const rows = ROWS.map(({ name, values }) => ({
    key: encodeKey(view.entity, [name]),
    cell: encodeCell(list, { eventMicros: 0, ingestMicros: 0, tieBreaker: new Uint8Array(), tombstone: false, values }),
    removableAfterMicros: undefined,
  }))
  await writeRows(store, lists, { entity: view.entity.name, view: view.id, rows })
}

function collectingLogger() {
  const lines: LogLine[] = []
  const stream = new Writable({
    write: (chunk, _encoding, done) => {
      lines.push(JSON.parse(String(chunk)))
      done()
    },
  })
  return { lines, logger: pino({ level: 'debug' }, stream) }
}

/** Sends one operation as most clients do. */
export function postGraphQL(
  url: string,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}
