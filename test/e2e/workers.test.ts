import { execFile } from 'node:child_process'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { promisify } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { CONFIG, features } from '../support/cities-files.ts'
import { fieldstone, type Started, startFieldstone, type UserFolder, userFolder } from '../support/command-line.ts'

let folder: UserFolder
const started: Started[] = []

beforeAll(async () => {
  folder = await userFolder({ 'fieldstone.config.ts': CONFIG, 'features.ts': features() })
  await fieldstone(['apply'], { cwd: folder.path })
  await fieldstone(['materialize'], { cwd: folder.path })
})

afterEach(async () => {
  await folder.write('fieldstone.config.ts', CONFIG)
  for (const { child, finished } of started.splice(0)) {
    child.kill('SIGTERM')
    await finished
  }
})

afterAll(() => folder.remove())

async function serve(...words: readonly string[]) {
  const served = startFieldstone(['serve', '--port', '0', ...words], { cwd: folder.path })
  started.push(served)
  const [, url, count] = await served.says(/serving cities at (http:\S+) with (\d+) workers/)
  return { served, url: url!, count: Number(count), workers: () => workersOf(served) }
}

/** The processes that a primary has started. */
async function workersOf({ child }: Started): Promise<readonly number[]> {
  const { stdout } = await promisify(execFile)('pgrep', ['-P', String(child.pid)]).catch(() => ({ stdout: '' }))
  return stdout.split('\n').filter(Boolean).map(Number)
}

const isAlive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

interface Answered {
  readonly status: number
  readonly body: string
  /** Which process has answered. */
  readonly process: string
}

function begin(url: string, agent?: Agent) {
  const asking = request(`${url}/graphql`, {
    ...{ method: 'POST', headers: { 'content-type': 'application/json' } },
    ...(agent === undefined ? { agent: false } : { agent }),
  })
  asking.flushHeaders()
  const answered = new Promise<Answered>((resolve, reject) => {
    asking.on('error', reject)
    asking.on('response', async (response) => {
      const id = String(response.headers['x-request-id'])
      const body = await text(response).catch(reject)
      resolve({ status: response.statusCode!, body: body ?? '', process: id.slice(0, -12) })
    })
  })
  answered.catch(() => {})
  return { answered, finish: () => asking.end(QUERY) }
}

const QUERY = JSON.stringify({ query: '{ city(country: "NO", name: "Oslo") { visits } }' })
const OSLO = '{"data":{"city":{"visits":7}}}'

function ask(url: string, agent?: Agent): Promise<Answered> {
  const { answered, finish } = begin(url, agent)
  finish()
  return answered
}

