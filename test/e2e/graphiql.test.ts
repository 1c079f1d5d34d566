import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { launchBrowser } from '../support/browser.ts'
import { startTestGateway, type TestGateway } from '../support/http-gateway.ts'

const SAMPLE =
  '# </script> must not end the page\nquery Sample {\n  city(name: "Bogotá") {\n    name\n    altitude\n  }\n}\n'

describe('GraphiQL', () => {
  let server: TestGateway
  let browser: Browser
  beforeAll(async () => {
    ;[server, browser] = await Promise.all([startTestGateway({ sampleOperation: SAMPLE }), launchBrowser()])
  })
  afterAll(() => Promise.all([browser.close(), server.close()]))

  test('loads, runs the sample query and shows the answer, with no other origin asked and no policy broken', async () => {
    const { page, elsewhere, problems } = await openPage(browser, server.url)
    await page.goto(server.url)
    const run = page.getByRole('button', { name: /execute query/i })
    await run.waitFor()
    expect(await page.locator('.graphiql-query-editor').textContent()).toMatch(/query\sSample/)
    await run.click()
    const answer = page.locator('.result-window')
    await expect.poll(() => answer.textContent(), { timeout: 15_000 }).toMatch(/"name":\s"Bogotá"/)
    expect(await answer.textContent()).toMatch(/"altitude":\s2640/)
    expect(elsewhere).toEqual([])
    expect(problems).toEqual([])
    if (process.env.SCREENSHOT !== undefined) await page.screenshot({ path: process.env.SCREENSHOT })
  })

  test('is one page, compressed where that is understood, under a strict policy', async () => {
    const page = await fetch(server.url)
    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8')
    expect(page.headers.get('content-encoding')).toBe('gzip')
    const policy = page.headers.get('content-security-policy')!
    expect(policy).toContain("default-src 'none'")
    expect(policy).toContain("connect-src 'self'")
    expect(policy).not.toContain('unsafe-eval')
    expect(policy).not.toMatch(/script-src[^;]*unsafe-inline/)
    const plain = await fetch(server.url, { headers: { 'accept-encoding': 'identity' } })
    expect(plain.headers.get('content-encoding')).toBeNull()
    expect(await plain.text()).toBe(await page.text())
  })
})

/** A page whose requests to other origins are cut off and written down, as is all that it complains of. */
async function openPage(browser: Browser, origin: string) {
  const page: Page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const elsewhere: string[] = []
  const problems: string[] = []
  await page.route('**/*', (route) => {
    const url = route.request().url()
    if (url.startsWith(origin) || /^(data|blob):/.test(url)) return route.continue()
    elsewhere.push(url)
    return route.abort()
  })
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  return { page, elsewhere, problems }
}
