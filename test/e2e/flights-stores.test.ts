import { cp, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parse, validate } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { buildTables } from '../../schema/flights/build-tables.ts'
import { type Deployment, loadDeployment } from '../../src/cli/load-config.ts'
import { buildSchema } from '../../src/sdl/schema.ts'
import { fieldstone, type Started, startFieldstone, type UserFolder, userFolder } from '../support/command-line.ts'
import { seededRandom } from '../support/random.ts'
import type { KeyPool } from '../support/random-data.ts'
import { type RandomOperation, randomOperation } from '../support/random-operation.ts'
import { sharedBigtable } from '../support/services/bigtable.ts'
import { sharedRedis } from '../support/services/redis.ts'
import { REPOSITORY } from '../support/source-imports.ts'

const SAMPLE = resolve(REPOSITORY, 'schema/flights')
const OPERATIONS = 300

/** The sample's own configs, and what a user would write to put a cache before one. */
const CONFIGS = {
  lmdb: 'fieldstone.config.ts',
  redis: 'fieldstone.redis.config.ts',
  bigtable: 'fieldstone.bigtable.config.ts',
  'memory before redis': 'fieldstone.cached.config.ts',
} as const

/** Rows of its own: a static table's are dated by the run that wrote them. */
const CACHED = `
import { cache, env, memory, redis } from 'fieldstone'
import { flightsConfig } from './fieldstone.config.ts'

const store = redis({ url: env('REDIS_URL'), keyPrefix: 'flights-cached' })

export default flightsConfig('.fieldstone', cache({ store, in: memory({ maxBytes: 16_777_216 }) }))
`

const KEYS: KeyPool = new Map([
  ['Airport', ['SEA', 'JFK', 'ATL', 'OME', 'ACK', 'GUC', 'ACY', 'ZZZ', 'é'].map((iata) => [iata])],
  [
    'Route',
    [
      ['SEA', 'JFK'],
      ['ATL', 'DFW'],
      ['OME', 'OTZ'],
      ['SEA', 'SEA'],
    ],
  ],
])

let folder: UserFolder
let environment: Readonly<Record<string, string>>
const gateways = new Map<string, { readonly started: Started; readonly url: string }>()

beforeAll(async () => {
  folder = await copyOfSample()
  environment = {
    REDIS_URL: (await sharedRedis()).url,
    BIGTABLE_EMULATOR_HOST: (await sharedBigtable()).host,
  }
  for (const [store, config] of Object.entries(CONFIGS)) {
    await run('-c', config, 'apply')
    await run('-c', config, 'materialize')
    gateways.set(store, await serve(config))
  }
})

afterAll(async () => {
  for (const { started } of gateways.values()) started.child.kill('SIGTERM')
  await Promise.all([...gateways.values()].map(({ started }) => started.finished))
  await folder?.remove()
})

async function copyOfSample(): Promise<UserFolder> {
  const user = await userFolder({ 'fieldstone.cached.config.ts': CACHED })
  await cp(SAMPLE, user.path, { recursive: true, filter: (path) => !path.includes('.fieldstone') })
  const modules = resolve(REPOSITORY, 'node_modules')
  await symlink(join(modules, 'vega-datasets'), join(user.path, 'node_modules/vega-datasets'))
  await buildTables(join(user.path, '.fieldstone'))
  return user
}

async function run(...words: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await fieldstone(words, { cwd: folder.path, environment })
  expect([words, code, stderr]).toEqual([words, 0, expect.anything()])
  return stdout
}

async function serve(config: string) {
  const started = startFieldstone(['-c', config, 'serve', '--port', '0'], { cwd: folder.path, environment })
  const [, url] = await started.says(/serving flights at (\S+)/)
  return { started, url: url! }
}

describe('the sample, served by its configs alone', () => {
  test('is well on each of its stores, says doctor', async () => {
    for (const config of Object.values(CONFIGS)) expect(await run('-c', config, 'doctor')).toMatch(/online store/)
  })

  test('answers from each with the same bytes', async () => {
    const deployment = await loadDeployment(join(SAMPLE, CONFIGS.lmdb))
    const operations = randomOperations(deployment)
    expect(operations.length).toBeGreaterThanOrEqual(OPERATIONS)
    for (const operation of operations) {
      const bodies: Record<string, string> = {}
      for (const [store, { url }] of gateways) bodies[store] = await ask(url, operation)
      const { lmdb } = bodies
      expect({ operation, bodies }).toEqual({
        operation,
        bodies: Object.fromEntries(Object.keys(CONFIGS).map((store) => [store, lmdb])),
      })
    }
  })
})

function randomOperations({ registry }: Deployment): readonly RandomOperation[] {
  const random = seededRandom(5)
  const { schema } = buildSchema(registry)
  const made = Array.from({ length: 2 * OPERATIONS }, () => randomOperation(random, { registry, pool: KEYS }))
  return made.filter(({ text }) => validate(schema, parse(text)).length === 0).slice(0, OPERATIONS)
}

async function ask(url: string, { text, operationName, variables }: RandomOperation): Promise<string> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: text, variables, ...(operationName === undefined ? {} : { operationName }) }),
  })
  return `${response.status} ${await response.text()}`
}
