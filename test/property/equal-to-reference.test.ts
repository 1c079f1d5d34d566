import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { type PropertyOptions, runProperty } from '../support/property-run.ts'
import { REPOSITORY } from '../support/source-imports.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'
import { MUTANTS, type Mutant } from './mutants.ts'

/** Another seed throws other operations: `FIELDSTONE_PROPERTY_SEED=7 npm test -- test/property`. */
const FIRST_SEED = Number(process.env.FIELDSTONE_PROPERTY_SEED ?? 1)

const MUST_BE_MET = [
  ...[
    'alias',
    'merged from fragments',
    '@skip by variable',
    '@include by variable',
    '_Entity fragment',
    'nested reference',
  ],
  ...[
    'bool',
    'int32',
    'int64',
    'float32',
    'float64',
    'string',
    'uuid',
    'timestamp',
    'bytes',
    'json',
    'enum',
    'vector',
    'list',
  ],
  ...['PRESENT', 'NULL_VALUE', 'NOT_FOUND', 'OUTSIDE_MAX_AGE'],
  ...['on-demand throw', 'failed row', 'non-ASCII text'],
  ...['featureInfo', 'column', 'failed row of a role', 'on-demand input failed', 'condition refused', 'stale rows'],
  ...['KEY_INVALID', 'REPRESENTATION_INVALID', 'ARGUMENTS_INVALID', 'BAD_USER_INPUT', 'STORE_CLOSED'],
  ...['CELL_CORRUPT', 'ON_DEMAND_FAILED', 'ON_DEMAND_RESULT_INVALID'],
]

test('plans answer as graphql-js does, byte for byte', { timeout: 600_000 }, async () => {
  const folder = await temporaryFolder()
  const options: PropertyOptions = { firstSeed: FIRST_SEED, registries: 100, operationsEach: 60, shrinks: true, folder }
  const result = await runProperty(options)
  expect(result.mismatch).toBeUndefined()
  expect(result.operations).toBeGreaterThanOrEqual(5_000)
  expect([...result.fallbackFields].sort()).toEqual(['__schema', '__type', '_service'])
  const seldom = MUST_BE_MET.filter((what) => (result.met.get(what) ?? 0) < 200)
  expect(seldom).toEqual([])
})

/** What random operations say of serving with a fault in it. */
async function verdictOn(mutant: Mutant): Promise<string> {
  const folder = await temporaryFolder()
  const options: PropertyOptions = { firstSeed: 1_000, registries: 60, operationsEach: 40, shrinks: false, folder }
  const script = resolve(REPOSITORY, 'test/support/mutant-process.ts')
  const args = ['--conditions=fieldstone-source', script, JSON.stringify(mutant), JSON.stringify(options)]
  return (await promisify(execFile)(process.execPath, args)).stdout
}

/** Lets so many of them run at once: each is a process that keeps a core busy. */
function atMost(count: number): <T>(run: () => Promise<T>) => Promise<T> {
  const waiting: (() => void)[] = []
  let free = count
  return async (run) => {
    if (free > 0) free -= 1
    else await new Promise<void>((resume) => waiting.push(resume))
    try {
      return await run()
    } finally {
      const next = waiting.shift()
      if (next === undefined) free += 1
      else next()
    }
  }
}

describe('every fault in planner or writer is noticed', () => {
  const twoAtOnce = atMost(2)

  test.concurrent.each(MUTANTS)('$file: $find', { timeout: 600_000 }, async (mutant) => {
    expect(await twoAtOnce(() => verdictOn(mutant))).toBe('caught')
  })

  test.concurrent('and no fault is none', { timeout: 600_000 }, async () => {
    const { file, find } = MUTANTS[0]!
    expect(await twoAtOnce(() => verdictOn({ file, find, replace: find }))).toBe('survived')
  })
})
