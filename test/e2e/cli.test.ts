import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CONFIG, features } from '../support/cities-files.ts'
import { fieldstone, type UserFolder, userFolder } from '../support/command-line.ts'
import { REPOSITORY } from '../support/source-imports.ts'

let folder: UserFolder
const run = (...words: readonly string[]) => fieldstone(words, { cwd: folder.path })

beforeAll(async () => {
  folder = await userFolder({ 'fieldstone.config.ts': CONFIG, 'features.ts': features() })
})

afterAll(() => folder.remove())

describe('help', () => {
  test('the program lists every command and what exit codes mean', async () => {
    const { code, stdout } = await run('--help')
    expect(code).toBe(0)
    for (const verb of [
      'init',
      'dev',
      'serve',
      'generate',
      'plan',
      'apply',
      'materialize',
      'get',
      'explain',
      'doctor',
    ]) {
      expect(stdout).toMatch(new RegExp(`^ {2}${verb} `, 'm'))
    }
    expect(stdout).toMatch(/Exit codes:\n {2}0 +Done/)
  })

  test('without words it prints the same, and each command has examples', async () => {
    expect(await run()).toMatchObject({ code: 0 })
    const { stdout } = await run('materialize', '--help')
    expect(stdout).toContain('$ fieldstone materialize --view airportDaily,routeDaily --incremental')
    expect(stdout).toContain('--config')
  })

  test('the version is the package’s', async () => {
    expect((await run('--version')).stdout).toMatch(/^\d+\.\d+\.\d+\n$/)
  })
})

describe('words that it does not know', () => {
  test.each([
    [['materialise'], /unknown command 'materialise'[\s\S]*Did you mean materialize/],
    [['apply', '--force'], /unknown option '--force'/],
    [['get', 'City'], /missing required argument 'keys'/],
    [['materialize', '--max-rejected', 'many'], /whole number/],
    [['materialize', '--from', 'yesterday'], /2001-07-01/],
    [['serve', '--port', '70000'], /0 to 65535/],
    [['get', 'City', 'country=NO', '--format', 'xml'], /Allowed choices are table, json/],
    [['materialize', '--due', '--incremental'], /cannot be used with/],
    [['materialize', '--from', '2001-01-01', '--incremental'], /cannot be used with/],
    [['materialize', '--from', '2001-02-01', '--to', '2001-01-01'], /The range ends before it begins/],
  ])('%j exits with 2', async (words, message) => {
    const { code, stderr } = await run(...words)
    expect(stderr).toMatch(/^error USAGE {2}.*\n {2}why {3}.*\n {2}mend {2}.*\n$/)
    expect(stderr).toMatch(message)
    expect(code).toBe(2)
  })
})

