import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { afterEach, expect, test, vi } from 'vitest'
import { ONE, post } from '../support/door-case.ts'
import { startTestGateway, type TestGateway } from '../support/http-gateway.ts'
import { sendRaw } from '../support/raw-http.ts'

let server: TestGateway
let socket: Socket
afterEach(async () => {
  socket.destroy()
  await server.close()
})

/** A connection that its client never ends. */
async function open(): Promise<void> {
  const { hostname, port } = new URL(server.url)
  socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  await once(socket, 'connect')
}

const statusOfOne = async (): Promise<number> => (await sendRaw(server.url, post({ query: ONE }))).status

const HEAD = 'POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n'

test.each([
  ['a head of which half has come', HEAD],
  ['a body of which half has come', `${HEAD}content-length: 100\r\n\r\n{"query":`],
  ['a body in chunks of which half has come', `${HEAD}transfer-encoding: chunked\r\n\r\n9\r\n{"query":\r\n`],
])('%s is refused with 408 after a while, and its place is free', async (_what, bytes) => {
  server = await startTestGateway({ patienceMillis: 400, limits: { maxConcurrentRequests: 1 } })
  await open()
  socket.write(bytes)
  const answer = await text(socket)
  expect(answer).toMatch(/^HTTP\/1.1 408 Request Timeout\r\n/)
  expect(JSON.parse(answer.split('\r\n\r\n')[1]!).errors[0].extensions.code).toBe('REQUEST_INVALID')
  await vi.waitFor(async () => expect(await statusOfOne()).toBe(200))
})

test('a client that does not read its answer is cut off after a while', async () => {
  const limits = { maxConcurrentRequests: 1, maxKeys: 1_000_000, deadlineMillis: 1_000 }
  server = await startTestGateway({ patienceMillis: 500, limits })
  const k = Array.from({ length: 9_000 }, (_, index) => ({ name: `${index}`.padStart(90, 'x') }))
  // More than sockets hold between them.
  const fields = Array.from({ length: 40 }, (_, index) => `a${index}: cities(keys: $k) { name }`)
  const body = JSON.stringify({ query: `query($k: [CityKey!]!) { ${fields.join(' ')} }`, variables: { k } })
  await open()
  socket.pause()
  socket.write(`${HEAD}content-length: ${body.length}\r\n\r\n${body}`)
  await vi.waitFor(() => expect(server.doors.take()).toEqual(['long']), 5_000)
  expect(await statusOfOne()).toBe(503)
  await vi.waitFor(async () => expect(await statusOfOne()).toBe(200), { timeout: 10_000, interval: 100 })
})
