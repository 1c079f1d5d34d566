import { Agent, request } from 'node:http'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Started, startFieldstone, type UserFolder, userFolder } from '../support/command-line.ts'

/** Each asks for 4 ms of work, so that the gateway has no more than 250 a second in it. */
const FEATURES = `import { batchView, entity, float64, onDemandView, staticTable, string } from 'fieldstone'
export const city = entity('City', { keys: { name: string() } })
export const profile = batchView('profile', {
  entity: city,
  source: staticTable({ table: 'cities' }),
  features: { altitude: float64() },
})
export const busy = onDemandView('busy', {
  entity: city,
  inputs: { altitude: profile.features.altitude },
  whenMissing: 'call',
  features: { work: float64() },
  compute: () => {
    const until = performance.now() + 4
    let work = 0
    while (performance.now() < until) work += 1
    return { work: Math.min(work, 1) }
  },
})
`
const DEADLINE_MILLIS = 5_000
const CONFIG = `import { defineConfig, lmdb } from 'fieldstone'
import * as definitions from './features.ts'
export default defineConfig({
  name: 'cities',
  definitions,
  online: lmdb({ path: 'online' }),
  server: { limits: { maxEventLoopDelayMillis: 60, deadlineMillis: ${DEADLINE_MILLIS} } },
})
`

let folder: UserFolder
let served: Started
let url: string

beforeAll(async () => {
  folder = await userFolder({ 'fieldstone.config.ts': CONFIG, 'features.ts': FEATURES })
  served = startFieldstone(['serve', '--port', '0'], { cwd: folder.path })
  url = (await served.says(/serving cities at (http:\S+)/))[1]!
})

afterAll(async () => {
  served.child.kill('SIGTERM')
  await served.finished
  await folder.remove()
})

interface Answered {
  readonly status: number
  readonly retryAfter: string | undefined
  readonly body: unknown
  readonly millis: number
}

function ask(agent: Agent, path = '/graphql'): Promise<Answered> {
  const startedAt = performance.now()
  return new Promise((resolve, reject) => {
    const asking = request(`${url}${path}`, {
      agent,
      ...(path === '/graphql' ? { method: 'POST', headers: { 'content-type': 'application/json' } } : {}),
    })
    asking.on('error', reject)
    asking.on('response', async (response) => {
      const { statusCode = 0, headers } = response
      const body = await json(response)
      resolve({ status: statusCode, retryAfter: headers['retry-after'], body, millis: performance.now() - startedAt })
    })
    asking.end(path === '/graphql' ? JSON.stringify({ query: '{ city(name: "Oslo") { work } }' }) : undefined)
  })
}

/** Asks on one connection again and again, whatever comes back, until it is enough. */
async function askUntil(isEnough: () => boolean, answers: Answered[]): Promise<void> {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 })
  while (!isEnough()) answers.push(await ask(agent))
  agent.destroy()
}

const isTaken = ({ status }: Answered): boolean => status === 200

test('with far more requests than it can answer, a gateway answers what it takes on in time, and refuses the rest', async () => {
  const answers: Answered[] = []
  const isEnough = () => answers.filter(isTaken).length >= 300
  const clients = Promise.all(Array.from({ length: 60 }, () => askUntil(isEnough, answers)))
  const healths: Answered[] = []
  const healthAgent = new Agent({ keepAlive: true, maxSockets: 1 })
  while (!isEnough()) healths.push(await ask(healthAgent, '/livez'), await ask(healthAgent, '/readyz'))
  healthAgent.destroy()
  await clients

  const refused = answers.filter((answer) => !isTaken(answer))
  for (const { body, millis } of answers.filter(isTaken)) {
    expect(body).toEqual({ data: { city: { work: 1 } } })
    expect(millis).toBeLessThan(DEADLINE_MILLIS)
  }
  for (const { status, retryAfter, body } of refused) {
    expect([status, retryAfter]).toEqual([503, '1'])
    expect(body).toMatchObject({ errors: [{ extensions: { code: 'OVERLOADED', retryable: true, allowedMillis: 60 } }] })
  }
  expect(refused.length).toBeGreaterThan(60)
  expect(new Set(healths.map(({ status }) => status))).toEqual(new Set([200]))

  expect(served.output.stderr).toContain('the event loop is late: requests are refused')

  // It ends by itself: two that ask in turn are no more than it can answer.
  const later: Answered[] = []
  const isCalm = () => later.slice(-40).every(isTaken) && /the event loop is in time again/.test(served.output.stderr)
  await Promise.all([askUntil(isCalm, later), askUntil(isCalm, later)])
})
