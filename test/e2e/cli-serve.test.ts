import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { CONFIG, features } from '../support/cities-files.ts'
import { fieldstone, startFieldstone, type UserFolder, userFolder } from '../support/command-line.ts'

let folder: UserFolder
const run = (...words: readonly string[]) => fieldstone(words, { cwd: folder.path })

beforeAll(async () => {
  folder = await userFolder({ 'fieldstone.config.ts': CONFIG, 'features.ts': features() })
})

afterAll(() => folder.remove())

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

  test.each(['http', '70000', '-1'])('PORT %s is refused, and not passed over', async (PORT) => {
    const { finished } = startFieldstone(['serve'], { cwd: folder.path, environment: { PORT } })
    const { code, stderr } = await finished
    expect(stderr).toContain(`error CONFIG_INVALID  PORT of the environment is "${PORT}"`)
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
