import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { CHILD_DEFINITIONS } from '../support/materialize-child.ts'
import { materializeWorld } from '../support/materialize-world.ts'
import { REPOSITORY } from '../support/source-imports.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CHILD = resolve(REPOSITORY, 'test/support/materialize-child.ts')
const ROWS = 300_000

/**
 * Measured: a run passes with 48, and one that holds all batches dies of 96. Not by the process's whole memory, which grows
 * while DuckDB and the allocator warm up, and then stands still; DuckDB has a limit of its own.
 */
const HEAP_MEBIBYTES = 64

test('300,000 rows go through a heap that does not hold them', async () => {
  const folder = await temporaryFolder()
  const world = await materializeWorld(folder, CHILD_DEFINITIONS.byEventTime)
  await world.putRows(`select 'C' || (i * 7919 % 5000) as id, timestamp '2001-01-01' + interval (i) second as happened, i as n,
    repeat('x', 100) || i as padding from range(${ROWS}) t(i)`)
  await world.close()
  const flags = [`--max-old-space-size=${HEAP_MEBIBYTES}`, '--conditions=fieldstone-source']
  const { stdout } = await promisify(execFile)(process.execPath, [...flags, CHILD, folder, 'byEventTime', '1000'])
  expect(JSON.parse(stdout.trim().split('\n').at(-1)!)).toMatchObject({ read: ROWS, rejected: 0 })
})
