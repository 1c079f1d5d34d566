import { pino } from 'pino'
import { afterEach, expect, test } from 'vitest'
import { slowOperationHook } from '../../../src/server/slow-operations.ts'
import { postGraphQL, startTestGateway, type TestGateway } from '../../support/http-gateway.ts'
import { slowStore } from '../../support/slow-store.ts'

let server: TestGateway | undefined
afterEach(async () => {
  await server?.close()
  server = undefined
})

const SLOW = 'query Slow { city(name: "Oslo") { altitude } }'
const FAST = 'query Fast { __typename }'

/** A gateway whose reads take 30 ms, where more than so many are slow; its log goes by a clock that stands until it is moved. */
async function start(slowMillis = 20) {
  const lines: Record<string, any>[] = []
  const clock = { nowMillis: 0 }
  const logger = pino({}, { write: (line) => void lines.push(JSON.parse(line)) })
  const { through } = slowStore({ delayMillis: 30 })
  server = await startTestGateway({ through, hooks: [slowOperationHook(logger, slowMillis, () => clock.nowMillis)] })
  const { url } = server
  const ask = async (query: string) => void (await (await postGraphQL(url, { query })).text())
  return { lines, clock, ask, doors: server.doors }
}

test('an operation that takes too long is logged with its plan, cost and time', async () => {
  const { lines, ask } = await start()
  await ask(SLOW)
  expect(lines).toEqual([
    expect.objectContaining({
      level: 40,
      msg: 'slow operation',
      operationName: 'Slow',
      operationType: 'query',
      cost: { keys: 1, values: 1 },
      slowMillis: 20,
      unsaid: 0,
      plan: expect.stringMatching(/^query Slow\nstage 0\n {2}scan City\n[\s\S]*views profile@1/),
    }),
  ])
  const [{ durationMillis, waitedMillis, requestId, operationId } = {}] = lines
  expect(durationMillis).toBeGreaterThan(waitedMillis)
  expect(waitedMillis).toBeGreaterThan(20)
  expect([typeof requestId, operationId.length]).toEqual(['string', 64])
})

test('one operation is told of once in a minute, by both doors alike, with how often it was slow meanwhile', async () => {
  const { lines, clock, ask, doors } = await start()
  for (let time = 0; time < 3; time += 1) await ask(SLOW)
  expect(doors.take()).toEqual(['long', 'warm', 'warm'])
  await ask('query Another { city(name: "Oslo") { altitude } }')
  clock.nowMillis = 60_000
  await ask(SLOW)
  expect(lines.map(({ operationName, unsaid }) => [operationName, unsaid])).toEqual([
    ['Slow', 0],
    ['Another', 0],
    ['Slow', 2],
  ])
})

test('of very many operations most share their lines', async () => {
  const { lines, ask } = await start()
  const texts = Array.from({ length: 210 }, (_, index) => `query Q${index} { city(name: "Oslo") { altitude } }`)
  await Promise.all(texts.map(ask))
  expect(lines.length).toBe(201)
})

test('an operation that is fast enough is not told of', async () => {
  const { lines, ask } = await start(60_000)
  await ask(FAST)
  expect(lines).toEqual([])
})
