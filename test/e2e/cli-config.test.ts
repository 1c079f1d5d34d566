import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CONFIG, features } from '../support/cities-files.ts'
import { fieldstone, type UserFolder, userFolder } from '../support/command-line.ts'

describe('a config that does not work', () => {
  let broken: UserFolder
  const runBroken = (...words: readonly string[]) => fieldstone(words, { cwd: broken.path })

  beforeAll(async () => {
    broken = await userFolder()
  })

  afterAll(() => broken.remove())

  test('there is none', async () => {
    const { code, stderr } = await runBroken('plan')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error CONFIG_NOT_FOUND {2}no fieldstone\.config\.ts in /)
    expect(await runBroken('plan', '--config', 'elsewhere.ts')).toMatchObject({ code: 1 })
  })

  test.each([
    ['a syntax error', 'export default {', 'CONFIG_INVALID', /fieldstone\.config\.ts:1/],
    ['a missing import', "import './gone.ts'\nexport default {}", 'CONFIG_INVALID', /gone\.ts/],
    ['a throw', "throw new Error('no luck')", 'CONFIG_INVALID', /no luck/],
    ['no default export', 'export const config = {}', 'CONFIG_INVALID', /export default/],
    [
      'a wrong value',
      CONFIG.replace("'cities'", '12').replace('* as definitions', '* as definitions'),
      'CONFIG_INVALID',
      /name/,
    ],
    [
      'an unset variable',
      CONFIG.replace("lmdb({ path: '.fieldstone/online' })", "lmdb({ path: env('NOWHERE_SET') })").replace(
        '{ defineConfig',
        '{ env, defineConfig',
      ),
      'ENVIRONMENT_MISSING',
      /NOWHERE_SET/,
    ],
  ])('%s', async (_name, config, errorCode, message) => {
    await broken.write('features.ts', features())
    await broken.write('fieldstone.config.ts', config)
    const { code, stderr } = await runBroken('plan')
    expect(stderr).toMatch(new RegExp(`^error ${errorCode}`, 'm'))
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/^ {4}at /m)
    expect(code).toBe(1)
    expect(await runBroken('plan', '--verbose')).toMatchObject({ code: 1, stderr: expect.stringMatching(/^ {4}at /m) })
  })

  test('every mistake in the definitions at once', async () => {
    await broken.write('fieldstone.config.ts', CONFIG)
    await broken.write(
      'features.ts',
      `import { batchView, entity, int32, staticTable, string } from 'fieldstone'
export const city = entity('My City', { keys: { name: string() } })
export const a = batchView('a', { entity: city, source: staticTable({ file: 'x.csv' }), features: { n: int32() } })
export const b = batchView('b', { entity: city, source: staticTable({ file: 'x.csv' }), features: { n: int32() } })`,
    )
    const { code, stderr } = await runBroken('generate')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error DEFINITION_NAME_ILLEGAL .*My City/m)
    expect(stderr).toMatch(/^error DEFINITION_NAME_TAKEN .*n/m)
    expect(stderr).toMatch(/^\d+ errors$/m)
  })

  test('doctor says what is wrong line by line', async () => {
    await broken.write('features.ts', features({ columns: ' where nothing = 1' }))
    const { code, stdout } = await runBroken('doctor')
    expect(code).toBe(3)
    expect(stdout).toMatch(/^ok {6}node: v/m)
    expect(stdout).toMatch(/^ok {6}graphql: one copy/m)
    expect(stdout).toMatch(/^not ok {2}view cityDaily@1: NOT_APPLIED/m)
    expect(stdout).toMatch(/^not ok {2}source of cityDaily: SOURCE_INVALID/m)
    expect(stdout).toMatch(/^3 to mend$/m)
  })

  test('doctor finds columns as materialize does: whatever their case', async () => {
    const text = features().replace("eventTime: 'day'", "eventTime: 'DAY'")
    await broken.write('features.ts', text)
    expect((await runBroken('doctor')).stdout).toMatch(/^ok {6}source of cityDaily: 6 columns$/m)
    await broken.write('features.ts', text.replace("'DAY'", "'DAYS'"))
    expect((await runBroken('doctor')).stdout).toMatch(
      /^not ok {2}source of cityDaily: SOURCE_INVALID .*It has no column 'DAYS'/m,
    )
  })
})
