import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { appendFile, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { fieldstone } from '../support/command-line.ts'
import { REPOSITORY } from '../support/source-imports.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const run = promisify(execFile)

/** npm and what it installs run without the conditions by which this repository reads its own sources. */
const npm = (args: readonly string[], cwd: string) =>
  run('npm', [...args, '--no-audit', '--no-fund'], { cwd, maxBuffer: 1 << 24 })

/** An entity and a view of the project's own, beside those that `init` wrote. */
const OWN_DEFINITIONS = `
export const country = entity('Country', { keys: { code: string() } })
export const countryProfile = batchView('countryProfile', {
  entity: country,
  source: staticTable({ file: 'data/countries.csv' }),
  features: { title: string({ nullable: false }) },
})
`

/** Each kind of definition, exported: a declaration file can only be made of it where the package names all its types. */
const EXPORTED_DEFINITIONS = `
import { duckdb, entity, batchView, enumOf, env, featureService, fixedClock, heldBy, int64, list, lmdb, onDemandView, ref, string,
  staticTable, tableSource, testOnDemand, testView, uuid, vector } from 'fieldstone'
import { z } from 'zod'
export const season = enumOf('Season', ['WINTER', 'SUMMER'])
export const airport = entity('Airport', { keys: { iata: string() } })
export const hub = heldBy('hub')
export const toAirport = ref(airport, { iata: 'origin' })
export const route = entity('Route', { keys: { origin: string(), number: int64(), leg: uuid() }, references: { toAirport, back: ref(() => airport, { iata: hub }) } })
export const source = tableSource({ table: 't', eventTime: 'at', keys: { iata: 'code' } })
export const table = staticTable({ file: 'a.csv', keys: { iata: 'code' } })
export const view = batchView('view', { entity: airport, source, features: { season, hub: string(), seasons: list(season), embedding: vector(3) } })
export const feature = view.features.seasons
export const computed = onDemandView('computed', { entity: airport, inputs: { season: view.features.season }, args: z.object({ by: z.number() }),
  whenMissing: 'call', features: { other: season }, compute: ({ inputs }) => ({ other: inputs.season }) })
export const service = featureService('service', { roles: { airport }, features: { airport: [view.features.season, computed.features.other] } })
export const served = testView(view, [], [])
export const called = testOnDemand(computed, { season: null }, { by: 1 })
export const stores = [lmdb({ path: 'a' }), duckdb()] as const
export const more = { clock: fixedClock('2001-01-01T00:00:00Z'), secret: env('SECRET') }
`

let project: string

beforeAll(async () => {
  const folder = await temporaryFolder()
  const packed = await npm(['pack', '--json', '--pack-destination', folder], REPOSITORY)
  const [{ filename, files }] = JSON.parse(packed.stdout.slice(packed.stdout.indexOf('['))) as [
    { readonly filename: string; readonly files: readonly { readonly path: string }[] },
  ]
  expect(files.map(({ path }) => path)).toEqual(
    expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'dist/cli/main.js', 'README.md', 'LICENSE']),
  )
  expect(files.filter(({ path }) => /^(src|test|schema)\//.test(path))).toEqual([])
  await fieldstone(['init', 'project'], { cwd: folder })
  project = join(folder, 'project')
  await appendFile(join(project, 'features.ts'), OWN_DEFINITIONS)
  await writeFile(join(project, 'data/countries.csv'), 'code,title\nGB,Great Britain\n')
  const file = join(project, 'package.json')
  const content = JSON.parse(await readFile(file, 'utf8'))
  content.dependencies.fieldstone = `file:${join(folder, filename)}`
  await writeFile(file, JSON.stringify(content))
  await npm(['install', '--prefer-offline'], project)
}, 300_000)

/** The installed command, under this Node: the machine's own may be older. */
const command = () => join(project, 'node_modules/.bin/fieldstone')
const installed = (words: readonly string[]) => run(process.execPath, [command(), ...words], { cwd: project })
const compile = (words: readonly string[] = []) => run(join(project, 'node_modules/.bin/tsc'), words, { cwd: project })

describe('the package, installed outside the repository', () => {
  test("type-checks a project's definitions with its own compiler", async () => {
    await compile(['--skipLibCheck', 'false'])
    await writeFile(join(project, 'wrong.ts'), "import { int32 } from 'fieldstone'\nint32({ default: 'one' })\n")
    const refused = await compile().catch((error) => error)
    await writeFile(join(project, 'wrong.ts'), '')
    expect(refused.stdout).toContain('wrong.ts(2,')
  })

  test('names every type that an exported definition has', async () => {
    await writeFile(join(project, 'exported.ts'), EXPORTED_DEFINITIONS)
    const declaring = ['--noEmit', 'false', '--declaration', '--emitDeclarationOnly', '--outDir', 'declared']
    const { stdout } = await compile(declaring).catch((error) => error)
    expect(stdout).toBe('')
    const declared = await readFile(join(project, 'declared/exported.d.ts'), 'utf8')
    expect(declared).toMatch(/season: .*EnumDtype/)
    expect(declared).not.toContain('dist/')
  })

  test('loads no driver and no server until they are needed', async () => {
    const script = `
      import { registerHooks } from 'node:module'
      const urls = []
      registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
      await import('fieldstone')
      console.log(urls.filter((url) => /node_modules[/](?!(fieldstone|zod)[/])/.test(url)).join(' '))`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: project })
    expect(stdout.trim()).toBe('')
  })

  test('applies, materializes and serves an entity that the project defines', async () => {
    await installed(['apply'])
    await installed(['materialize'])
    const child = spawn(process.execPath, [command(), 'serve', '--port', '0'], { cwd: project })
    const ended = once(child, 'close')
    try {
      const query = '{ customer(customerId: "C001") { name orderCount } country(code: "GB") { title } }'
      const response = await fetch(`${await servedAt(child)}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query }),
      })
      expect(await response.json()).toEqual({
        data: { customer: { name: 'Ada A.', orderCount: expect.any(Number) }, country: { title: 'Great Britain' } },
      })
    } finally {
      child.kill('SIGTERM')
    }
    expect(await ended).toEqual([0, null])
  })
})

/** Where a gateway says that it listens. Rejects where it ends before. */
function servedAt(child: ChildProcess): Promise<string> {
  return new Promise((found, lost) => {
    let said = ''
    const look = (text: Buffer): void => {
      said += text
      const match = /at (http:\S+)\s/.exec(said)
      if (match !== null) found(match[1]!)
    }
    child.stdout!.on('data', look)
    child.stderr!.on('data', look)
    child.on('close', (code) => lost(new Error(`ended with ${code} before it listened:\n${said}`)))
  })
}
