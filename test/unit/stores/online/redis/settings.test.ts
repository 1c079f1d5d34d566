import { describe, expect, test } from 'vitest'
import { redisSettings } from '../../../../../src/stores/online/redis/settings.ts'

const WHOLE = {
  ...{ username: undefined, password: undefined, sentinelUsername: undefined, sentinelPassword: undefined },
  ...{ db: 0, tls: undefined, keyPrefix: 'fieldstone' },
  ...{ connectTimeoutMillis: 5_000, readTimeoutMillis: 800, silenceTimeoutMillis: 5_000, waitForReplicas: 0 },
}

describe('where the servers are', () => {
  test.each([
    [{ url: 'redis://cache' }, { kind: 'standalone', address: { host: 'cache', port: 6379 } }],
    [{ url: 'redis://[::1]:7000' }, { kind: 'standalone', address: { host: '::1', port: 7000 } }],
    [{ host: '10.0.0.1' }, { kind: 'standalone', address: { host: '10.0.0.1', port: 6379 } }],
    [
      { host: 'cache', port: '7000' },
      { kind: 'standalone', address: { host: 'cache', port: 7000 } },
    ],
    [
      { sentinels: ['a', 'b:1'], name: 'rows' },
      {
        kind: 'sentinel',
        name: 'rows',
        sentinels: [
          { host: 'a', port: 26_379 },
          { host: 'b', port: 1 },
        ],
      },
    ],
    [
      { cluster: 'a:7000, b, [::1]:7002' },
      {
        kind: 'cluster',
        nodes: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 6379 },
          { host: '::1', port: 7002 },
        ],
      },
    ],
  ])('%j', (options, place) => {
    expect(redisSettings(options)).toEqual({ ...WHOLE, place })
  })
})

test('a URL holds user, password, database and TLS; options stand above it', () => {
  const url = 'rediss://us%40er:p%3Ass@cache:6380/3'
  expect(redisSettings({ url })).toMatchObject({ username: 'us@er', password: 'p:ss', db: 3, tls: {} })
  const over = { username: 'other', password: 'secret', db: '4', tls: { servername: 'x' } }
  expect(redisSettings({ url, ...over })).toMatchObject({ ...over, db: 4 })
})

test('texts of the environment stand for numbers and flags', () => {
  const texts = { host: 'a', tls: 'true', db: '2', readTimeoutMillis: '100', silenceTimeoutMillis: '200' }
  const settings = redisSettings({ ...texts, connectTimeoutMillis: '300', waitForReplicas: '1' })
  expect(settings).toMatchObject({ tls: {}, db: 2, readTimeoutMillis: 100, silenceTimeoutMillis: 200 })
  expect(settings).toMatchObject({ connectTimeoutMillis: 300, waitForReplicas: 1 })
  expect(redisSettings({ host: 'a', tls: 'false' }).tls).toBe(undefined)
})

test.each([
  [{}, /Nothing says where the server is/],
  [{ url: 'redis://a', host: 'b' }, /'url' and 'host' name the servers twice/],
  [{ url: 'a:6379' }, /scheme is 'a:'/],
  [{ url: 'http://a' }, /scheme is 'http:'/],
  [{ url: 7 }, /It is no URL/],
  [{ url: 'redis://a/table' }, /no number of a database/],
  [{ url: 'redis://user:100%@a' }, /written as '%25'/],
  [{ url: 'redis://a/0?db=1' }, /what else there is to say are options/],
  [{ url: 'redis://a#1' }, /what else there is to say are options/],
  [{ url: 'rediss://a', tls: false }, /asks for TLS/],
  [{ port: 7000, cluster: ['a'] }, /goes with 'host'/],
  [{ name: 'rows', host: 'a' }, /'sentinels' and 'name' together/],
  [{ sentinels: ['a'] }, /'sentinels' and 'name' together/],
  [{ cluster: [] }, /no list of addresses/],
  [{ cluster: ['a b'] }, /no list of addresses/],
  [{ cluster: ['a:99999'] }, /no list of addresses/],
  [{ cluster: ['a'], db: 1 }, /A cluster has one database/],
  [{ host: '' }, /not a text/],
  [{ host: 'redis://a' }, /no name or address of a host/],
  [{ host: 'a', port: 0 }, /whole number from 1 to 65535/],
  [{ host: 'a', readTimeoutMillis: '1s' }, /whole number/],
  [{ host: 'a', readTimeoutMillis: 0 }, /whole number/],
  [{ host: 'a', keyPrefix: 'a{b}' }, /begins the name of every key/],
  [{ host: 'a', tls: 'yes' }, /whether, and how, to use TLS/],
  [{ host: 'a', tls: { checkServerIdentity: null } }, /no such option/],
  [{ host: 'a', maxRetriesPerRequest: 3 }, /no such option/],
])('refuses %j', (options, message) => {
  expect(() => redisSettings(options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  expect(() => redisSettings(options)).toThrow(message)
})

test.each([
  { host: 'a', password: ['s3cret'] },
  { url: 'http://user:s3cret@host' },
  { url: 'redis://user:s3cret%@host' },
  { host: 'redis://user:s3cret@host' },
  { cluster: 'a,redis://user:s3cret@host' },
  { sentinels: ['user:s3cret@host'], name: 'rows' },
  { host: 'a', tls: { secret: 's3cret' } },
  { host: 'a', auth: 's3cret' },
])('never shows a secret', (options) => {
  expect(() => redisSettings(options)).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }))
  expect(() => redisSettings(options)).not.toThrow(/s3cret/)
})
