import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { postGraphQL } from '../support/http-gateway.ts'
import { REPOSITORY } from '../support/source-imports.ts'
import type { WatchedEvent } from '../support/watched-gateway.ts'

const CONFIG = `
import { defineConfig, lmdb } from 'fieldstone'
import * as definitions from './features/index.ts'
export default defineConfig({ name: 'watched', definitions, online: lmdb({ path: 'online' }) })
`

const VIEWS = (feature: string) => `
import { batchView, entity, float64, onDemandView, staticTable, string } from 'fieldstone'
import { answerOf } from './deep/answer.ts'
export const city = entity('City', { keys: { name: string() } })
export const profile = batchView('profile', {
  entity: city, source: staticTable({ table: 'cities' }), features: { ${feature}: float64() },
})
export const answer = onDemandView('answer', {
  entity: city, inputs: { given: profile.features.${feature} }, whenMissing: 'call',
  features: { answer: float64() }, compute: () => ({ answer: answerOf() }),
})
`

const ANSWER = (value: number) => `export function answerOf(): number { return ${value} }\n`

describe('saving files of a deployment that is being watched', () => {
  let folder: string
  let gateway: WatchedGateway
  const save = (file: string, content: string) => writeFileSync(join(folder, file), content)

  beforeAll(async () => {
    folder = realpathSync(mkdtempSync(join(tmpdir(), 'fieldstone-watched-')))
    mkdirSync(join(folder, 'node_modules'))
    symlinkSync(REPOSITORY, join(folder, 'node_modules/fieldstone'))
    mkdirSync(join(folder, 'features/deep'), { recursive: true })
    save('package.json', '{ "type": "module" }')
    save('fieldstone.config.ts', CONFIG)
    save('features/index.ts', VIEWS('altitude'))
    save('features/deep/answer.ts', ANSWER(1))
    gateway = await startWatched(join(folder, 'fieldstone.config.ts'))
  })
  afterAll(async () => {
    await gateway.stop()
    rmSync(folder, { recursive: true })
  })

  const ask = async (query: string) => (await postGraphQL(gateway.url, { query })).json()

  test('an imported file two steps away gives new code', async () => {
    expect(await ask('{ city(name: "Oslo") { answer } }')).toEqual({ data: { city: { answer: 1 } } })
    save('features/deep/answer.ts', ANSWER(2))
    await gateway.next('served')
    expect(await ask('{ city(name: "Oslo") { answer } }')).toEqual({ data: { city: { answer: 2 } } })
  })

  test('an editor that writes another file and renames it is seen as well', async () => {
    save('features/deep/answer.ts.tmp', ANSWER(3))
    renameSync(join(folder, 'features/deep/answer.ts.tmp'), join(folder, 'features/deep/answer.ts'))
    await gateway.next('served')
    expect(await ask('{ city(name: "Oslo") { answer } }')).toEqual({ data: { city: { answer: 3 } } })
    save('features/deep/answer.ts', ANSWER(2))
    await gateway.next('served')
    expect(await ask('{ city(name: "Oslo") { answer } }')).toEqual({ data: { city: { answer: 2 } } })
  })

  test('a changed definition gives a new schema', async () => {
    const before = gateway.fingerprint
    save('features/index.ts', VIEWS('height'))
    await gateway.next('served')
    expect(gateway.fingerprint).not.toBe(before)
    expect(await ask('{ city(name: "Oslo") { height } }')).toEqual({ data: { city: { height: null } } })
    expect(JSON.stringify(await ask('{ city(name: "Oslo") { altitude } }'))).toContain('GRAPHQL_VALIDATION_FAILED')
    const ready = await (await fetch(`${gateway.url}/readyz`)).json()
    expect(ready).toMatchObject({ fingerprint: gateway.fingerprint })
  })

  test.each([
    ['that does not parse', 'features/deep/answer.ts', 'export function answerOf( {', /answer\.ts/],
    ['with an illegal definition', 'features/index.ts', VIEWS('__bad'), /__bad/],
    ['that imports what is not there', 'features/deep/answer.ts', "export * from './later.ts'\n", /later\.ts/],
  ])(
    'a file %s keeps the old schema and prints the error, until it is mended',
    async (_what, file, broken, message) => {
      save(file, broken)
      expect((await gateway.next('error')).message).toMatch(message)
      expect(await ask('{ city(name: "Oslo") { height answer } }')).toEqual({
        data: { city: { height: null, answer: 2 } },
      })
      if (broken.includes('later')) save('features/deep/later.ts', ANSWER(2))
      else save(file, file.includes('answer') ? ANSWER(2) : VIEWS('height'))
      await gateway.next('served')
      expect(await ask('{ city(name: "Oslo") { answer } }')).toEqual({ data: { city: { answer: 2 } } })
    },
  )

  test('no request fails while files are saved', async () => {
    save('features/deep/answer.ts', ANSWER(0))
    await gateway.next('served')
    let isOver = false
    const seen: number[] = []
    const failures: string[] = []
    const load = async (): Promise<void> => {
      while (!isOver) {
        const response = await postGraphQL(gateway.url, { query: '{ city(name: "Oslo") { name answer } }' })
        const text = await response.text()
        const answer = /^\{"data":\{"city":\{"name":"Oslo","answer":(\d+)\}\}\}$/.exec(text)?.[1]
        if (response.status === 200 && answer !== undefined) seen.push(Number(answer))
        else failures.push(`${response.status} ${text}`)
      }
    }
    const clients = [load(), load(), load(), load()]
    for (let round = 1; round <= 12; round += 1) {
      save('features/deep/answer.ts', ANSWER(round))
      if (round % 3 === 0) save('features/index.ts', VIEWS(`height${round}`))
      await gateway.next('served')
    }
    // Two files saved at once are one swap or two, so the last may still be on its way.
    const last = () => ask('{ city(name: "Oslo") { answer } }')
    await expect.poll(last, { timeout: 15_000 }).toEqual({ data: { city: { answer: 12 } } })
    isOver = true
    await Promise.all(clients)
    expect(failures).toEqual([])
    expect(seen.length).toBeGreaterThan(100)
    expect(new Set(seen).size).toBeGreaterThan(6)
  })
})

