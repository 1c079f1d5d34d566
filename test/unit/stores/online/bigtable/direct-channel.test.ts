import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import {
  createSecureServer,
  createServer,
  type Http2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Stream,
} from 'node:http2'
import { type AddressInfo, connect as connectTcp, createServer as createTcpServer, type Socket } from 'node:net'
import { getCACertificates, setDefaultCACertificates } from 'node:tls'
import { describe, expect, onTestFinished, test } from 'vitest'
import { systemClock } from '../../../../../src/lib/clock.ts'
import { createDirectChannel, type DirectAddress } from '../../../../../src/stores/online/bigtable/direct-channel.ts'
import { framed, MessageSplitter } from '../../../../../src/stores/online/bigtable/grpc-messages.ts'
import { makeCertificate } from '../../../../support/services/certificate.ts'
import { temporaryFolder } from '../../../../support/temporary-folder.ts'

type Answer = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void

describe('messages of grpc', () => {
  test('come whole out of pieces of any length', () => {
    const messages = ['', 'a', 'bc'.repeat(1_000), '', 'd'.repeat(70_000)].map((text) => Buffer.from(text))
    const bytes = Buffer.concat(messages.map(framed))
    for (const length of [1, 2, 5, 6, 1_000, 65_536, bytes.length]) {
      const found: Buffer[] = []
      const splitter = new MessageSplitter((message) => found.push(Buffer.from(message)))
      for (let at = 0; at < bytes.length; at += length) splitter.push(bytes.subarray(at, at + length))
      expect([length, found.map(String), splitter.isBetween]).toEqual([length, messages.map(String), true])
    }
  })
})

describe('a direct channel', () => {
  test('sends a request as grpc does, and gives all answers', async () => {
    let seen: IncomingHttpHeaders = {}
    const origin = await serve((stream, headers) => {
      seen = headers
      const asked: Buffer[] = []
      stream.on('data', (piece: Buffer) => asked.push(piece))
      stream.on('end', () => {
        const request = Buffer.concat(asked).subarray(5).toString()
        finish(stream, [`${request} one`, `${request} two`], { 'grpc-status': '0' })
      })
    })
    const authorize = async () => ({ authorization: 'Bearer token' })
    expect(await ask({ origin, authorize })).toEqual(['question one', 'question two'])
    expect(seen).toMatchObject({
      ...{ ':method': 'POST', ':path': '/a/B', te: 'trailers', 'content-type': 'application/grpc' },
      ...{ 'x-goog-request-params': 'table_name=t', authorization: 'Bearer token' },
      'grpc-timeout': expect.stringMatching(/^\d{1,8}m$/),
    })
  })

  test('speaks over TLS', async () => {
    const { certificate, keyFile } = await makeCertificate(await temporaryFolder())
    setDefaultCACertificates([...getCACertificates('default'), certificate])
    const server = createSecureServer({ key: await readFile(keyFile), cert: certificate })
    const origin = await serve((stream) => finish(stream, ['sealed'], { 'grpc-status': '0' }), server)
    expect(await ask({ origin: origin.replace('http:', 'https:'), authorize: undefined })).toEqual(['sealed'])
  })

  test.each<[string, Answer, number, RegExp]>([
    [
      'a status after answers',
      (stream) => finish(stream, ['one'], { 'grpc-status': '5', 'grpc-message': 'table %27t%27 is %E2%80%A6' }),
      5,
      /NOT_FOUND: table 't' is …/,
    ],
    [
      'a status alone',
      (stream) => stream.respond({ ':status': 200, 'grpc-status': '7', 'grpc-message': 'no' }, { endStream: true }),
      7,
      /PERMISSION_DENIED: no/,
    ],
    ['no status', (stream) => finish(stream, ['one'], undefined), 14, /UNAVAILABLE/],
    [
      'a load balancer that is full',
      (stream) => stream.respond({ ':status': 503 }, { endStream: true }),
      14,
      /HTTP status 503/,
    ],
    [
      'a load balancer that is full and says so at length',
      (stream) => {
        stream.respond({ ':status': 503, 'content-type': 'text/html' })
        stream.end('<html>busy</html>')
      },
      14,
      /HTTP status 503/,
    ],
    ['a stream that is reset', (stream) => stream.close(2), 14, /UNAVAILABLE/],
    ['a connection that is cut', (stream) => stream.session!.destroy(), 14, /UNAVAILABLE/],
    [
      'half a message',
      (stream) => finish(stream, [], { 'grpc-status': '0' }, framed(Buffer.from('whole')).subarray(0, 7)),
      14,
      /cut off/,
    ],
  ])('tells of %s', async (_, answer, code, message) => {
    await expect(ask({ origin: await serve(answer), authorize: undefined })).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
  })

  test('connects anew where the service has sent it away, and where nobody listened', async () => {
    let calls = 0
    const server = createServer()
    const origin = await serve((stream) => {
      calls += 1
      finish(stream, [String(calls)], { 'grpc-status': '0' })
      if (calls === 1) stream.session!.goaway()
    }, server)
    const channel = open({ origin, authorize: undefined })
    for (const call of [1, 2, 3]) expect(await askOf(channel)).toEqual([String(call)])
    const { port } = server.address() as AddressInfo
    const lost = open({ origin: 'http://127.0.0.1:1', authorize: undefined })
    for (let tries = 0; tries < 3; tries += 1)
      await expect(askOf(lost)).rejects.toMatchObject({ code: 14, message: expect.stringContaining('ECONNREFUSED') })
    expect(port).toBeGreaterThan(0)
  })

  test('gives up at the deadline and by a signal, and closes while the service says nothing', async () => {
    const channel = open({ origin: await serve(() => undefined), authorize: undefined })
    await expect(askOf(channel, { millis: 50 })).rejects.toMatchObject({ code: 4 })
    const controller = new AbortController()
    const asking = askOf(channel, { signal: controller.signal })
    controller.abort(new Error('given up'))
    await expect(asking).rejects.toThrow('given up')
    await channel.close()
  })

  test('gives up at the deadline and by a signal also where nobody says who asks', async () => {
    const channel = open({ origin: 'http://127.0.0.1:1', authorize: () => new Promise(() => undefined) })
    await expect(askOf(channel, { millis: 50 })).rejects.toMatchObject({
      code: 4,
      message: expect.stringContaining('credentials'),
    })
    const controller = new AbortController()
    const asking = askOf(channel, { signal: controller.signal })
    controller.abort(new Error('given up'))
    await expect(asking).rejects.toThrow('given up')
  })

  test('closes while its connection fails', async () => {
    const channel = open({ origin: 'http://127.0.0.1:1', authorize: undefined })
    const asking = expect(askOf(channel)).rejects.toMatchObject({ code: 14 })
    await channel.close()
    await asking
  })

  test('leaves a connection that went dead while no call was on it', async () => {
    const origin = await serve((stream) => finish(stream, ['yes'], { 'grpc-status': '0' }))
    const way = await startWay(Number(new URL(origin).port))
    const liveness = { everyMillis: 20, patienceMillis: 20 }
    const channel = createDirectChannel({ origin: way.origin, authorize: undefined }, liveness)
    onTestFinished(() => channel.close())
    expect(await askOf(channel)).toEqual(['yes'])
    await way.goDead()
    expect(await askOf(channel)).toEqual(['yes'])
  })
})

