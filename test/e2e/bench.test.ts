import { readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startNode } from '../support/command-line.ts'
import { REPOSITORY } from '../support/source-imports.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** The bench keeps its data where the system has temporary files, which here is the test's own folder. */
function startBench(words: readonly string[], folder: string) {
  return startNode([resolve(REPOSITORY, 'load-tests/bench.ts'), ...words], {
    cwd: REPOSITORY,
    environment: { TMPDIR: folder },
  })
}

const QUICK = ['--seconds', '0.2', '--warm-up-seconds', '0.1', '--rounds', '1']
const FIRST_CASE = ['serving', '--cases', '1x10', '--subjects', 'fieldstone,pass-through']

describe('bench serving', () => {
  test('compares answers, measures and writes the results', async () => {
    const folder = await temporaryFolder()
    const json = join(folder, 'results.json')
    const { finished } = startBench([...FIRST_CASE, ...QUICK, '--json', json], folder)
    const { code, stdout, stderr } = await finished
    expect(stderr).toBe('')
    expect(code).toBe(0)
    const results = JSON.parse(await readFile(json, 'utf8'))
    const result = (subject: string) => ({
      ...{ bench: 'serving', case: '1x10', store: 'lmdb', subject },
      ...{ rps: expect.any(Number), p50Ms: expect.any(Number) },
      ...{ p99Ms: expect.any(Number), cpuMsPerRequest: expect.any(Number) },
    })
    expect(results).toEqual([result('fieldstone'), result('pass-through')])
    for (const { rps, p50Ms, p99Ms, cpuMsPerRequest } of results) {
      expect(Math.min(rps, p50Ms, cpuMsPerRequest)).toBeGreaterThan(0)
      expect(p99Ms).toBeGreaterThanOrEqual(p50Ms)
    }
    expect(stdout).toMatch(/^fieldstone +\d+ /m)
    expect(await readdir(folder)).toEqual(['results.json'])
  })

  test('stopped, it leaves neither data nor servers behind', async () => {
    const folder = await temporaryFolder()
    const bench = startBench([...FIRST_CASE, '--seconds', '300'], folder)
    await bench.says(/load average/)
    while ((await readdir(folder)).length === 0) await new Promise((later) => setTimeout(later, 20))
    bench.child.kill('SIGINT')
    expect(await bench.finished).toMatchObject({ code: 130 })
    expect(await readdir(folder)).toEqual([])
  })

  test.each([
    [['serving', '--cases', '1x11'], /'1x11' is none of 1x10, 1x50, /],
    [['serving', '--subjects', 'feast'], /'feast' is none of fieldstone, apollo-dataloader, /],
    [['history'], /unknown command 'history'[\s\S]*Benches: serving/],
  ])('%j is refused, telling what there is', async (words, message) => {
    const { finished } = startBench(words, await temporaryFolder())
    expect(await finished).toMatchObject({ code: 1, stderr: expect.stringMatching(message) })
  })
})
