import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { KILLED_DEFINITIONS } from '../support/materialize-child.ts'
import { materializeWorld } from '../support/materialize-world.ts'
import { REPOSITORY } from '../support/source-imports.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CHILD = resolve(REPOSITORY, 'test/support/materialize-child.ts')

/** Runs the child until it has read so many rows, then kills it; gives whether it was killed before its end. */
function runAndKill(folder: string, afterRows: number): Promise<boolean> {
  const child = spawn(process.execPath, ['--conditions=fieldstone-source', CHILD, folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const rows = text.trim().split('\n').map(Number)
    if (rows.some((read) => read >= afterRows)) child.kill('SIGKILL')
  })
  return new Promise((done) => child.once('exit', (_code, signal) => done(signal === 'SIGKILL')))
}

test('a run killed again and again ends in what an undisturbed one gives, and goes on where it was', async () => {
  const folders = [await temporaryFolder(), await temporaryFolder()] as const
  const sql = `select 'C' || (i * 7919 % 9000) as id, timestamp '2001-01-01' + interval (i) second as happened, i as n,
    repeat('x', 200) as padding from range(20000) t(i)`
  const disturbed = await materializeWorld(folders[0], KILLED_DEFINITIONS)
  await disturbed.putRows(sql)
  await disturbed.close()
  const kills: boolean[] = []
  // Leases run out by the machine's clock; a killed run holds its own for as long as it said.
  for (const rows of [500, 2_500, 4_000]) {
    kills.push(await runAndKill(folders[0], rows))
    await dropLease(folders[0])
  }
  expect(kills).toEqual([true, true, true])

  const last = await materializeWorld(folders[0], KILLED_DEFINITIONS)
  const summary = await last.run({ maxBatchRows: 500 })
  const plain = await materializeWorld(folders[1], KILLED_DEFINITIONS)
  await plain.putRows(sql)
  await plain.run()
  expect(summary).toMatchObject({ resumed: true, rejected: 0 })
  expect(summary.read).toBeLessThan(15_000)
  expect(await last.stored()).toEqual(await plain.stored())
  await last.close()
  await plain.close()
})

async function dropLease(folder: string): Promise<void> {
  const world = await materializeWorld(folder, KILLED_DEFINITIONS)
  await world.online.delete({ entity: '_fieldstone', view: 'lease@1' })
  await world.close()
}

test('a killed run leaves its lease, which says for how long', async () => {
  const folder = await temporaryFolder()
  const world = await materializeWorld(folder, KILLED_DEFINITIONS)
  await world.putRows(
    "select 'C' || i as id, timestamp '2001-01-01' as happened, i as n, '' as padding from range(5000) t(i)",
  )
  await world.close()
  expect(await runAndKill(folder, 500)).toBe(true)
  const next = await materializeWorld(folder, KILLED_DEFINITIONS)
  await expect(next.run({ reportDirectory: join(folder, 'reports') })).rejects.toThrow(
    /lease 'materialize spending@1', held for \d+ s more/,
  )
  await next.close()
})
