import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { describe, expect, test } from 'vitest'
import { CHILD_DEFINITIONS, type ChildKind } from '../support/materialize-child.ts'
import { materializeWorld } from '../support/materialize-world.ts'
import { REPOSITORY } from '../support/source-imports.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const CHILD = resolve(REPOSITORY, 'test/support/materialize-child.ts')

interface Kill {
  /** From here on rows are counted by the clock, so that the kill may fall between any two instructions. */
  readonly afterRows: number
  readonly thenMillis: number
}

/** Runs the child and kills it; gives whether it was killed before its end. */
function runAndKill(folder: string, kind: ChildKind, { afterRows, thenMillis }: Kill): Promise<boolean> {
  const child = spawn(process.execPath, ['--conditions=fieldstone-source', CHILD, folder, kind, '500'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let isDue = false
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    if (isDue || !text.split('\n').some((line) => Number(line) >= afterRows)) return
    isDue = true
    void wait(thenMillis).then(() => child.kill('SIGKILL'))
  })
  return new Promise((done) => child.once('exit', (_code, signal) => done(signal === 'SIGKILL')))
}

/** Leases run out by the machine's clock, and a killed run holds its own for as long as it said. */
async function dropLease(folder: string, kind: ChildKind): Promise<void> {
  const world = await materializeWorld(folder, CHILD_DEFINITIONS[kind])
  await world.online.delete({ entity: '_fieldstone', view: 'lease@1' })
  await world.close()
}

/** Half of the rows are the only ones of their keys, so that a lost one is missed; the others come to theirs again and again. Every hundredth is late by its ingest time. */
const ROWS = `select if(i % 2 = 0, 'ONCE' || i, 'C' || (i * 7919 % 3000)) as id, timestamp '2001-01-01' + interval (i) second as happened,
  timestamp '2001-01-02' + interval (if(i % 100 = 0, i + 5000, i)) second as stored, i as n, repeat('x', 200) as padding
  from range(20000) t(i)`

/** What an undisturbed run gives. */
async function plainly(kind: ChildKind, sqls: readonly string[]): Promise<unknown> {
  const world = await materializeWorld(await temporaryFolder(), CHILD_DEFINITIONS[kind])
  for (const sql of sqls) {
    await world.putRows(sql)
    await world.run()
  }
  const stored = await world.stored()
  await world.close()
  return stored
}

async function put(folder: string, kind: ChildKind, sql: string): Promise<void> {
  const world = await materializeWorld(folder, CHILD_DEFINITIONS[kind])
  await world.putRows(sql)
  await world.close()
}

describe('a run killed again and again', () => {
  test.each(['byEventTime', 'byIngestTime'] as const)(
    '%s ends in what an undisturbed one gives, and goes on where it was',
    async (kind) => {
      const folder = await temporaryFolder()
      await put(folder, kind, ROWS)
      const kills: boolean[] = []
      for (const afterRows of [500, 500, 1_000, 1_000, 1_500, 1_500]) {
        kills.push(await runAndKill(folder, kind, { afterRows, thenMillis: Math.random() * 20 }))
        await dropLease(folder, kind)
      }
      expect(kills).toContain(true)
      const last = await materializeWorld(folder, CHILD_DEFINITIONS[kind])
      const summary = await last.run({ maxBatchRows: 500 })
      expect(summary.rejected).toBe(0)
      if (kills.at(-1)) expect(summary).toMatchObject({ resumed: true })
      if (kills.at(-1)) expect(summary.read).toBeLessThan(20_000)
      expect(await last.stored()).toEqual(await plainly(kind, [ROWS]))
      await last.close()
    },
  )

  test('over a static table ends in what an undisturbed one gives, without the keys that have left', async () => {
    const folder = await temporaryFolder()
    const sqls = [
      "select 'C' || i as id, i as n, 'first' as padding from range(6000) t(i)",
      "select 'C' || i as id, i as n, 'second' as padding from range(3000, 9000) t(i)",
    ]
    await put(folder, 'static', sqls[0]!)
    const kills = [await runAndKill(folder, 'static', { afterRows: 3_000, thenMillis: Math.random() * 20 })]
    await dropLease(folder, 'static')
    await put(folder, 'static', sqls[1]!)
    // The second falls near the end, where keys are removed.
    for (const afterRows of [1_000, 6_000]) {
      kills.push(await runAndKill(folder, 'static', { afterRows, thenMillis: Math.random() * 20 }))
      await dropLease(folder, 'static')
    }
    expect(kills).toContain(true)
    const last = await materializeWorld(folder, CHILD_DEFINITIONS.static)
    expect(await last.run()).toMatchObject({ read: 6_000, written: 6_000, resumed: false })
    expect(await last.stored()).toEqual(await plainly('static', sqls))
    await last.close()
  })
})

test('a killed run leaves its lease, which says for how long', async () => {
  const folder = await temporaryFolder()
  await put(folder, 'byEventTime', ROWS)
  expect(await runAndKill(folder, 'byEventTime', { afterRows: 500, thenMillis: 0 })).toBe(true)
  const next = await materializeWorld(folder, CHILD_DEFINITIONS.byEventTime)
  await expect(next.run({ reportDirectory: join(folder, 'reports') })).rejects.toThrow(
    /lease 'materialize spending@1', held for \d+ s more/,
  )
  await next.close()
})
