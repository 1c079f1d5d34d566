import { setTimeout as wait } from 'node:timers/promises'
import { pino } from 'pino'
import { afterEach, describe, expect, test } from 'vitest'
import type { OperationUsage } from '../../../src/registry/operation-usage.ts'
import { clientOf } from '../../../src/server/client.ts'
import type { RequestHook } from '../../../src/server/hooks.ts'
import { createUsageReports, type UsageReports } from '../../../src/server/usage-reports.ts'
import { postGraphQL, startTestGateway, type TestGateway } from '../../support/http-gateway.ts'

let server: TestGateway | undefined
let reports: UsageReports | undefined
afterEach(async () => {
  await server?.close()
  await reports?.close(0)
  server = undefined
})

const NEVER = 3_600_000
const QUERY = `query Altitude($name: ID!) { city(name: $name) { ...Facts } } fragment Facts on City { altitude felt(outside: 20) }`

function logged() {
  const lines: Record<string, unknown>[] = []
  return { lines, logger: pino({}, { write: (line) => void lines.push(JSON.parse(line)) }) }
}

async function start(options: {
  readonly report: (usages: readonly OperationUsage[]) => void | Promise<void>
  readonly intervalMillis?: number
}) {
  const { lines, logger } = logged()
  reports = createUsageReports({ intervalMillis: NEVER, logger, ...options })
  const seen: Parameters<NonNullable<RequestHook['after']>>[] = []
  const watching: RequestHook = { name: 'watching', after: (...told) => void seen.push(told) }
  server = await startTestGateway({ hooks: [reports.hook, watching] })
  const { url } = server
  const ask = async (query: string, variables = {}, headers = {}) =>
    void (await (await postGraphQL(url, { query, variables }, headers)).text())
  return { lines, ask, reports, seen, doors: server.doors }
}

describe('a usage report', () => {
  test('adds up both doors by operation and client, with the fields that the operation selects', async () => {
    const told: OperationUsage[] = []
    const { ask, reports: own, doors } = await start({ report: (usages) => void told.push(...usages) })
    const app = { 'x-fieldstone-client-name': 'app', 'x-fieldstone-client-version': '2' }
    for (const name of ['Oslo', 'Nowhere', 'Oslo']) await ask(QUERY, { name })
    await ask(QUERY, { name: 'Oslo' }, app)
    await ask(QUERY, {}, app)
    await ask('{ city(name: "Oslo") { felt(outside: 200) } }')
    await ask('{ nothing }')
    expect(doors.take()).toEqual(['long', 'warm', 'warm', 'warm', 'warm', 'long'])
    await own.close()
    const seen = told.map(({ operationId, operationName, clientName, clientVersion, count, errorCount, durations }) => {
      expect(durations.counts.reduce((total, one) => total + one, 0)).toBe(count)
      expect(durations.counts.length).toBe(durations.boundsMillis.length + 1)
      expect(operationId).toMatch(/^[0-9a-f]{64}$/)
      return [operationName, clientName, clientVersion, count, errorCount]
    })
    expect(seen).toEqual([
      ['Altitude', undefined, undefined, 3, 0],
      ['Altitude', 'app', '2', 2, 1],
      [undefined, undefined, undefined, 1, 1],
    ])
    expect(told[0]?.coordinates).toEqual(['City.altitude', 'City.felt', 'Query.city'])
    expect(told[2]?.coordinates).toEqual(['City.felt', 'Query.city'])
  })

  test('comes at each interval in which there was something', async () => {
    const told: number[] = []
    const { ask } = await start({ report: (usages) => void told.push(usages[0]!.count), intervalMillis: 100 })
    for (const times of [1, 2]) {
      for (let time = 0; time < times; time += 1) await ask(QUERY, { name: 'Oslo' })
      await expect.poll(() => told.reduce((sum, count) => sum + count, 0), { timeout: 5_000 }).toBe(times === 1 ? 1 : 3)
    }
    const before = told.length
    await wait(350)
    expect(told.length).toBe(before)
  })

  test('that throws is logged, and the next one comes all the same', async () => {
    let calls = 0
    const { ask, lines } = await start({
      intervalMillis: 100,
      report: async () => {
        calls += 1
        throw new Error(`no ${calls}`)
      },
    })
    for (const times of [1, 2]) {
      await ask(QUERY, { name: 'Oslo' })
      await expect.poll(() => calls, { timeout: 5_000 }).toBe(times)
    }
    expect(lines.map(({ msg }) => msg)).toContain('a usage report failed: what it told is lost')
  })

  test('that hangs is not joined by another, nor waited for at the end', async () => {
    let calls = 0
    const {
      ask,
      lines,
      reports: own,
    } = await start({
      intervalMillis: 100,
      report: () => {
        calls += 1
        return new Promise(() => {})
      },
    })
    await ask(QUERY, { name: 'Oslo' })
    await expect.poll(() => calls, { timeout: 5_000 }).toBe(1)
    await ask(QUERY, { name: 'Oslo' })
    await wait(300)
    expect(calls).toBe(1)
    await own.close(10)
    expect(lines.map(({ msg }) => msg)).toContain('a usage report is not done: it is not waited for any longer')
  })

  test('tells 5,000 usages apart and gives the others as one without an operation', async () => {
    const told: OperationUsage[] = []
    const { reports: own, ask, seen } = await start({ report: (usages) => void told.push(...usages) })
    await ask('{ city(name: "Oslo") { altitude } }')
    const [[request, outcome]] = seen as [Parameters<NonNullable<RequestHook['after']>>]
    for (let index = 0; index < 5_002; index += 1) {
      const client = clientOf({ 'x-fieldstone-client-name': `c${index}` })
      own.hook.after!({ ...request, client }, outcome)
    }
    await own.close()
    expect(told.length).toBe(5_001)
    expect(told.at(-1)).toMatchObject({ operationId: undefined, clientName: undefined, count: 3, coordinates: [] })
  })
})