/** The requests that all workers have counted. */
async function counted(url: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`, { headers: { connection: 'close' } })).text()
  const counts = metrics.matchAll(/^fieldstone_request_duration_seconds_count\{.*\} (\d+)$/gm)
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0)
}

/** The processes that answer, each asked on a connection of its own. */
async function processesAt(url: string): Promise<number> {
  const answers = await Promise.all(Array.from({ length: 30 }, () => ask(url)))
  for (const { status, body } of answers) expect([status, body]).toEqual([200, OSLO])
  return new Set(answers.map(({ process }) => process)).size
}

describe('workers', () => {
  test('all answer on one port, and say in the log which they are', async () => {
    const { served, url, count, workers } = await serve('--workers', '3', '--production')
    expect(count).toBe(3)
    expect(await workers()).toHaveLength(3)
    expect(await processesAt(url)).toBe(3)
    // A line is written when the answer is on its way, and read here still later.
    const lines = () => served.output.stderr.split('\n').filter((line) => /"graphql request"\}$/.test(line))
    const numbers = () => new Set(lines().map((line) => JSON.parse(line).worker))
    await expect.poll(numbers, { timeout: 20_000 }).toEqual(new Set([1, 2, 3]))
  })

  test('tell Prometheus of themselves as one, whichever is asked', async () => {
    const { url } = await serve('--workers', '3')
    await Promise.all(Array.from({ length: 30 }, () => ask(url)))
    // A request is counted when its answer is on its way.
    await expect.poll(() => counted(url), { timeout: 20_000 }).toBe(30)
    for (let time = 0; time < 6; time += 1) expect(await counted(url)).toBe(30)
  })

  test('tell Prometheus no less than before when one has ended', async () => {
    const { served, url, workers } = await serve('--workers', '3')
    await Promise.all(Array.from({ length: 30 }, () => ask(url)))
    await expect.poll(() => counted(url), { timeout: 20_000 }).toBe(30)
    process.kill((await workers())[0]!, 'SIGKILL')
    await served.says(/another takes its place/)
    expect(await counted(url)).toBe(30)
    await expect.poll(() => processesAt(url).catch(() => 0), { timeout: 20_000 }).toBe(3)
    await expect.poll(async () => (await counted(url)) % 30, { timeout: 20_000 }).toBe(0)
    expect(await counted(url)).toBeGreaterThanOrEqual(60)
  })

  test('are as many as the config says', async () => {
    await folder.write('fieldstone.config.ts', CONFIG.replace('offline:', 'server: { workers: 2 },\n  offline:'))
    expect((await serve()).count).toBe(2)
  })

  test('one that is killed takes down what it was answering, no more, and another takes its place', async () => {
    const { served, url, workers } = await serve('--workers', '3')
    const [victim, ...others] = await workers()
    let isOver = false
    const failures = await Promise.all(
      Array.from({ length: 9 }, async () => {
        const agent = new Agent({ keepAlive: true, maxSockets: 1 })
        let failed = 0
        for (let answers = 0; !isOver || answers < 100; answers += 1) {
          if (answers === 50 && isAlive(victim!)) process.kill(victim!, 'SIGKILL')
          const answer = await ask(url, agent).catch(() => undefined)
          if (answer === undefined) failed += 1
          else expect(answer.body).toBe(OSLO)
          isOver ||= served.output.stderr.includes('another takes its place')
        }
        agent.destroy()
        return failed
      }),
    )
    // Connections are dealt out in turn: some are the others'.
    expect(Math.max(...failures)).toBeLessThanOrEqual(1)
    expect(failures).toContain(0)
    await expect.poll(workers, { timeout: 20_000 }).toHaveLength(3)
    expect(await workers()).toEqual(expect.arrayContaining(others))
    await expect.poll(() => processesAt(url), { timeout: 20_000 }).toBe(3)
  })

  test('one that is killed leaves nobody waiting, not even who has just come', async () => {
    const { served, url, workers } = await serve('--workers', '2')
    let isOver = false
    const clients = Array.from({ length: 6 }, async () => {
      while (!isOver) await ask(url).catch(() => undefined)
    })
    for (let time = 1; time <= 3; time += 1) {
      process.kill((await workers())[0]!, 'SIGKILL')
      const isReplaced = () => served.output.stderr.split('another takes its place').length > time
      await expect.poll(isReplaced, { timeout: 20_000 }).toBe(true)
      await expect.poll(workers, { timeout: 20_000 }).toHaveLength(2)
      await expect.poll(() => processesAt(url).catch(() => 0), { timeout: 20_000 }).toBe(2)
    }
    isOver = true
    await Promise.all(clients)
  })

  test('answer what is in flight when they are told to end, and leave nothing behind', async () => {
    const { served, url, workers } = await serve('--workers', '2')
    const pids = await workers()
    const inFlight = [begin(url), begin(url), begin(url)]
    await ask(url)
    served.child.kill('SIGTERM')
    await served.says(/draining/)
    for (const { finish } of inFlight) finish()
    for (const { answered } of inFlight) expect((await answered).body).toBe(OSLO)
    expect((await served.finished).code).toBe(0)
    expect(pids.filter(isAlive)).toEqual([])
  })

  test('one that is told to end by itself is replaced', async () => {
    const { served, url, workers } = await serve('--workers', '2')
    const [first] = await workers()
    process.kill(first!, 'SIGTERM')
    await served.says(/another takes its place/)
    await expect.poll(() => processesAt(url).catch(() => 0), { timeout: 20_000 }).toBe(2)
  })

  test('end with their primary, however it ends', async () => {
    const { served, url, workers } = await serve('--workers', '2')
    const pids = await workers()
    served.child.kill('SIGKILL')
    await served.finished
    await expect.poll(() => pids.filter(isAlive), { timeout: 20_000 }).toEqual([])
    await expect(ask(url)).rejects.toThrow()
  })
})

describe('what cannot start', () => {
  const run = (...words: readonly string[]) => fieldstone(words, { cwd: folder.path })
  const errors = (stderr: string) => stderr.match(/^error [A-Z_]+/gm)

  test.each([
    ['a config', (config: string) => config.replace("name: 'cities'", "name: 'no name'"), 'CONFIG_INVALID', 1],
    ['a store', (config: string) => config.replace('.fieldstone/online', 'package.json'), 'STORE_UNAVAILABLE', 5],
  ])('for %s ends with its error, told once', async (_what, spoil, error, exitCode) => {
    await folder.write('fieldstone.config.ts', spoil(CONFIG))
    const { code, stderr } = await run('serve', '--workers', '3', '--port', '0')
    expect([errors(stderr), code]).toEqual([[`error ${error}`], exitCode])
  })

  test('for its port ends with the error, told once', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((listening) => other.once('listening', listening))
    const { port } = other.address() as AddressInfo
    const { code, stderr } = await run('serve', '--workers', '3', '--port', String(port))
    other.close()
    expect([errors(stderr), code]).toEqual([['error PORT_IN_USE'], 1])
  })

  test.each([
    ['an address that is not of this machine', ['--host', '192.0.2.1'], 'ADDRESS_REFUSED', 1],
    ['more workers than there may be', ['--workers', '257'], 'USAGE', 2],
  ])('for %s ends with the error, told once', async (_what, words, error, exitCode) => {
    const { code, stderr } = await run('serve', '--workers', '3', '--port', '0', ...words)
    expect([errors(stderr), code]).toEqual([[`error ${error}`], exitCode])
  })

  test('any more is given up when nobody serves', async () => {
    const { served, workers } = await serve('--workers', '2')
    await folder.write('fieldstone.config.ts', CONFIG.replace('.fieldstone/online', 'package.json'))
    for (const pid of await workers()) process.kill(pid, 'SIGKILL')
    expect((await served.finished).code).toBe(5)
  })
})
