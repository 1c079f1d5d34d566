import { Agent, request } from 'node:http'
import { resolve } from 'node:path'
import { json, text } from 'node:stream/consumers'
import { expect, onTestFinished } from 'vitest'
import { fieldstone, type Started, startNode, userFolder } from './command-line.ts'
import { REPOSITORY } from './source-imports.ts'

/** Two entities of two views each; rows of cities may be used stale, those of countries may not. */
const FEATURES = `import { batchView, entity, float64, int32, staticTable, string, tableSource } from 'fieldstone'
export const city = entity('City', { keys: { name: string() } })
export const country = entity('Country', { keys: { code: string() } })
const rows = (names, values) => ({ sql: 'select * from (values ' + values + ') as rows(' + names + ')' })
const stale = { maxStaleness: '1h', staleIfError: true }
export const cityDaily = batchView('cityDaily', {
  entity: city,
  ...stale,
  source: tableSource({
    ...rows('name, day, visits, rain', "('Oslo', timestamp '2001-07-01', 7, 1.5), ('Bogota', timestamp '2001-07-01', 3, 3.5)"),
    eventTime: 'day',
  }),
  features: { visits: int32(), rain: float64() },
})
export const cityPlace = batchView('cityPlace', {
  entity: city,
  ...stale,
  source: tableSource({
    ...rows('name, day, altitude', "('Oslo', timestamp '2001-07-01', 23), ('Bogota', timestamp '2001-07-01', 2640)"),
    eventTime: 'day',
  }),
  features: { altitude: int32() },
})
export const countryFacts = batchView('countryFacts', {
  entity: country,
  source: tableSource({ ...rows('code, day, people', "('NO', timestamp '2001-07-01', 4500)"), eventTime: 'day' }),
  features: { people: int32() },
})
export const countryClimate = batchView('countryClimate', {
  entity: country,
  source: tableSource({ ...rows('code, day, warmth', "('NO', timestamp '2001-07-01', 5.5)"), eventTime: 'day' }),
  features: { warmth: float64() },
})
`

/** The deadline of the gateway's requests. */
export const DEADLINE_MILLIS = 2_000

/** On SIGUSR2 it collects garbage and says how much of the heap is used. */
const config = (online: string): string => `import {
  bigtable, cache, defineConfig, duckdb, env, fixedClock, memory, redis,
} from 'fieldstone'
import * as definitions from './features.ts'
process.on('SIGUSR2', () => {
  globalThis.gc?.()
  console.error('heap: ' + process.memoryUsage().heapUsed)
})
export default defineConfig({
  name: 'faults',
  definitions,
  online: ${online},
  offline: duckdb(),
  clock: fixedClock('2001-07-02T00:00:00Z'),
  server: {
    limits: { deadlineMillis: ${DEADLINE_MILLIS}, maxEventLoopDelayMillis: 10_000 },
    storeGuard: { readTimeoutMillis: 600, openAfterFailures: 3, openAfterMillis: 100, probeAfterMillis: 100, maxProbeAfterMillis: 200 },
  },
})
`

/** Roots of both entities, each answered from both of its views. */
export const ROOTS = {
  oslo: { field: 'city(name: "Oslo") { visits rain altitude }', whole: { visits: 7, rain: 1.5, altitude: 23 } },
  bogota: { field: 'city(name: "Bogota") { rain altitude }', whole: { rain: 3.5, altitude: 2640 } },
  norway: { field: 'country(code: "NO") { people warmth }', whole: { people: 4500, warmth: 5.5 } },
} as const
export type RootName = keyof typeof ROOTS
const NAMES = Object.keys(ROOTS) as RootName[]

export interface FaultAnswer {
  readonly status: number
  readonly millis: number
  readonly data: Readonly<Record<RootName, Readonly<Record<string, unknown>> | null>>
  readonly errors: readonly {
    readonly path: readonly (string | number)[]
    readonly message: string
    readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string }
  }[]
  readonly extensions: Readonly<Record<string, unknown>> | undefined
}

