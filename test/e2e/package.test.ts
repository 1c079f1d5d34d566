import { execFile, spawn } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
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
  const file = join(project, 'package.json')
  const content = JSON.parse(await readFile(file, 'utf8'))
  content.dependencies.fieldstone = `file:${join(folder, filename)}`
  await writeFile(file, JSON.stringify(content))
  await npm(['install', '--prefer-offline'], project)
}, 300_000)

/** The installed command, under the installed package's own Node: this one. */
function installed(words: readonly string[]) {
  return run(process.execPath, [join(project, 'node_modules/fieldstone/dist/cli/main.js'), ...words], { cwd: project })
}

describe('the package, installed outside the repository', () => {
  test("type-checks a project's definitions with its own compiler", async () => {
    await run(join(project, 'node_modules/.bin/tsc'), ['-p', project])
    await writeFile(join(project, 'wrong.ts'), "import { int32 } from 'fieldstone'\nint32({ default: 'one' })\n")
    const refused = await run(join(project, 'node_modules/.bin/tsc'), ['-p', project]).catch((error) => error)
    expect(refused.stdout).toContain('wrong.ts(2,')
  })

  test('loads no driver and no server until they are needed', async () => {
    const script = `
      import 'fieldstone'
      import { createRequire } from 'node:module'
      const loaded = process.moduleLoadList.concat(Object.keys(createRequire(import.meta.url).cache))
      console.log(loaded.filter((name) => /lmdb|duckdb|apollo|fastify/.test(name)).length)`
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script], { cwd: project })
    expect(stdout.trim()).toBe('0')
  })

  test('applies, materializes and serves an entity that the project defines', async () => {
    await installed(['apply'])
    await installed(['materialize'])
    const main = join(project, 'node_modules/fieldstone/dist/cli/main.js')
    const child = spawn(process.execPath, [main, 'serve', '--port', '0'], { cwd: project })
    try {
      const url = await new Promise<string>((found) => {
        const look = (text: Buffer): void => {
          const match = /at (http:\S+)/.exec(String(text))
          if (match !== null) found(match[1]!)
        }
        child.stdout.on('data', look)
        child.stderr.on('data', look)
      })
      const body = JSON.stringify({ query: '{ customer(customerId: "C001") { name orderCount } }' })
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
      })
      expect(await response.json()).toEqual({ data: { customer: { name: 'Ada A.', orderCount: expect.any(Number) } } })
    } finally {
      child.kill('SIGTERM')
    }
  })
})
