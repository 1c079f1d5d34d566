import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { utf8 } from '../../src/lib/bytes.ts'
import { type RedisOptions, redis } from '../../src/stores/online/redis.ts'
import { openContext } from '../support/open-context.ts'
import { keyOf } from '../support/sample-rows.ts'
import { makeCertificate } from '../support/services/certificate.ts'
import { freePort } from '../support/services/local-server.ts'
import { startRedis } from '../support/services/redis.ts'
import { temporaryFolder } from '../support/temporary-folder.ts'

const ACL = '--user gateway on >s3cret ~flights:* +@all -@dangerous --requirepass of-the-default-user'.split(' ')

test('TLS and a user: the right ones are let in, by options or by the URL; others are told why not', async () => {
  const { port, certificate } = await startSecure()
  const place = { host: '127.0.0.1', port, tls: { ca: certificate }, keyPrefix: 'flights' }
  await expectWorks({ ...place, username: 'gateway', password: 's3cret' })
  await expectWorks({ ...place, password: 'of-the-default-user' })
  const url = `rediss://gateway:s3cret@127.0.0.1:${port}`
  await expectWorks({ url, tls: { ca: certificate }, keyPrefix: 'flights' })
  await expectRefused({ ...place, username: 'gateway', password: 'wrong' }, /WRONGPASS.*user and the password/)
  await expectRefused({ ...place, connectTimeoutMillis: 2_000 }, /NOAUTH/)
  await expectRefused({ url, keyPrefix: 'flights' }, /self-signed certificate/)
  await expectWorks({ url, tls: { rejectUnauthorized: false }, keyPrefix: 'flights' })
})

test('a database that the server does not have is refused, and never exchanged for the first', async () => {
  const { url } = await startRedis({ words: ['--databases', '2'] })
  await expectWorks({ url, db: 1 })
  await expectRefused({ url: `${url}/2` }, /DB index is out of range.*'db' that the server has/)
})

test('a database that the user may not select, likewise', async () => {
  const acl = '--user gateway on >s3cret ~* +@all -select'.split(' ')
  const { port } = await startRedis({ words: acl })
  await expectRefused({ host: '127.0.0.1', port, username: 'gateway', password: 's3cret', db: 1 }, /NOPERM/)
})

test('a database that the server has lost is not exchanged for the first when it is back', async () => {
  const server = await startRedis({ words: ['--databases', '2'] })
  const store = await open({ url: server.url, db: 1 })
  await server.stop()
  await startRedis({ port: server.port, words: ['--databases', '1'] })
  const reading = async () => store.read({ entity: 'Thing', keys: [keyOf('a')], cells: [{ view: 'v@1', part: 0 }] })
  const said = async () => String(await reading().catch(({ message }: Error) => message))
  await expect.poll(said, { timeout: 10_000 }).toMatch(/DB index is out of range/)
})

test('of a server that is no cluster it is said why it cannot be used as one', async () => {
  const { port } = await startRedis({ words: ['--requirepass', 'right'] })
  const cluster = [`127.0.0.1:${port}`]
  await expectRefused({ cluster, password: 'right' }, /cluster support disabled.*'url' instead of 'cluster'/)
  await expectRefused({ cluster, password: 'wrong' }, /WRONGPASS.*user and the password/)
})

test('no error holds a password, however deep one looks', async () => {
  const { port } = await startRedis({ words: ['--requirepass', 'right'] })
  for (const place of [{ url: `redis://127.0.0.1:${port}` }, { cluster: [`127.0.0.1:${port}`] }]) {
    const error = await open({ ...place, password: 's3cret' }).catch((refusal: unknown) => refusal)
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(inspect(error, { depth: null, showHidden: true })).not.toContain('s3cret')
  }
})

test('a user that may not touch the prefix is told so', async () => {
  const { port, certificate } = await startSecure()
  const store = await open({ url: `rediss://gateway:s3cret@127.0.0.1:${port}`, tls: { ca: certificate } })
  const reading = store.read({ entity: 'Thing', keys: [keyOf('a')], cells: [{ view: 'v@1', part: 0 }] })
  await expect(reading).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', message: expect.stringContaining('NOPERM') })
})

test('health says what it may not see, and is well', async () => {
  const { port, certificate } = await startSecure()
  const url = `rediss://gateway:s3cret@127.0.0.1:${port}`
  const store = await open({ url, tls: { ca: certificate }, keyPrefix: 'flights' })
  expect(await store.health()).toEqual({
    ok: true,
    detail: `redis at 127.0.0.1:${port} answers: version not told, maxmemory-policy not told, make sure that it is noeviction`,
  })
})

async function startSecure(): Promise<{ readonly port: number; readonly certificate: string }> {
  const [port, files] = [await freePort(), await makeCertificate(await temporaryFolder())]
  await startRedis({
    words: [
      ...['--tls-port', String(port), '--tls-auth-clients', 'no', '--tls-ca-cert-file', files.certificateFile],
      ...['--tls-cert-file', files.certificateFile, '--tls-key-file', files.keyFile, ...ACL],
    ],
  })
  return { port, certificate: files.certificate }
}

async function open(options: RedisOptions) {
  const driver = redis(options)
  const store = await driver.open(driver.options, openContext('.'))
  onTestFinished(() => store.close())
  return store
}

async function expectWorks(options: RedisOptions): Promise<void> {
  const store = await open(options)
  await store.prepare({ views: [] }, { dryRun: false })
  const rows = [{ key: keyOf('a'), cell: utf8('A'), removableAfterMicros: undefined }]
  await store.write({ entity: 'Thing', view: 'v@1', part: 0, rows, compare: () => -1 })
  const found = await store.read({ entity: 'Thing', keys: [keyOf('a')], cells: [{ view: 'v@1', part: 0 }] })
  expect(found.map(String)).toEqual(['A'])
}

async function expectRefused(options: RedisOptions, message: RegExp): Promise<void> {
  await expect(open(options)).rejects.toMatchObject({
    code: 'STORE_UNAVAILABLE',
    message: expect.stringMatching(message),
  })
}