interface WatchedGateway {
  readonly url: string
  readonly fingerprint: string
  /** The next event of a kind, whatever comes before it. */
  next<Kind extends WatchedEvent['kind']>(kind: Kind): Promise<Extract<WatchedEvent, { kind: Kind }>>
  stop(): Promise<void>
}

async function startWatched(config: string): Promise<WatchedGateway> {
  const script = join(REPOSITORY, 'test/support/watched-gateway.ts')
  const words = ['--conditions=fieldstone-source', script, config]
  const child = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  const events = eventsOf(child)
  const first = await events.next('served')
  return {
    url: first.url,
    get fingerprint() {
      return events.fingerprint()
    },
    next: events.next,
    stop: async () => {
      child.kill('SIGTERM')
      if (child.exitCode === null) await once(child, 'exit')
      expect(child.exitCode).toBe(0)
    },
  }
}

function eventsOf(child: ChildProcessByStdio<null, Readable, null>) {
  const waiting: WatchedEvent[] = []
  let fingerprint = ''
  let wake: () => void = () => {}
  createInterface({ input: child.stdout }).on('line', (line) => {
    waiting.push(JSON.parse(line))
    wake()
  })
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`the watched gateway ended with ${code}`)
  })
  ended.catch(() => undefined)
  const arrival = () =>
    new Promise<void>((resolve) => {
      wake = resolve
    })
  const next: WatchedGateway['next'] = async (kind) => {
    for (;;) {
      const event = waiting.shift()
      if (event?.kind === 'served') fingerprint = event.fingerprint
      if (event?.kind === kind) return event as never
      if (event === undefined) await Promise.race([arrival(), ended])
    }
  }
  return { next, fingerprint: () => fingerprint }
}
