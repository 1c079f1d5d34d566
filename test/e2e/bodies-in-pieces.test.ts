import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as wait } from 'node:timers/promises'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { ONE, post } from '../support/door-case.ts'
import { startTestGateway, type TestGateway } from '../support/http-gateway.ts'
import { sendRaw } from '../support/raw-http.ts'

let server: TestGateway
beforeEach(async () => {
  server = await startTestGateway()
})
afterEach(() => server.close())

const BOGOTA = { query: '{ city(name: "Bogotá") { name altitude } }' }
const ANSWER = '{"data":{"city":{"name":"Bogotá","altitude":2640}}}'

async function open(): Promise<Socket> {
  const { hostname, port } = new URL(server.url)
  const socket = connect(Number(port), hostname)
  socket.setNoDelay(true)
  await once(socket, 'connect')
  return socket
}

/** The bytes of a POST; its body has a length, or comes in chunks of one byte. */
function postBytes(
  body: object,
  { length, headers = '' }: { readonly length?: number | 'chunked'; readonly headers?: string } = {},
): Buffer {
  const bytes = Buffer.from(JSON.stringify(body))
  const head = `POST /graphql HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n${headers}`
  if (length !== 'chunked') {
    return Buffer.concat([Buffer.from(`${head}content-length: ${length ?? bytes.length}\r\n\r\n`), bytes])
  }
  const chunks = [...bytes].map((byte) => Buffer.concat([Buffer.from('1\r\n'), Buffer.of(byte), Buffer.from('\r\n')]))
  return Buffer.concat([Buffer.from(`${head}transfer-encoding: chunked\r\n\r\n`), ...chunks, Buffer.from('0\r\n\r\n')])
}

const CLOSE = { headers: 'connection: close\r\n' }

/** Status and body of each answer on a connection, in their order. */
function answersIn(received: string): readonly string[] {
  return received
    .split(/(?=HTTP\/1\.1 )/)
    .map((answer) => `${answer.slice(9, 12)} ${answer.slice(answer.indexOf('\r\n\r\n') + 4)}`)
}

test('a body that comes byte by byte is one body', async () => {
  for (let nth = 0; nth < 2; nth += 1) {
    const socket = await open()
    const received = text(socket)
    for (const byte of postBytes(BOGOTA, CLOSE)) {
      socket.write(Buffer.of(byte))
      if (byte > 0x7f) await wait(5)
    }
    expect(answersIn(await received)).toEqual([`200 ${ANSWER}`])
  }
  expect(server.doors.take()).toEqual(['long', 'warm'])
})

test('a body in chunks is answered alike', async () => {
  for (let nth = 0; nth < 2; nth += 1) {
    const socket = await open()
    const received = text(socket)
    socket.write(postBytes(BOGOTA, { length: 'chunked', ...CLOSE }))
    expect(answersIn(await received)).toEqual([`200 ${ANSWER}`])
  }
  expect(server.doors.take()).toEqual(['long', 'warm'])
})

test('a body in chunks that turns out too long is refused, and its place is free again', async () => {
  await server.close()
  server = await startTestGateway({ limits: { maxBodyBytes: 300, maxConcurrentRequests: 1 } })
  for (let nth = 0; nth < 2; nth += 1) {
    const socket = await open()
    const received = text(socket)
    socket.write(postBytes({ ...BOGOTA, padding: 'x'.repeat(400) }, { length: 'chunked', ...CLOSE }))
    const [answer] = answersIn(await received)
    expect(answer).toMatch(/^413 .*BODY_TOO_LARGE/)
  }
  expect(JSON.parse(String((await sendRaw(server.url, post(BOGOTA))).body))).toEqual(JSON.parse(ANSWER))
})

test('requests that are sent without waiting are answered in their order, whichever door they take', async () => {
  const socket = await open()
  const received = text(socket)
  const oslo = { query: '{ city(name: "Oslo") { altitude } }' }
  await sendRaw(server.url, post(oslo))
  server.doors.take()
  socket.write(Buffer.concat([postBytes(BOGOTA), postBytes(oslo), postBytes({ query: '{' }), postBytes(oslo, CLOSE)]))
  const [first, second, third, fourth] = answersIn(await received)
  expect([first, second, fourth]).toEqual([`200 ${ANSWER}`, ...Array(2).fill('200 {"data":{"city":{"altitude":23}}}')])
  expect(third).toContain('GRAPHQL_PARSE_FAILED')
  expect(server.doors.take().toSorted()).toEqual(['long', 'warm', 'warm'])
})

test.each([
  ['a POST of which half has come', postBytes(BOGOTA, { length: 1_000 })],
  ['a POST in chunks of which half has come', postBytes(BOGOTA, { length: 'chunked' }).subarray(0, -20)],
  ['a POST whose body has not begun', postBytes(BOGOTA).subarray(0, -Buffer.byteLength(JSON.stringify(BOGOTA)))],
])('a client that goes away after %s leaves nothing behind', async (_what, bytes) => {
  await server.close()
  server = await startTestGateway({ limits: { maxConcurrentRequests: 2 } })
  for (let nth = 0; nth < 3; nth += 1) {
    const sockets = [await open(), await open(), await open()]
    for (const socket of sockets) socket.write(bytes)
    // A body that is on its way takes no place from those that have come.
    for (let again = 0; again < 3; again += 1) {
      expect((await sendRaw(server.url, post({ query: ONE }))).status).toBe(200)
      await wait(5)
    }
    for (const socket of sockets) socket.destroy()
  }
  const before = performance.now()
  await server.close()
  // Nobody is waited for: the drain would take ten seconds.
  expect(performance.now() - before).toBeLessThan(8_000)
  server = await startTestGateway()
})

test('a body that is no HTTP frees its place, though its client keeps the connection half open', async () => {
  await server.close()
  server = await startTestGateway({ limits: { maxConcurrentRequests: 1 } })
  const { hostname, port } = new URL(server.url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  const received = text(socket)
  socket.write(Buffer.concat([postBytes(BOGOTA, { length: 'chunked' }).subarray(0, -20), Buffer.from('no length\r\n')]))
  expect(await received).toMatch(/^HTTP\/1.1 400 /)
  await vi.waitFor(async () => expect((await sendRaw(server.url, post({ query: ONE }))).status).toBe(200))
  socket.destroy()
})

test.each([
  ['HTTP/1.0', '', 'close'],
  ['HTTP/1.0', 'connection: keep-alive\r\n', 'keep-alive'],
  ['HTTP/1.1', 'connection: close\r\n', 'close'],
  ['HTTP/1.1', '', 'keep-alive'],
])('the connection of %s with "%s" is told alike by both doors', async (version, headers, connection) => {
  const heads: string[] = []
  for (let nth = 0; nth < 2; nth += 1) {
    const socket = await open()
    const received = text(socket)
    socket.write(postBytes(BOGOTA, { headers }).toString().replace('HTTP/1.1', version))
    if (connection === 'keep-alive') setTimeout(() => socket.end(), 100)
    const [head, body] = (await received).split('\r\n\r\n')
    expect(body).toBe(ANSWER)
    heads.push(head!.replace(/\r\n(date|x-request-id): [^\r]*/gi, ''))
  }
  expect(heads[1]).toBe(heads[0])
  expect(heads[0]!.toLowerCase()).toContain(`\r\nconnection: ${connection}`)
  expect(server.doors.take()).toEqual(['long', 'warm'])
})
