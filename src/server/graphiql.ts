import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { renderGraphiQL } from '@graphql-yoga/render-graphiql'
import { invariant } from '../lib/assert.ts'

/** GraphiQL as one page that asks nothing of any other address. */
export interface GraphiQLPage {
  readonly html: Buffer
  readonly gzipped: Buffer
  /** Value of the Content-Security-Policy header: this page's one script, its workers, and requests to the gateway alone. */
  readonly contentSecurityPolicy: string
}

/** Stands in the page where the operation goes, which must not be able to end the script element. */
const OPERATION_MARK = 'fieldstone-sample-operation'

/** Renders the page: some 9 MB of script, to be made once. Compressing it does not hold up other requests. */
export async function renderGraphiQLPage(options: {
  readonly title: string
  readonly endpoint: string
  readonly sampleOperation: string
}): Promise<GraphiQLPage> {
  const { title, endpoint, sampleOperation } = options
  const page = renderGraphiQL({ title: escapeHtml(title), endpoint, defaultQuery: OPERATION_MARK })
  const operation = scriptString(sampleOperation)
  // A parser of HTML turns CR LF into LF before the script's hash is taken.
  const text = page.replace(`"${OPERATION_MARK}"`, () => operation).replace(/\r\n?/g, '\n')
  const html = Buffer.from(text)
  return { html, gzipped: await promisify(gzip)(html), contentSecurityPolicy: policyFor(text) }
}

function scriptString(text: string): string {
  return JSON.stringify(text).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029')
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;')
}

function policyFor(page: string): string {
  const [, script] = /<script>([\s\S]*?)<\/script>/.exec(page) ?? []
  invariant(script !== undefined, 'the GraphiQL page holds one inline script')
  const hash = createHash('sha256').update(script).digest('base64')
  return [
    "default-src 'none'",
    `script-src 'sha256-${hash}' blob:`,
    'worker-src blob:',
    "style-src 'unsafe-inline'",
    "img-src 'self' data:",
    'font-src data:',
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; ')
}
