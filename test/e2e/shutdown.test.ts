import { Agent, type ClientRequest, type IncomingMessage, request } from 'node:http'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { startTestGateway } from '../support/http-gateway.ts'

const BODY = JSON.stringify({ query: '{ city(name: "Oslo") { altitude } }' })

/** A request that has arrived but is not whole: in flight for as long as the test wants. */
function beginPost(url: string, agent?: Agent) {
  const headers = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(BODY) }
  const begun = request(`${url}/graphql`, { method: 'POST', headers, ...(agent === undefined ? {} : { agent }) })
  begun.write(BODY.slice(0, 10))
  return { response: responseOf(begun), finish: () => begun.end(BODY.slice(10)) }
}

function responseOf(begun: ClientRequest): Promise<IncomingMessage> {
  const response = new Promise<IncomingMessage>((resolve, reject) => begun.on('response', resolve).on('error', reject))
  response.catch(() => undefined)
  return response
}

/** Long enough for bytes to have crossed the loopback. */
const settle = () => new Promise((resolve) => setTimeout(resolve, 100))

describe('closing a gateway', () => {
  test('answers what is in flight, refuses what comes, and ends', async () => {
    const server = await startTestGateway()
    const first = beginPost(server.url)
    await settle()
    let isClosed = false
    const closing = server.gateway.close().then(() => {
      isClosed = true
    })
    await settle()

    const refused = await fetch(`${server.url}/graphql?query={__typename}`)
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(refused.headers.get('connection')).toBe('close')
    expect(await refused.json()).toMatchObject({ errors: [{ extensions: { code: 'SHUTTING_DOWN', retryable: true } }] })
    const ready = await fetch(`${server.url}/readyz`)
    expect(ready.status).toBe(503)
    expect(await ready.json()).toMatchObject({ status: 'draining: no new requests are taken', store: { ok: true } })
    expect((await fetch(`${server.url}/livez`)).status).toBe(200)
    expect(isClosed).toBe(false)

    first.finish()
    const response = await first.response
    expect(response.statusCode).toBe(200)
    expect(await text(response)).toBe('{"data":{"city":{"altitude":23}}}')
    await closing
    await expect(fetch(server.url)).rejects.toThrow()
    await server.close()
  })

  test('does not wait for connections that are kept alive', async () => {
    const server = await startTestGateway()
    const agent = new Agent({ keepAlive: true })
    const begun = beginPost(server.url, agent)
    begun.finish()
    expect(await text(await begun.response)).toContain('altitude')
    const startedAt = performance.now()
    await server.close()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    agent.destroy()
  })

  test('cuts off at the deadline', async () => {
    const server = await startTestGateway({ drainMillis: 200 })
    const stuck = beginPost(server.url)
    await settle()
    const startedAt = performance.now()
    await server.gateway.close()
    expect(performance.now() - startedAt).toBeLessThan(2_000)
    await expect(stuck.response).rejects.toThrow()
    expect(server.log.some(({ msg }) => /deadline to drain/.test(msg))).toBe(true)
    await server.close()
  })

  test('twice is once', async () => {
    const server = await startTestGateway()
    await Promise.all([server.gateway.close(), server.gateway.close()])
    await server.close()
  })
})
