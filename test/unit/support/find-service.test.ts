import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { programOf, type Service } from '../../support/services/find-service.ts'
import { temporaryFolder } from '../../support/temporary-folder.ts'

const MISSING: Service = {
  name: 'a service of no one',
  variable: 'NO_ONES_SERVICE',
  programs: ['/nowhere/service', 'no-such-program'],
  install: undefined,
  ways: ['write it'],
  words: () => [],
}

test('one that is missing fails with one message that says what is missing and how to get it', async () => {
  await expect(programOf(MISSING)).rejects.toThrow(
    /these are missing here:\n- a service of no one: write it; or set NO_ONES_SERVICE.*\n[\s\S]*docker compose -f deploy\/compose\.yaml up -d/,
  )
})

test('one that can be installed is installed once, however many ask at a time', async () => {
  const program = join(await temporaryFolder(), 'service')
  let installs = 0
  const run = () => {
    installs += 1
    writeFileSync(program, '')
  }
  const service: Service = { ...MISSING, programs: [program], install: { isPossible: () => true, run } }
  const found = await Promise.all([programOf(service), programOf(service), programOf(service)])
  expect([installs, new Set(found)]).toEqual([1, new Set([program])])
})

test('one that cannot be installed after all is missing, and another may try again', async () => {
  const refuse = () => {
    throw new Error('no disk')
  }
  const service: Service = { ...MISSING, install: { isPossible: () => true, run: refuse } }
  for (const _ of [1, 2]) await expect(programOf(service)).rejects.toThrow('these are missing here')
})