/** A way to a server, whose connections can go dead: nothing comes back any more, and nobody is told. */
async function startWay(port: number) {
  const clients = new Map<Socket, Socket>()
  const server = createTcpServer((client) => {
    const upstream = connectTcp(port, '127.0.0.1')
    for (const socket of [client, upstream]) socket.on('error', () => undefined)
    client.pipe(upstream).pipe(client)
    clients.set(client, upstream)
    onTestFinished(() => void [client, upstream].map((socket) => socket.destroy()))
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    /** Resolves when the other side has left them all. */
    goDead: () =>
      Promise.all(
        [...clients].map(([client, upstream]) => {
          upstream.unpipe(client).resume()
          return once(client, 'close')
        }),
      ),
  }
}

function finish(
  stream: ServerHttp2Stream,
  messages: readonly string[],
  trailers: Record<string, string> | undefined,
  rest: Buffer = Buffer.alloc(0),
): void {
  stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: trailers !== undefined })
  stream.on('wantTrailers', () => stream.sendTrailers(trailers!))
  stream.end(Buffer.concat([...messages.map((text) => framed(Buffer.from(text))), rest]))
}

async function serve(answer: Answer, server: Http2Server = createServer()): Promise<string> {
  const sessions = new Set<{ destroy(): void }>()
  server.on('session', (session) => {
    session.on('error', () => undefined)
    sessions.add(session)
  })
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined)
    answer(stream, headers)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

type Channel = ReturnType<typeof createDirectChannel>

function open(address: DirectAddress): Channel {
  const channel = createDirectChannel(address)
  onTestFinished(() => channel.close())
  return channel
}

const ask = (address: DirectAddress): Promise<readonly string[]> => askOf(open(address))

async function askOf(
  channel: Channel,
  { millis = 10_000, signal }: { readonly millis?: number; readonly signal?: AbortSignal } = {},
): Promise<readonly string[]> {
  const found: string[] = []
  const call = { path: '/a/B', headers: { 'x-goog-request-params': 'table_name=t' }, request: Buffer.from('question') }
  await channel.stream(call, { deadline: systemClock().nowMicros() / 1_000 + millis, signal }, (answer) => {
    found.push(String(answer))
    return undefined
  })
  return found
}