/** A gateway of its own process before a store that faults come to. */
export interface FaultWorld {
  readonly served: Started
  readonly url: string
  ask(query?: string): Promise<FaultAnswer>
  /** Its state as `/metrics` tells it: 0 closed, 1 probing, 2 open. */
  circuitOf(store: string): Promise<number | undefined>
  /** Bytes of the heap that are used after a collection of garbage. */
  heapBytes(): Promise<number>
  /** Ends it. Throws where it has died before, or said something that nobody expects. */
  end(): Promise<void>
}

/** Fills a store and starts a gateway over it. It is ended with the test, which fails where it did not live as long. */
export async function startFaultWorld(stores: {
  /** What the rows are written through, as a config's text. */
  readonly filled: string
  /** What they are served from. Default: the same. */
  readonly served?: string
  /** Done when the store is filled. */
  readonly beforeServing?: () => Promise<void>
}): Promise<FaultWorld> {
  const { filled, served: servedFrom = filled, beforeServing } = stores
  const folder = await userFolder({ 'features.ts': FEATURES, 'fieldstone.config.ts': config(filled) })
  onTestFinished(() => folder.remove())
  for (const verb of ['apply', 'materialize']) {
    const { code, stderr } = await fieldstone([verb], { cwd: folder.path })
    expect([code, stderr]).toEqual([0, expect.any(String)])
  }
  await folder.write('fieldstone.config.ts', config(servedFrom))
  await beforeServing?.()
  const main = resolve(REPOSITORY, 'src/cli/main.ts')
  const served = startNode(['--expose-gc', main, 'serve', '--port', '0'], { cwd: folder.path })
  const [, url] = await served.says(/serving faults at (http:\S+)/)
  const agent = new Agent({ keepAlive: true, maxSockets: 64 })
  let isOver = false
  const end = async (): Promise<void> => {
    if (isOver) return
    isOver = true
    agent.destroy()
    served.child.kill('SIGTERM')
    const { code, stderr } = await served.finished
    expect([code, stderr.match(/unhandled|uncaught|unexpected error|Invariant/i)]).toEqual([0, null])
  }
  onTestFinished(end)
  return {
    served,
    url: url!,
    ask: (query = WHOLE_QUERY) => ask(url!, agent, query),
    circuitOf: async (store) => {
      const response = await fetch(`${url}/metrics`)
      const line = (await response.text()).match(
        new RegExp(`^fieldstone_store_circuit_state\\{.*store="${store}".*\\} (\\d)$`, 'm'),
      )
      return line === null ? undefined : Number(line[1])
    },
    heapBytes: () => heapOf(served),
    end,
  }
}

const WHOLE_QUERY = `{ ${NAMES.map((name) => `${name}: ${ROOTS[name].field}`).join(' ')} }`

function ask(url: string, agent: Agent, query: string): Promise<FaultAnswer> {
  const startedAt = performance.now()
  return new Promise((found, lost) => {
    const asking = request(`${url}/graphql`, {
      ...{ agent, method: 'POST', headers: { 'content-type': 'application/json' } },
    })
    asking.on('error', lost)
    asking.on('response', async (response) => {
      try {
        const status = response.statusCode!
        if (status !== 200) return lost(new Error(`${status} ${await text(response)}`))
        const { data, errors = [], extensions } = (await json(response)) as FaultAnswer
        found({ status, millis: performance.now() - startedAt, data, errors, extensions })
      } catch (error) {
        lost(error)
      }
    })
    asking.end(JSON.stringify({ query }))
  })
}

async function heapOf({ child, output }: Started): Promise<number> {
  const count = () => output.stderr.match(/^heap: \d+$/gm)?.length ?? 0
  const before = count()
  child.kill('SIGUSR2')
  await expect.poll(count, { timeout: 20_000 }).toBe(before + 1)
  return Number(/heap: (\d+)$/.exec(output.stderr.match(/^heap: \d+$/gm)!.at(-1)!)![1])
}

