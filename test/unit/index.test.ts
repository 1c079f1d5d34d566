import { writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { startNode } from '../support/command-line.ts'
import { REPOSITORY } from '../support/source-imports.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

/** The packages whose files are loaded with a module, told by Node itself. */
async function packagesLoadedWith(module: string): Promise<readonly string[]> {
  const script = join(await temporaryFolder(), 'load.ts')
  await writeFile(
    script,
    `import { registerHooks } from 'node:module'
    const urls: string[] = []
    registerHooks({ load: (url, context, next) => (urls.push(url), next(url, context)) })
    await import(${JSON.stringify(module)})
    const names = urls.map((url) => /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(url)?.[1])
    console.log(JSON.stringify([...new Set(names)].filter((name) => name !== undefined).toSorted()))`,
  )
  const { code, stdout, stderr } = await startNode([script], { cwd: REPOSITORY }).finished
  expect(stderr).toBe('')
  expect(code).toBe(0)
  return JSON.parse(stdout)
}

test('loads nothing but zod: no driver and no server, until they are used', async () => {
  expect(await packagesLoadedWith(resolve(REPOSITORY, 'src/index.ts'))).toEqual(['zod'])
})

test('a static import would be seen', async () => {
  expect(await packagesLoadedWith(resolve(REPOSITORY, 'src/sdl/schema.ts'))).toContain('@apollo/subgraph')
})
