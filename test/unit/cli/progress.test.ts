import { expect, test } from 'vitest'
import { progressReport } from '../../../src/cli/progress.ts'

async function linesOf(millisBetweenLines: number): Promise<readonly string[]> {
  const lines: string[] = []
  const terminal = { print() {}, note: (line: string) => lines.push(line), isInteractive: false }
  const progress = await progressReport(terminal, 'daily@1', millisBetweenLines)
  progress.update(1000, 0.257)
  progress.update(2000, undefined)
  progress.done()
  return lines
}

test('without a terminal progress is plain lines', async () => {
  expect(await linesOf(0)).toEqual(['daily@1  1000 rows  25 %', 'daily@1  2000 rows'])
})

test('and not many of them', async () => {
  expect(await linesOf(60_000)).toEqual([])
})
