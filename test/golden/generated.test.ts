import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { startNode } from '../support/command-line.ts'
import { REPOSITORY } from '../support/source-imports.ts'

test('every generated file is what the generator writes: SDL, error pages, help of the commands, types of the operations', async () => {
  const words = [resolve(REPOSITORY, 'test/support/generate.ts'), '--check']
  const { code, stdout } = await startNode(words, { cwd: REPOSITORY }).finished
  expect(stdout).toBe('all generated files are up to date\n')
  expect(code).toBe(0)
})