/** That roots failed: each null, with one coded error at its own path; the others whole; all by the deadline. */
export function expectFailed(answer: FaultAnswer, failed: readonly RootName[] = NAMES, codes = STORE_CODES): void {
  expect(answer.millis).toBeLessThan(DEADLINE_MILLIS + GRACE_MILLIS)
  expect(answer.data).toEqual(
    Object.fromEntries(NAMES.map((name) => [name, failed.includes(name) ? null : ROOTS[name].whole])),
  )
  expect(answer.errors.map(({ path }) => path)).toEqual(failed.map((name) => [name]))
  for (const { extensions } of answer.errors) expect(codes).toContain(extensions.code)
}

/** For bytes on their way, and a machine that does other things. */
const GRACE_MILLIS = 2_000

/** What a client may see of a store that does not answer. */
const STORE_CODES = ['STORE_UNAVAILABLE', 'STORE_BUSY', 'DEADLINE_EXCEEDED']

export function expectWhole(answer: FaultAnswer): void {
  expect(answer.errors).toEqual([])
  expect(answer.data).toEqual(Object.fromEntries(NAMES.map((name) => [name, ROOTS[name].whole])))
}

/** That a world comes back by itself, and its circuits close. */
export async function expectRecovery(world: FaultWorld, ...stores: readonly string[]): Promise<void> {
  await expect.poll(async () => (await world.ask()).errors.length, { timeout: 30_000 }).toBe(0)
  for (let time = 0; time < 10; time += 1) expectWhole(await world.ask())
  for (const store of stores) expect(await world.circuitOf(store)).toBe(0)
}

/** That while nothing comes of a store its circuit opens, and stays so for all but probes. */
export async function expectOutage(world: FaultWorld, store: string): Promise<void> {
  const deadline = performance.now() + 30_000
  for (;;) {
    const answer = await world.ask()
    expectFailed(answer)
    if (answer.errors.some(({ extensions }) => extensions.circuit === 'open')) break
    expect(performance.now()).toBeLessThan(deadline)
  }
  expect(await world.circuitOf(store)).not.toBe(0)
}

/** That while nothing comes of the store behind a cache, cities are answered and marked as stale, and countries fail. */
export async function expectStale(world: FaultWorld, store: string): Promise<void> {
  const isOut = async (): Promise<boolean> => {
    expectFailed(await world.ask(), ['norway'])
    return (await world.circuitOf(store)) !== 0
  }
  await expect.poll(isOut, { timeout: 30_000 }).toBe(true)
  for (let time = 0; time < 20; time += 1) {
    const answer = await world.ask()
    expectFailed(answer, ['norway'])
    const { stale } = answer.extensions!.fieldstone as { readonly stale: readonly Readonly<Record<string, unknown>>[] }
    expect(stale.map(({ view, rows }) => [view, rows])).toEqual([
      ['cityDaily', 2],
      ['cityPlace', 2],
    ])
  }
}

/** Requests that a gateway is asked in an outage. */
const OUTAGE_REQUESTS = 20_000

/** More than a heap that is flat ever differs by, and less than what it would be if each request left something. */
const FLAT_BYTES = 16 * 1_024 * 1_024

/** That thousands of requests leave nothing in memory, whatever becomes of each. */
export async function expectFlatMemory(world: FaultWorld, check: (answer: FaultAnswer) => void): Promise<void> {
  const askMany = async (count: number): Promise<void> => {
    let left = count
    const askOn = async (): Promise<void> => {
      while (left > 0) {
        left -= 1
        check(await world.ask())
      }
    }
    await Promise.all(Array.from({ length: 32 }, askOn))
  }
  await askMany(OUTAGE_REQUESTS / 10)
  const before = await world.heapBytes()
  await askMany(OUTAGE_REQUESTS)
  expect((await world.heapBytes()) - before).toBeLessThan(FLAT_BYTES)
}
