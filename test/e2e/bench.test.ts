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
const FIRST_CASE = ['serving', '--cases', '1x10']

/** Runs a bench to its end: what it printed and what it wrote. It must have left nothing else. */
async function report(words: readonly string[]) {
  const folder = await temporaryFolder()
  const json = join(folder, 'results.json')
  const { finished } = startBench([...words, '--json', json], folder)
  const { code, stdout, stderr } = await finished
  expect(stderr).toBe('')
  expect(code).toBe(0)
  expect(await readdir(folder)).toEqual(['results.json'])
  return { stdout, results: JSON.parse(await readFile(json, 'utf8')) }
}

describe('bench serving', () => {
  const OURS_AND_COPIED = ['fieldstone', 'pass-through']
  const WITH_USUAL_CLIENT = ['fieldstone', 'apollo-dataloader', 'apollo-dataloader-packed', 'pass-through']

  test.each([
    { store: 'lmdb', subjects: OURS_AND_COPIED, storeCpu: {} },
    { store: 'redis', subjects: WITH_USUAL_CLIENT, storeCpu: { storeCpuMsPerRequest: expect.any(Number) } },
    { store: 'bigtable', subjects: WITH_USUAL_CLIENT, storeCpu: { storeCpuMsPerRequest: expect.any(Number) } },
  ])('compares answers, measures and writes the results: $store', async ({ store, subjects, storeCpu }) => {
    const words = ['--store', store, '--subjects', subjects.join(), '--connections', '1']
    const { stdout, results } = await report([...FIRST_CASE, ...words, ...QUICK])
    const result = (subject: string) => ({
      ...{ bench: 'serving', case: '1x10', store, subject },
      ...{ rps: expect.any(Number), p50Ms: expect.any(Number) },
      ...{ p99Ms: expect.any(Number), cpuMsPerRequest: expect.any(Number), ...storeCpu },
    })
    expect(results).toEqual(subjects.map(result))
    for (const { rps, p50Ms, p99Ms, cpuMsPerRequest } of results) {
      expect(Math.min(rps, p50Ms, cpuMsPerRequest)).toBeGreaterThan(0)
      expect(p99Ms).toBeGreaterThanOrEqual(p50Ms)
    }
    for (const subject of subjects) expect(stdout).toMatch(new RegExp(`^${subject} +\\d+ `, 'm'))
  })

  test('stopped, it leaves neither data nor servers behind', async () => {
    const folder = await temporaryFolder()
    const bench = startBench([...FIRST_CASE, '--subjects', 'fieldstone', '--seconds', '300'], folder)
    await bench.says(/load average/)
    while ((await readdir(folder)).length === 0) await new Promise((later) => setTimeout(later, 20))
    bench.child.kill('SIGINT')
    expect(await bench.finished).toMatchObject({ code: 130 })
    expect(await readdir(folder)).toEqual([])
  })

  test.each([
    [['serving', '--cases', '1x11'], /'1x11' is none of 1x10, 1x50, /],
    [['serving', '--subjects', 'feast'], /'feast' is none of fieldstone, apollo-dataloader, /],
    [['serving', '--store', 'mysql'], /choices are lmdb, redis, bigtable/],
    [['history'], /unknown command 'history'[\s\S]*Benches: serving/],
  ])('%j is refused, telling what there is', async (words, message) => {
    const { finished } = startBench(words, await temporaryFolder())
    expect(await finished).toMatchObject({ code: 1, stderr: expect.stringMatching(message) })
  })
})

/** With one request on its way, nothing is refused however busy the machine is. */
const QUICK_STEADY = ['--warm-up-seconds', '0.1', '--capacity-seconds', '0.2', '--connections', '1']

const PACED = {
  ...{ requests: expect.any(Number), failures: 0, seconds: expect.any(Number), generatorBusy: expect.any(Number) },
  ...{ p50Ms: expect.any(Number), p90Ms: expect.any(Number), p99Ms: expect.any(Number), p999Ms: expect.any(Number) },
  ...{ maxMs: expect.any(Number), lateP99Ms: expect.any(Number) },
}

describe('bench latency', () => {
  test.each(['lmdb', 'redis'])(
    'sends requests at half of the capacity and tells how long they took: %s',
    async (store) => {
      const words = ['latency', '--store', store, '--seconds', '0.5', '--rounds', '2']
      const { stdout, results } = await report([...words, ...QUICK_STEADY])
      const rounds = [expect.objectContaining(PACED), expect.objectContaining(PACED)]
      expect(results).toEqual({ bench: 'latency', case: '1x10', store, capacityRps: expect.any(Number), rounds })
      for (const { requests, p50Ms, p99Ms, maxMs } of results.rounds) {
        expect(requests).toBe(Math.round((results.capacityRps / 2) * 0.5))
        expect(p50Ms).toBeGreaterThan(0)
        expect(p99Ms).toBeGreaterThanOrEqual(p50Ms)
        expect(maxMs).toBeGreaterThanOrEqual(p99Ms)
      }
      expect(stdout).toMatch(
        /^(reached|missed ) {2}1x10 at half of the capacity: p99 is [\d.]+ x p50, to be less than 2$/m,
      )
    },
  )
})

describe('bench soak', () => {
  test('tells at each step what the gateway does and holds, and at the end whether that stays', async () => {
    const words = ['soak', '--minutes', '0.05', '--step-seconds', '1']
    const { stdout, results } = await report([...words, ...QUICK_STEADY])
    const memory = { rssBytes: expect.any(Number), heapBytes: expect.any(Number) }
    const step = (number: number) =>
      expect.objectContaining({ ...PACED, ...memory, step: number, cpuMsPerRequest: expect.any(Number) })
    expect(results).toMatchObject({ bench: 'soak', case: '1x10', store: 'lmdb', capacityRps: expect.any(Number) })
    expect(results.steps).toEqual([step(1), step(2), step(3)])
    expect(results.liveHeapBytes).toEqual([expect.any(Number), expect.any(Number)])
    for (const number of [1, 2, 3]) expect(stdout).toMatch(new RegExp(`^ +${number} +\\d+ +0 `, 'm'))
    expect(stdout).toMatch(/^reached {2}failed requests: 0 of \d+$/m)
    for (const name of ['p99 ms', 'RSS MB', 'live heap MB'])
      expect(stdout).toMatch(new RegExp(`^(reached|missed ) {2}${name}.*: [\\d.]+, then [\\d.]+, to be `, 'm'))
  })
})
