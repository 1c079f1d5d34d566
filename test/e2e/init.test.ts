import { execFile } from 'node:child_process'
import { readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fieldstone, installFieldstone, startFieldstone, type UserFolder, userFolder } from '../support/command-line.ts'
import { REPOSITORY } from '../support/source-imports.ts'

let outside: UserFolder
let folder: string
const inFolder = () => ({ cwd: folder })

beforeAll(async () => {
  outside = await userFolder()
  folder = join(outside.path, 'my-features')
})

afterAll(() => outside.remove())

describe('fieldstone init', () => {
  test('writes a whole deployment and says what to run', async () => {
    const { code, stdout, stderr } = await fieldstone(['init', 'my-features'], { cwd: outside.path })
    expect({ code, stderr }).toMatchObject({ code: 0 })
    expect(stderr).toContain('wrote my-features/features.ts')
    expect(stdout.trim()).toBe(
      'cd my-features && npm install && npx fieldstone apply && npx fieldstone materialize && npx fieldstone serve',
    )
    expect((await readdir(folder)).toSorted()).toEqual([
      '.gitignore',
      'README.md',
      'data',
      'example.graphql',
      'features.ts',
      'fieldstone.config.ts',
      'package.json',
      'tsconfig.json',
    ])
    const { dependencies, scripts } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8'))
    expect(Object.keys(dependencies).toSorted()).toEqual(['fieldstone', 'graphql', 'zod'])
    expect(scripts.dev).toBe('fieldstone dev')
    await installFieldstone(folder)
  })

  test('overwrites nothing', async () => {
    const before = await readFile(join(folder, 'features.ts'), 'utf8')
    const { code, stderr } = await fieldstone(['init', 'my-features'], { cwd: outside.path })
    expect(code).toBe(1)
    expect(stderr).toMatch(/^error FOLDER_NOT_EMPTY {2}\S+my-features holds /)
    expect(stderr).toContain("mend  Name a new folder: 'fieldstone init my-features'.")
    expect(await readFile(join(folder, 'features.ts'), 'utf8')).toBe(before)
  })

  test.each(['my-features/README.md', 'my-features/README.md/below'])(
    'a place that is no folder: %s',
    async (place) => {
      const { code, stderr } = await fieldstone(['init', place], { cwd: outside.path })
      expect(stderr).toMatch(/^error FOLDER_REFUSED {2}\S+\n {2}why {3}The system says: E/)
      expect(code).toBe(1)
    },
  )

  test('the example type-checks', async () => {
    const tsc = join(REPOSITORY, 'node_modules/.bin/tsc')
    const types = join(REPOSITORY, 'node_modules/@types')
    const args = ['--customConditions', 'fieldstone-source', '--typeRoots', types, '--types', 'node']
    const checked = await promisify(execFile)(tsc, ['-p', folder, ...args]).catch((error) => error)
    expect(checked.stdout).toBe('')
  })

  test('the example applies, materializes, and answers in the terminal', async () => {
    expect(await fieldstone(['apply'], inFolder())).toMatchObject({ code: 0 })
    const materialized = await fieldstone(['materialize'], inFolder())
    expect(materialized).toMatchObject({ code: 0 })
    expect(materialized.stdout).toMatch(/customerOrders@1 +600 /)
    expect(materialized.stdout).toMatch(/customerProfile@1 +50 /)
    const { stdout } = await fieldstone(['get', 'Customer', 'C001', 'C050', '--format', 'json'], inFolder())
    const [known, silent] = JSON.parse(stdout)
    expect(known.features).toMatchObject({
      name: { value: 'Ada A.', status: 'PRESENT' },
      orderCount: { value: expect.any(Number), status: 'PRESENT' },
      daysSinceLastOrder: { value: expect.any(Number), status: 'PRESENT', eventTime: null },
    })
    expect(silent.features).toMatchObject({
      orderCount: { value: 0, status: 'NOT_FOUND' },
      daysSinceLastOrder: { value: null, status: 'NOT_FOUND' },
    })
  })

  test('the example is served, and its example operation answers', async () => {
    const served = startFieldstone(['serve', '--port', '0'], inFolder())
    const [, url] = await served.says(/serving shop at (http:\S+)/)
    const query = await readFile(join(folder, 'example.graphql'), 'utf8')
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    })
    const { data, errors } = (await response.json()) as { data: { customers: object[] }; errors?: unknown }
    expect(errors).toBeUndefined()
    expect(data.customers[0]).toMatchObject({ name: 'Ada A.', featureInfo: [{ status: 'PRESENT' }] })
    expect(await (await fetch(`${url}/`)).text()).toContain('query Customers')
    served.child.kill('SIGTERM')
    expect(await served.finished).toMatchObject({ code: 0 })
  })

  test('a second materialize changes nothing', async () => {
    const { code, stdout } = await fieldstone(['materialize', '--view', 'customerOrders'], inFolder())
    expect(code).toBe(0)
    expect(stdout).toMatch(/customerOrders@1 +600 +0 /)
  })

  test('a rejected row is reported, and decides the exit code', async () => {
    const file = join(folder, 'data/customers.csv')
    const good = await readFile(file, 'utf8')
    await writeFile(file, `${good}C900,,GB\n`)
    const refused = await fieldstone(['materialize', '--view', 'customerProfile'], inFolder())
    expect(refused).toMatchObject({ code: 4 })
    expect(refused.stderr).toContain('error ROWS_REJECTED')
    const [, report] = /rejected rows are in (\S+)/.exec(refused.stderr)!
    expect(await readFile(report!, 'utf8')).toContain('C900')
    const allowed = await fieldstone(['materialize', '--view', 'customerProfile', '--max-rejected', '1'], inFolder())
    expect(allowed).toMatchObject({ code: 0 })
    await writeFile(file, good)
    await rm(report!)
  })

  test('doctor finds nothing but the schema that was never printed', async () => {
    const before = await fieldstone(['doctor'], inFolder())
    expect(before).toMatchObject({ code: 3 })
    expect(before.stdout.match(/^not ok/gm)).toHaveLength(1)
    expect(before.stdout).toMatch(/not ok {2}schema file: SCHEMA_OUTDATED [\s\S]*mend: Run 'fieldstone generate'/)
    expect(await fieldstone(['generate', '--check'], inFolder())).toMatchObject({ code: 3 })
    expect(await fieldstone(['generate'], inFolder())).toMatchObject({ code: 0 })
    expect(await fieldstone(['generate', '--check'], inFolder())).toMatchObject({ code: 0 })
    const after = await fieldstone(['doctor'], inFolder())
    expect(after.stdout).toContain('all is well')
    expect(after.code).toBe(0)
  })
})
