import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { startTestGateway } from '../support/http-gateway.ts'
import type { ClientAnswer, ClientWork } from '../support/keep-alive-client.ts'

const CONNECTIONS = 64
const REQUESTS_EACH = 40

const ROWS: ReadonlyMap<string, object> = new Map([
  ['Oslo', { name: 'Oslo', population: '709037', altitude: 23 }],
  ['Bogotá', { name: 'Bogotá', population: '7743955', altitude: 2640 }],
])

function expectedBody(names: readonly string[]): string {
  const cities = names.map((name) => ROWS.get(name) ?? { name, population: null, altitude: null })
  return JSON.stringify({ data: { cities } })
}

/** What clients on so many connections were answered, and the reads of LMDB that it took. */
async function load(mergeReads: boolean) {
  const reads: number[] = []
  const through = (store: OnlineStore): OnlineStore => ({
    ...store,
    read: (request) => {
      if (request.entity === 'City') reads.push(request.keys.length)
      return store.read(request)
    },
  })
  const server = await startTestGateway({ mergeReads, through })
  const work: ClientWork = { url: server.url, connections: CONNECTIONS, requestsEach: REQUESTS_EACH }
  const client = new Worker(new URL('../support/keep-alive-client.ts', import.meta.url), { workerData: work })
  const [answers] = (await once(client, 'message')) as [readonly ClientAnswer[]]
  await client.terminate()
  const doors = server.doors.take()
  await server.close()
  return { reads, answers, warm: doors.filter((door) => door === 'warm').length }
}

test.each([
  ['merged', true],
  ['each by itself', false],
])(`reads of ${CONNECTIONS} connections, %s, answer every request right`, async (_what, mergeReads) => {
  const { reads, answers, warm } = await load(mergeReads)
  const requests = CONNECTIONS * REQUESTS_EACH
  expect(answers).toHaveLength(requests)
  expect(answers.filter(({ status, names, body }) => status !== 200 || body !== expectedBody(names))).toEqual([])
  // All but those of the first moment find a plan.
  expect(warm).toBeGreaterThan(requests - 2 * CONNECTIONS)
  // A request is one scan, so this is the mean number of scans in a read.
  const scansPerRead = requests / reads.length
  if (mergeReads) expect(scansPerRead).toBeGreaterThan(1.5)
  else expect(scansPerRead).toBe(1)
})
