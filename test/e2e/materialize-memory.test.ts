import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { CHILD_DEFINITIONS } from '../support/materialize-child.ts'
import { materializeWorld } from '../support/materialize-world.ts'
import { REPOSITORY } from '../support/source-imports.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CHILD = resolve(REPOSITORY, 'test/support/materialize-child.ts')

/** Peak memory of a process that materializes so many rows of 5,000 keys. */
async function peakMebibytes(rows: number): Promise<number> {
  const folder = await temporaryFolder()
  const world = await materializeWorld(folder, CHILD_DEFINITIONS.byEventTime)
  await world.putRows(`select 'C' || (i * 7919 % 5000) as id, timestamp '2001-01-01' + interval (i) second as happened, i as n,
    repeat('x', 100) || i as padding from range(${rows}) t(i)`)
  await world.close()
  const child = [process.execPath, ['--conditions=fieldstone-source', CHILD, folder, 'byEventTime', '5000']] as const
  const { stdout } = await promisify(execFile)(...child)
  const summary = JSON.parse(stdout.trim().split('\n').at(-1)!)
  expect(summary).toMatchObject({ read: rows, rejected: 0 })
  return summary.peakMebibytes
}

test('ten times the rows do not take twice the memory', async () => {
  const few = await peakMebibytes(30_000)
  const many = await peakMebibytes(300_000)
  expect(many / few).toBeLessThan(2)
})
