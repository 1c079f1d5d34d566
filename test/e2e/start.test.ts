import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Started, startNode } from '../support/command-line.ts'
import { REPOSITORY } from '../support/source-imports.ts'

let state: string

beforeAll(async () => {
  state = await mkdtemp(join(tmpdir(), 'fieldstone-start-'))
})

afterAll(() => rm(state, { recursive: true, force: true }))

function start(port = 0): Started {
  const words = [resolve(REPOSITORY, 'schema/flights/start.ts'), '--state-directory', state, '--port', String(port)]
  return startNode(words, { cwd: REPOSITORY })
}

/** Waits until all examples are printed; gives the seconds that it took. */
async function startedSeconds(started: Started): Promise<number> {
  const beganMillis = performance.now()
  await started.says(/Ctrl-C stops it/)
  return (performance.now() - beganMillis) / 1000
}

async function stop(started: Started): Promise<void> {
  started.child.kill('SIGINT')
  expect(await started.finished).toMatchObject({ code: 0 })
}

describe('npm start', () => {
  test('a port in use is told before any work is done', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((listening) => other.once('listening', listening))
    const finished = await start((other.address() as AddressInfo).port).finished
    other.close()
    expect(finished.code).toBe(1)
    expect(finished.stderr).toMatch(/^error PORT_IN_USE[\s\S]*--port or PORT/m)
    expect(finished.stderr).not.toContain('built')
  })

  test('a first start that is killed is taken up by the next', async () => {
    const killed = start()
    await killed.says(/built the offline tables/)
    await new Promise((wait) => setTimeout(wait, 1500))
    killed.child.kill('SIGKILL')
    await killed.finished
    const seconds = await startAndCheck()
    expect(seconds).toBeLessThan(60)
  })

  test('the next start reuses what is there', async () => {
    const seconds = await startAndCheck()
    expect(seconds).toBeLessThan(5)
  })
})

async function startAndCheck(): Promise<number> {
  const started = start()
  const seconds = await startedSeconds(started)
  const { stdout } = started.output
  expect(stdout.match(/^answer /gm)).toHaveLength(3)
  expect(stdout).toContain('"name": "Seattle-Tacoma Intl"')
  expect(stdout).not.toContain('"errors"')
  expect(stdout).toContain('schema/flights/features.ts')
  await stop(started)
  return seconds
}
