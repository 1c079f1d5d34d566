import { execFile } from 'node:child_process'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fieldstone, startFieldstone, type UserFolder, userFolder } from '../support/command-line.ts'
import { REPOSITORY } from '../support/source-imports.ts'

const CONFIG = `import { defineConfig, duckdb, fixedClock, lmdb } from 'fieldstone'
import * as definitions from './features.ts'
export default defineConfig({
  name: 'cities',
  definitions,
  online: lmdb({ path: '.fieldstone/online' }),
  offline: duckdb(),
  clock: fixedClock('2001-07-02T00:00:00Z'),
})
`

interface Variant {
  readonly version?: number
  readonly dtype?: string
  /** Further features of the view, as source text. */
  readonly more?: string
  readonly columns?: string
}

/** The definitions, in one of the shapes that they go through. */
function features({ version = 1, dtype = 'int32', more = '', columns = '' }: Variant = {}): string {
  return `import { batchView, entity, float64, int32, int64, onDemandView, staticTable, string, tableSource, vector } from 'fieldstone'
import { z } from 'zod'
export const city = entity('City', { keys: { country: string(), name: string() } })
export const cityDaily = batchView('cityDaily', {
  entity: city,
  version: ${version},
  source: tableSource({
    sql: \`select *, [0.5, rain] as embedding from (values
      ('NO', 'Oslo', timestamp '2001-07-01', 7, 1.5),
      ('NO', 'Bergen', timestamp '2001-07-01', null, 2.5),
      ('CO', 'Bogotá', timestamp '2001-06-01', 3, 3.5)
    ) as rows(country, name, day, visits, rain)${columns}\`,
    eventTime: 'day',
  }),
  ttl: '2d',
  retention: '60d',
  features: { visits: ${dtype}({ description: 'Visits of the day.' }), ${more} },
})
export const perHead = onDemandView('perHead', {
  entity: city,
  inputs: { visits: cityDaily.features.visits },
  args: z.object({ heads: z.number() }),
  features: { visitsPerHead: float64() },
  compute: ({ inputs, args }) => {
    if (args.heads === 0) throw new Error('nobody lives there')
    return { visitsPerHead: Number(inputs.visits) / args.heads }
  },
})
`
}

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
  ])('%j exits with 2', async (words, message) => {
    const { code, stderr } = await run(...words)
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

describe('changes of the definitions', () => {
  test('a feature that is added is safe', async () => {
    await folder.write('features.ts', features({ more: 'rain: float64(), embedding: vector(2)' }))
    expect((await run('plan')).stdout).toMatch(/safe .*rain/)
    expect(await run('apply')).toMatchObject({ code: 0 })
    expect(await run('materialize')).toMatchObject({ code: 0 })
    const { stdout } = await run('get', 'City', 'country=NO', 'name=Oslo')
    expect(stdout).toMatch(/^rain +1\.5 +PRESENT/m)
    expect(stdout).toMatch(/^embedding +\[0\.5,1\.5\] +PRESENT/m)
  })

  test('a feature that goes away needs leave', async () => {
    await folder.write('features.ts', features({ more: 'rain: float64()' }))
    expect((await run('plan')).stdout).toMatch(/^destructive +feature City\.embedding: removed$/m)
    const { code, stderr } = await run('apply')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error CHANGE_DESTRUCTIVE[\s\S]*mend {2}Pass --allow-destructive/m)
    expect(await run('apply', '--allow-destructive')).toMatchObject({ code: 0 })
  })

  test('a dtype that is changed is breaking: plan says so, apply refuses', async () => {
    await folder.write('features.ts', features({ more: 'rain: float64()', dtype: 'int64' }))
    const plan = await run('plan')
    expect(plan.code).toBe(0)
    expect(plan.stdout).toMatch(/breaking .*visits/)
    const { code, stderr } = await run('apply')
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error CHANGE_BREAKING/m)
  })

  test('in a new version it is not, and both versions are kept side by side', async () => {
    await folder.write('features.ts', features({ more: 'rain: float64()', dtype: 'int64', version: 2 }))
    expect(await run('apply')).toMatchObject({ code: 0 })
    expect(await run('materialize')).toMatchObject({ code: 0 })
    const { stdout } = await run('get', 'City', 'country=NO', 'name=Oslo', '--format', 'json')
    expect(JSON.parse(stdout)[0].features.visits).toMatchObject({ value: '7', status: 'PRESENT' })
    expect((await run('plan')).stdout).toMatch(/cityDaily@1/)
    await folder.write('features.ts', features({ more: 'rain: float64()' }))
    expect((await run('get', 'City', 'country=NO', 'name=Oslo')).stdout).toMatch(/^visits +7 +PRESENT/m)
  })

  test('the old version goes with --allow-destructive alone', async () => {
    await folder.write('features.ts', features({ more: 'rain: float64()', dtype: 'int64', version: 2 }))
    expect(await run('apply', '--allow-destructive')).toMatchObject({ code: 0 })
    expect((await run('plan')).stdout).not.toMatch(/cityDaily@1/)
    await folder.write('features.ts', features({ more: 'rain: float64()' }))
    expect((await run('get', 'City', 'country=NO', 'name=Oslo')).stdout).toMatch(/^visits +NOT_FOUND/m)
  })
})

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
})

