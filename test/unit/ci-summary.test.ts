import { execFileSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { REPOSITORY } from '../support/source-imports.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const GOOD = { numPassedTests: 7, numFailedTests: 0, numPendingTests: 0, numTodoTests: 0 }

async function lastLine(report: object | undefined, checks = 0, tests = 0): Promise<string> {
  const file = join(await temporaryFolder(), 'report.json')
  writeFileSync(file, report === undefined ? '' : JSON.stringify(report))
  const words = [resolve(REPOSITORY, '.ci/summary.ts'), file, String(checks), String(tests)]
  try {
    return execFileSync(process.execPath, words, { encoding: 'utf8' }).trim()
  } catch (error) {
    return `${(error as { readonly stdout: string }).stdout.trim()}, exit ${(error as { readonly status: number }).status}`
  }
}

test.each([
  ['all passed', GOOD, 0, 0, '7 passed, 0 failed'],
  ['a test failed', { ...GOOD, numFailedTests: 2 }, 0, 1, '7 passed, 2 failed, exit 1'],
  [
    'a skipped test counts as failed',
    { ...GOOD, numPendingTests: 1, numTodoTests: 1 },
    0,
    0,
    '7 passed, 2 failed, exit 1',
  ],
  ['the checks failed', GOOD, 1, 0, '7 passed, 1 failed, exit 1'],
  ['the run failed though no test did', GOOD, 0, 1, '7 passed, 1 failed, exit 1'],
  ['there is no report', undefined, 0, 1, '0 passed, 1 failed, exit 1'],
])('.ci/run ends with a line that counts: %s', async (_name, report, checks, tests, line) => {
  expect(await lastLine(report, checks, tests)).toBe(line)
})