describe('from plan to features', () => {
  test('nothing is written before it is applied', async () => {
    const { code, stderr } = await run('materialize')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error NOT_APPLIED[\s\S]*mend {2}Run 'fieldstone plan', then 'fieldstone apply'/m)
  })

  test('plan shows, and changes nothing', async () => {
    const first = await run('plan')
    expect(first.code).toBe(0)
    expect(first.stdout).toMatch(/cityDaily/)
    expect((await run('plan')).stdout).toBe(first.stdout)
  })

  test('apply does it, and then there is nothing to do', async () => {
    expect(await run('apply')).toMatchObject({ code: 0 })
    expect((await run('plan')).stdout).toContain('nothing to change')
    expect(await run('apply')).toMatchObject({ code: 0 })
  })

  test('materialize prints a summary', async () => {
    const { code, stdout } = await run('materialize')
    expect(code).toBe(0)
    expect(stdout).toMatch(/cityDaily@1 +3 +3 /)
  })

  test('a range of event times, and what the schedule says is due', async () => {
    const range = await run('materialize', '--from', '2001-06-01', '--to', '2001-06-30')
    expect(range.stdout).toMatch(/cityDaily@1 +1 +0 /)
    // A view without a schedule is due at each call.
    expect((await run('materialize', '--due')).stdout).toMatch(/cityDaily@1 +2 +0 /)
    expect(await run('materialize', '--incremental', '--view', 'cityDaily')).toMatchObject({ code: 0 })
  })

  test.runIf(process.platform === 'linux')('on a terminal it draws a bar', async () => {
    const words = [process.execPath, '--conditions=fieldstone-source', 'src/cli/main.ts', 'materialize'].join(' ')
    const command = `${words} --config ${folder.path}/fieldstone.config.ts`
    const { stdout } = await promisify(execFile)('script', ['-qec', command, '/dev/null'], { cwd: REPOSITORY })
    expect(stdout).toMatch(/cityDaily@1 {2}[-=]+ {2}3 rows/)
  })

  test('get prints a table of values, statuses and times', async () => {
    const { code, stdout } = await run('get', 'City', 'country=NO', 'name=Oslo', 'country=CO', 'name=Bogotá')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^City country=NO name=Oslo$/m)
    expect(stdout).toMatch(/^visits +7 +PRESENT +2001-07-01T00:00:00Z$/m)
    expect(stdout).toMatch(/^visits +OUTSIDE_MAX_AGE +2001-06-01T00:00:00Z$/m)
    expect(stdout).not.toContain('visitsPerHead')
  })

  test('get computes on-demand features from --args, with their statuses', async () => {
    const words = ['country=NO', 'name=Oslo', 'country=NO', 'name=Bergen', 'country=NO', 'name=Nowhere']
    const { code, stdout } = await run('get', 'City', ...words, '--args', '{"heads": 2}', '--format', 'json')
    expect(code).toBe(0)
    expect(JSON.parse(stdout).map((row: any) => row.features.visitsPerHead)).toEqual([
      { value: 3.5, status: 'PRESENT', eventTime: null },
      { value: null, status: 'NULL_VALUE', eventTime: null },
      { value: null, status: 'NOT_FOUND', eventTime: null },
    ])
  })

  test('a function that throws is told, and fails the command', async () => {
    const { code, stdout, stderr } = await run('get', 'City', 'country=NO', 'name=Oslo', '--args', '{"heads": 0}')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^visits +7 +PRESENT/m)
    expect(stdout).toMatch(/^visitsPerHead +ON_DEMAND_FAILED$/m)
    expect(stderr).toContain('nobody lives there')
  })

  test('explain prints the plan of a text, and refuses what the schema does not know', async () => {
    const { code, stdout } = await run('explain', '{ city(country: "NO", name: "Oslo") { visits } }')
    expect(code).toBe(0)
    expect(stdout).toMatch(/cityDaily/)
    const wrong = await run('explain', '{ city(country: "NO", name: "Oslo") { visitors } }')
    expect(wrong.code).toBe(1)
    expect(wrong.stderr).toMatch(/^error REQUEST_INVALID[\s\S]*Cannot query field "visitors"/)
  })
})

describe('names, keys and arguments that are wrong', () => {
  test.each([
    [
      ['materialize', '--view', 'cityHourly'],
      'NAME_UNKNOWN',
      /view 'cityHourly'[\s\S]*The deployment defines cityDaily/,
    ],
    [['get', 'Town', 'x'], 'NAME_UNKNOWN', /entity 'Town'/],
    [['get', 'City', 'country=NO', 'name=Oslo', '--features', 'visits,height'], 'NAME_UNKNOWN', /'height'/],
    [['get', 'City', 'Oslo'], 'KEY_INVALID', /Write country=… name=…/],
    [['get', 'City', 'country=NO'], 'KEY_INVALID', /has no name/],
    [['get', 'City', 'country=NO', 'name=Oslo', '--features', 'visitsPerHead'], 'ARGUMENTS_INVALID', /without heads/],
    [['get', 'City', 'country=NO', 'name=Oslo', '--args', '[1]'], 'ARGUMENTS_INVALID', /one JSON object/],
    [['get', 'City', 'country=NO', 'name=Oslo', '--args', '{"legs": 2}'], 'ARGUMENTS_INVALID', /names legs/],
  ])('%j', async (words, errorCode, message) => {
    const { code, stderr } = await run(...words)
    expect(stderr).toMatch(new RegExp(`^error ${errorCode}`, 'm'))
    expect(stderr).toMatch(message)
    expect(stderr).not.toMatch(/^ {4}at /m)
    expect(code).toBe(1)
  })
})