describe('serve', () => {
  test('a port in use has a clear word', async () => {
    const other = createServer().listen(0, '127.0.0.1')
    await new Promise((listening) => other.once('listening', listening))
    const { port } = other.address() as AddressInfo
    const { code, stderr } = await run('serve', '--port', String(port))
    other.close()
    expect(stderr).toMatch(/^error PORT_IN_USE[\s\S]*mend {2}Stop it, or choose another port with --port or PORT/m)
    expect(code).toBe(1)
  })

  test('PORT is obeyed, and a signal drains', async () => {
    const served = startFieldstone(['serve'], { cwd: folder.path, environment: { PORT: '0' } })
    const [, url] = await served.says(/serving cities at (http:\S+)/)
    expect((await fetch(`${url}/readyz`)).status).toBe(200)
    served.child.kill('SIGINT')
    expect(await served.finished).toMatchObject({ code: 0, stderr: expect.stringContaining('draining') })
  })

  test('what is not applied is told', async () => {
    await folder.write('features.ts', features({ version: 7 }))
    const served = startFieldstone(['serve', '--port', '0'], { cwd: folder.path })
    await served.says(/view cityDaily@7 is not applied/)
    served.child.kill('SIGTERM')
    await served.finished
  })
})

describe('dev', () => {
  test('applies and fills what is new, takes up a save, and outlives a broken one', async () => {
    await folder.write('features.ts', features({ version: 8 }))
    const served = startFieldstone(['dev', '--port', '0'], { cwd: folder.path })
    const [, url] = await served.says(/GraphiQL is at (http:\S+)/)
    await served.says(/cityDaily@8 +3 +3/)
    expect(await visits(url!, 'visits')).toEqual({ visits: 7 })
    await folder.write('features.ts', features({ version: 8, more: 'rain: float64()' }))
    await served.says(/swapped the schema[\s\S]*applied: feature City\.rain: added/)
    await expect.poll(() => visits(url!, 'rain'), { timeout: 20_000 }).toEqual({ rain: 1.5 })
    await folder.write('features.ts', 'export const broken = {')
    await served.says(/error CONFIG_INVALID/)
    expect(await visits(url!, 'rain')).toEqual({ rain: 1.5 })
    served.child.kill('SIGINT')
    expect(await served.finished).toMatchObject({ code: 0 })
  })
})

async function visits(url: string, feature: string): Promise<unknown> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: `{ city(country: "NO", name: "Oslo") { ${feature} } }` }),
  })
  return ((await response.json()) as { data?: { city: unknown } }).data?.city
}
