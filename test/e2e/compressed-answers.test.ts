import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { DEFAULT_COMPRESSION } from '../../src/registry/compression-settings.ts'
import { GRAPHQL_RESPONSE, post } from '../support/door-case.ts'
import { startTestGateway, type TestGateway } from '../support/http-gateway.ts'
import { type RawAnswer, sendRaw } from '../support/raw-http.ts'

let server: TestGateway
let plain: TestGateway
beforeAll(async () => {
  server = await startTestGateway({ compression: DEFAULT_COMPRESSION })
  plain = await startTestGateway()
})
afterAll(() => Promise.all([server.close(), plain.close()]))

const DECODERS: Readonly<Record<string, (body: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  zstd: zstdDecompressSync,
}

function decoded({ headers, body }: RawAnswer): Buffer {
  const encoding = headers['content-encoding']
  return encoding === undefined ? body : DECODERS[encoding]!(body)
}

/** Each use asks for another response key, so that its first time is its first sight. */
let nth = 0
const cities = (count: number) => ({
  query: `query($keys: [CityKey!]!) { c${++nth}: cities(keys: $keys) { name population altitude } }`,
  variables: {
    keys: Array.from({ length: count }, (_, index) => ({ name: index % 3 === 0 ? 'Bogotá' : `City ${index}` })),
  },
})

/** By the long door, by the warm one, and by a gateway that does not compress. */
async function askThrice(body: object, headers: Readonly<Record<string, string>>) {
  server.doors.take()
  const cold = await sendRaw(server.url, post(body, headers))
  const warm = await sendRaw(server.url, post(body, headers))
  return { cold, warm, doors: server.doors.take(), uncompressed: await sendRaw(plain.url, post(body, headers)) }
}

function expectSame({ cold, warm, uncompressed }: Awaited<ReturnType<typeof askThrice>>, encoding: string | undefined) {
  for (const answer of [cold, warm]) {
    expect([answer.status, answer.repeated]).toEqual([uncompressed.status, []])
    expect(answer.headers['content-encoding']).toBe(encoding)
    expect(answer.headers['content-length']).toBe(String(answer.body.byteLength))
    expect(answer.headers['transfer-encoding']).toBeUndefined()
    expect(answer.headers.vary).toBe('accept-encoding')
    expect(answer.headers['content-type']).toBe(uncompressed.headers['content-type'])
    expect(decoded(answer).equals(uncompressed.body)).toBe(true)
  }
  expect(warm.body.equals(cold.body)).toBe(true)
  expect(uncompressed.headers['content-encoding']).toBeUndefined()
  expect(uncompressed.headers.vary).toBeUndefined()
}

describe('an answer is compressed as its client takes it', () => {
  test.each([
    ['gzip', 'gzip'],
    ['br', 'br'],
    ['zstd', 'zstd'],
    ['gzip, deflate, br, zstd', 'zstd'],
    ['gzip;q=0.5, br;q=0.9', 'br'],
    ['zstd;q=0, br;q=0, gzip', 'gzip'],
    ['*', 'zstd'],
    ['identity', undefined],
    ['identity, gzip;q=0.5', undefined],
    ['gzip;q=0', undefined],
    ['*;q=0', undefined],
    ['deflate', undefined],
    ['', undefined],
    ['nonsense;;q=,', undefined],
  ])('%s', async (acceptEncoding, encoding) => {
    // Small enough to be compressed at once, and too large for that.
    for (const count of [100, 2_000]) {
      const answers = await askThrice(cities(count), { 'accept-encoding': acceptEncoding })
      expect(answers.doors).toEqual(['long', 'warm'])
      expectSame(answers, encoding)
      if (encoding !== undefined)
        expect(answers.cold.body.byteLength).toBeLessThan(answers.uncompressed.body.byteLength)
    }
  })

  test('but not where it takes none', async () => {
    expectSame(await askThrice(cities(100), {}), undefined)
  })

  test.each(['gzip', 'br', 'zstd'])('whatever it says: %s', async (encoding) => {
    const headers = { 'accept-encoding': encoding }
    const refused = { ...cities(0), variables: { keys: Array.from({ length: 60 }, () => ({})) } }
    expectSame(await askThrice(refused, headers), encoding)
    expectSame(await askThrice(refused, { ...headers, accept: GRAPHQL_RESPONSE }), encoding)
    const invalid = { query: `{ ${Array.from({ length: 40 }, (_, index) => `nothing${index}`).join(' ')} }` }
    expectSame(await askThrice(invalid, { ...headers, accept: GRAPHQL_RESPONSE }), encoding)
    const failing = { ...cities(0), variables: { keys: Array.from({ length: 50 }, () => ({ name: '' })) } }
    expectSame(await askThrice(failing, headers), encoding)
  })

  test('from the threshold on', async () => {
    const sizeOf = (count: number): string => `{ city(name: "Oslo") { ${'a'.repeat(count)}: altitude } }`
    const { uncompressed } = await askThrice({ query: sizeOf(1) }, {})
    const padding = DEFAULT_COMPRESSION.thresholdBytes - uncompressed.body.byteLength + 1
    const headers = { 'accept-encoding': 'gzip' }
    const below = await askThrice({ query: sizeOf(padding - 1) }, headers)
    const at = await askThrice({ query: sizeOf(padding) }, headers)
    expect([below, at].map((answers) => answers.uncompressed.body.byteLength)).toEqual([1_023, 1_024])
    expectSame(below, undefined)
    expectSame(at, 'gzip')
  })

  test('also a GET', async () => {
    const keys = Array.from({ length: 100 }, () => '{ name: "Oslo" }').join(' ')
    const path = `/graphql?query=${encodeURIComponent(`{ cities(keys: [${keys}]) { name altitude } }`)}`
    const answer = await sendRaw(server.url, { method: 'GET', path, headers: { 'accept-encoding': 'br' } })
    expect(answer.headers['content-encoding']).toBe('br')
    expect(JSON.parse(decoded(answer).toString()).data.cities).toHaveLength(100)
  })
})

test('answers that are compressed at one time do not mix', async () => {
  const body = cities(1_500)
  const keys = body.variables.keys
  const asked = ['gzip', 'br', 'zstd', 'identity'].flatMap((encoding) =>
    Array.from({ length: 8 }, async (_, index) => {
      const some = { ...body, variables: { keys: keys.slice(index) } }
      const answer = await sendRaw(server.url, post(some, { 'accept-encoding': encoding }))
      const [rows] = Object.values(JSON.parse(decoded(answer).toString()).data) as [readonly { name: string }[]]
      return rows.map(({ name }) => name).join() === some.variables.keys.map(({ name }) => name).join()
    }),
  )
  expect(await Promise.all(asked)).toEqual(asked.map(() => true))
})
