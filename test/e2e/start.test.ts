import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Started, startNode } from '../support/command-line.ts'
import { REPOSITORY } from '../support/source-imports.ts'

let folder: string
const stateOf = (name: string) => join(folder, name)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldstone-start-'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

function start(state: string, port = 0): Started {
  const words = ['--state-directory', stateOf(state), '--port', String(port)]
  return startNode([resolve(REPOSITORY, 'schema/flights/start.ts'), ...words], { cwd: REPOSITORY })
}

/** Starts, waits until all examples are answered, looks at them and stops; gives all that was said. */
async function startAndCheck(state: string, note = /^/): Promise<string> {
  const started = start(state)
  await started.says(/Ctrl-C stops it/)
  const { stdout } = started.output
  expect(stdout.match(/^answer /gm)).toHaveLength(3)
  expect(stdout).toContain('"name": "Seattle-Tacoma Intl"')
  expect(stdout).not.toContain('"errors"')
  expect(stdout).toContain('schema/flights/features.ts')
  expect(started.output.stderr).toMatch(note)
  started.child.kill('SIGINT')
  expect(await started.finished).toMatchObject({ code: 0, stderr: expect.stringContaining('draining') })
  return started.output.stdout + started.output.stderr
}

describe('npm start', () => {
  test('a port in use is told before any work is done', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((listening) => other.once('listening', listening))
    const finished = await start('one', (other.address() as AddressInfo).port).finished
    other.close()
    expect(finished.code).toBe(1)
    expect(finished.stderr).toMatch(/^error PORT_IN_USE[\s\S]*--port or PORT/m)
    expect(finished.stderr).not.toContain('built')
  })

  test('an option that it does not know', async () => {
    const words = [resolve(REPOSITORY, 'schema/flights/start.ts'), '--prot', '1']
    expect(await startNode(words, { cwd: REPOSITORY }).finished).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("unknown option '--prot'"),
    })
  })

  test('Ctrl-C stops the work, and the next start goes on from there', async () => {
    const stopped = start('one')
    await stopped.says(/built the offline tables/)
    stopped.child.kill('SIGINT')
    expect(await stopped.finished).toMatchObject({ code: 130, stderr: expect.stringContaining('goes on from here') })
    expect(await startAndCheck('one')).toContain('routeDaily@1')
  })

  test('a second start reuses what is there: nothing is built, and no view read again', async () => {
    const said = await startAndCheck('one', /routeDaily@1 is not due/)
    expect(said).not.toContain('built the offline tables')
    expect(said).not.toMatch(/^\w+@1 +\d/m)
  })

  test('a start that was killed in the middle of its work is taken up', async () => {
    const killed = start('two')
    await killed.says(/built the offline tables/)
    await new Promise((wait) => setTimeout(wait, 1500))
    killed.child.kill('SIGKILL')
    await killed.finished
    expect(await startAndCheck('two')).not.toContain('built the offline tables')
  }, 120_000)
})
