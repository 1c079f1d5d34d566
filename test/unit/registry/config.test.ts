import { describe, expect, test } from 'vitest'
import { FieldstoneErrors } from '../../../src/errors.ts'
import { fixedClock } from '../../../src/lib/clock.ts'
import { type DeploymentConfigInput, defineConfig, parseConfig } from '../../../src/registry/config.ts'
import { DEFAULT_LIMITS } from '../../../src/registry/limits.ts'
import { duckdb } from '../../../src/stores/offline/duckdb.ts'
import { lmdb } from '../../../src/stores/online/lmdb.ts'
import { js } from './closing.ts'
import { network } from './network.ts'

const plain = { name: 'flights', definitions: network(), online: lmdb({ path: 'online' }) }

function errorsOf(input: unknown): readonly string[] {
  try {
    parseConfig(input)
    return []
  } catch (error) {
    if (!(error instanceof FieldstoneErrors)) throw error
    expect(new Set(error.errors.map(({ code }) => code))).toEqual(new Set(['CONFIG_INVALID']))
    return error.errors.map(({ message }) => message)
  }
}

test.each([
  'redis://:s3cret@cache',
  { url: 'redis://:s3cret@cache' },
  { kind: 'online', options: { password: 's3cret' } },
])('what is no store is not shown: it may hold a password', (online) => {
  const [error] = errorsOf({ ...plain, online })
  expect(error).toMatch(/^online is /)
  expect(error).not.toContain('s3cret')
})

describe('a config', () => {
  test('has a default for everything but name, definitions and online store', () => {
    const { definitions, online, clock, ...rest } = parseConfig(plain)
    expect(definitions).toEqual(
      Object.values(network()).map((definition) => expect.objectContaining({ name: definition.name })),
    )
    expect(online).toBe(plain.online)
    expect(clock.description).toBe('system')
    expect(rest).toEqual({
      ...{ kind: 'config', name: 'flights', offline: undefined },
      graphql: { prefix: '', schemaFile: 'schema.graphql' },
      server: {
        ...{ host: '127.0.0.1', port: 4000, production: undefined, sampleOperation: undefined },
        ...{ graphiql: true, introspection: true, codeGeneration: true, planCacheBytes: 67_108_864 },
        ...{ metrics: true, tracing: undefined, slowOperationMillis: 1_000, usage: undefined },
        compression: { thresholdBytes: 1_024, encodings: ['zstd', 'br', 'gzip'] },
        limits: {
          ...{
            maxBodyBytes: 1_048_576,
            maxTokens: 10_000,
            maxDepth: 15,
            maxAliases: 100,
            maxDirectives: 50,
            maxErrors: 100,
          },
          ...{ maxKeys: 10_000, maxValues: 1_000_000, deadlineMillis: 5_000, maxConcurrentRequests: 1_000 },
          ...{ maxQueuedRequests: 1_000, maxQueueMillis: 1_000, maxEventLoopDelayMillis: 1_000 },
        },
        storeGuard: {
          ...{ readTimeoutMillis: 1_000, maxReadsInFlight: 256, maxReadsWaiting: 1_024 },
          ...{ openAfterFailures: 5, openAfterMillis: 500, probeAfterMillis: 500, maxProbeAfterMillis: 10_000 },
        },
        workers: 1,
      },
      materialize: { reportDirectory: '.fieldstone/reports', maxBatchRows: 10_000 },
    })
  })

  test('is taken as it is written', () => {
    const config = {
      ...plain,
      offline: duckdb(),
      clock: fixedClock('2001-07-02T00:00:00Z'),
      graphql: { prefix: 'geo_', schemaFile: 'a/b.graphql' },
      server: {
        ...{ host: '0.0.0.0', port: 0, production: true, sampleOperation: '{ __typename }' },
        ...{ graphiql: false, introspection: false, codeGeneration: false, planCacheBytes: 1 },
        ...{ metrics: false, slowOperationMillis: 3, usage: { report: () => {}, intervalMillis: 100 } },
        tracing: { endpoint: 'http://127.0.0.1:4318/v1/traces', serviceName: 'features', sampleRatio: 0.5 },
        compression: { thresholdBytes: 0, encodings: ['gzip', 'zstd'] as const },
        limits: {
          ...{ maxBodyBytes: 10_000, maxTokens: 1, maxDepth: 2, maxAliases: 3, maxDirectives: 4, maxErrors: 5 },
          ...{ maxKeys: 6, maxValues: 7, deadlineMillis: 8, maxConcurrentRequests: 9 },
          ...{ maxQueuedRequests: 0, maxQueueMillis: 10, maxEventLoopDelayMillis: 11 },
        },
        storeGuard: {
          ...{ readTimeoutMillis: 1, maxReadsInFlight: 2, maxReadsWaiting: 0 },
          ...{ openAfterFailures: 3, openAfterMillis: 0, probeAfterMillis: 4, maxProbeAfterMillis: 5 },
        },
        workers: 2,
      },
      materialize: { reportDirectory: 'reports', maxBatchRows: 1 },
    }
    expect(parseConfig(defineConfig(config))).toEqual({
      ...{ ...config, kind: 'config' },
      definitions: Object.values(config.definitions),
    })
  })

  test('leaves out exports that are no definitions, and takes each definition once', () => {
    const { airport, airportDaily } = network()
    const module = { airport, again: airport, airportDaily, limit: 5, sql: 'select 1', helper: () => 1, none: null }
    expect(parseConfig({ ...plain, definitions: module }).definitions).toEqual([airport, airportDaily])
  })

  test('takes a list of definitions', () => {
    const { airport, airportDaily } = network()
    expect(parseConfig({ ...plain, definitions: [airport, airportDaily] }).definitions).toEqual([airport, airportDaily])
  })

  test('fills what is left out of limits and compression, and has no compression for false', () => {
    const serverOf = (server: DeploymentConfigInput['server']) => parseConfig(js({ ...plain, server })).server
    const defaults = serverOf({})
    expect(serverOf({ limits: { maxDepth: 3 } }).limits).toEqual({ ...DEFAULT_LIMITS, maxDepth: 3 })
    expect(serverOf(js({ limits: { maxDepth: undefined } }))).toEqual(defaults)
    expect(serverOf(js({ limits: undefined, compression: undefined }))).toEqual(defaults)
    expect(serverOf({ compression: { encodings: ['br'] } }).compression).toEqual({
      thresholdBytes: 1_024,
      encodings: ['br'],
    })
    expect(serverOf({ compression: false }).compression).toBe(undefined)
  })

  test('gives a read no more than half of a short deadline, unless it says how long', () => {
    const timeoutOf = (server: DeploymentConfigInput['server']) =>
      parseConfig(js({ ...plain, server })).server.storeGuard.readTimeoutMillis
    expect(timeoutOf({ limits: { deadlineMillis: 301 } })).toBe(151)
    expect(timeoutOf({ limits: { deadlineMillis: 60_000 } })).toBe(1_000)
    expect(timeoutOf({ limits: { deadlineMillis: 301 }, storeGuard: { readTimeoutMillis: 300 } })).toBe(300)
  })

  test('logs no slow operations for false alone, and reports usage each minute', () => {
    const serverOf = (server: object) => parseConfig(js({ ...plain, server })).server
    expect(serverOf({ slowOperationMillis: false }).slowOperationMillis).toBeUndefined()
    expect(serverOf({ slowOperationMillis: undefined }).slowOperationMillis).toBe(1_000)
    const report = () => {}
    expect(serverOf({ usage: { report } }).usage).toEqual({ report, intervalMillis: 60_000 })
    expect(serverOf({ tracing: { endpoint: 'https://a/v1/traces' } }).tracing).toEqual({
      endpoint: 'https://a/v1/traces',
    })
  })

  test('is frozen, and otherwise left as it is', () => {
    expect(defineConfig(plain)).toEqual(plain)
    expect(Object.isFrozen(defineConfig(plain))).toBe(true)
  })
})

const mendOfEncodings =
  "Write a list of 'zstd', 'br' and 'gzip', each once at the most; server.compression: false is for none."
const illegal = 'That is not a legal value here.'

describe('a wrong config names the path, the value and the mend', () => {
  test.each([
    [
      'what a gateway tells',
      {
        ...plain,
        server: {
          ...{ metrics: 1, slowOperationMillis: 0, usage: { report: 'x', intervalMillis: 1 } },
          tracing: { endpoint: 'localhost:4318', sampleRatio: 2, more: 1 },
        },
      },
      [
        `server.metrics is 1: ${illegal} Write true or false.`,
        `server.tracing.endpoint is "localhost:4318": ${illegal} Write a URL of http: or https:, such as 'http://127.0.0.1:4318/v1/traces'.`,
        `server.tracing.sampleRatio is 2: ${illegal} Write a number from 0 to 1.`,
        'server.tracing.more is 1: The config has no such setting. Take it out, or mend its name.',
        `server.slowOperationMillis is 0: ${illegal} Write a whole number from 1 to 3600000, or false.`,
        `server.usage.report is "x": ${illegal} Write a function that takes a list of usages.`,
        `server.usage.intervalMillis is 1: ${illegal} Write a whole number from 100 to 86400000.`,
      ],
    ],
    [
      'slow for ever',
      { ...plain, server: { slowOperationMillis: true } },
      [`server.slowOperationMillis is true: ${illegal} Write a whole number from 1 to 3600000, or false.`],
    ],
    [
      'usage for nobody',
      { ...plain, server: { usage: {} } },
      ['server.usage.report is undefined: It is needed. Write a function that takes a list of usages.'],
    ],
    ['no object', 5, ['the config is 5: That is not a legal value here. Write an object { … }.']],
    [
      'a name',
      { ...plain, name: 'my flights' },
      [
        `name is "my flights": ${illegal} Write a name of letters, digits, '-' and '_' that begins with a letter or digit.`,
      ],
    ],
    [
      'no definitions',
      { ...plain, definitions: undefined },
      [
        "definitions is undefined: It is needed. Write import * as definitions from './features.ts', and definitions here.",
      ],
    ],
    [
      'definitions',
      { ...plain, definitions: 'features.ts' },
      [
        `definitions is "features.ts": ${illegal} Write import * as definitions from './features.ts', and definitions here.`,
      ],
    ],
    [
      'a list with others in it',
      { ...plain, definitions: [network().airport, 5, { kind: 'feature' }] },
      [
        'definitions.1 is 5: It is no entity, view or service. Take it out of the list, or give the module whole: import * as definitions.',
        'definitions.2 is { kind: "feature" }: It is no entity, view or service. Take it out of the list, or give the module whole: import * as definitions.',
      ],
    ],
    [
      'no online store',
      { ...plain, online: undefined },
      ["online is undefined: It is needed. Write the driver's factory, such as lmdb({ path: '.fieldstone/online' })."],
    ],
    [
      'an offline store in the place of the online one',
      { ...plain, online: { kind: 'offlineDriver', open: () => {} } },
      [
        `online is { kind: "offlineDriver", … }: ${illegal} Write the driver's factory, such as lmdb({ path: '.fieldstone/online' }).`,
      ],
    ],
    [
      'an offline store',
      { ...plain, offline: 'duckdb' },
      [`offline is "duckdb": ${illegal} Write the driver's factory, such as duckdb().`],
    ],
    [
      'a clock',
      { ...plain, clock: '2001-07-02T00:00:00Z' },
      [`clock is "2001-07-02T00:00:00Z": ${illegal} Write systemClock() or fixedClock('2001-07-01T00:00:00Z').`],
    ],
    [
      'a prefix',
      { ...plain, graphql: { prefix: '_geo' } },
      [`graphql.prefix is "_geo": ${illegal} Write letters, digits and _, with a letter first, e.g. 'geo'.`],
    ],
    [
      'a schema file',
      { ...plain, graphql: { schemaFile: ' ' } },
      [`graphql.schemaFile is " ": ${illegal} Write a file's path, e.g. 'schema.graphql'.`],
    ],
    [
      'a host',
      { ...plain, server: { host: 7 } },
      [`server.host is 7: ${illegal} Write an address to listen on, e.g. '127.0.0.1' or '0.0.0.0'.`],
    ],
    [
      'ports',
      { ...plain, server: { port: '4000' } },
      [`server.port is "4000": ${illegal} Write a whole number from 0 to 65535.`],
    ],
    [
      'a port too high',
      { ...plain, server: { port: 70_000 } },
      [`server.port is 70000: ${illegal} Write a whole number from 0 to 65535.`],
    ],
    [
      'flags',
      { ...plain, server: { production: 'yes' } },
      [`server.production is "yes": ${illegal} Write true or false.`],
    ],
    [
      'a batch size',
      { ...plain, materialize: { maxBatchRows: 0.5 } },
      [`materialize.maxBatchRows is 0.5: ${illegal} Write a whole number from 1 to 1000000.`],
    ],
    [
      'what guards stores, and workers',
      { ...plain, server: { storeGuard: { readTimeoutMillis: 0, maxReadsWaiting: -1, timeout: 5 }, workers: 0 } },
      [
        `server.storeGuard.readTimeoutMillis is 0: ${illegal} Write a whole number from 1 to 3600000.`,
        `server.storeGuard.maxReadsWaiting is -1: ${illegal} Write a whole number from 0 to 1000000.`,
        'server.storeGuard.timeout is 5: The config has no such setting. Take it out, or mend its name.',
        `server.workers is 0: ${illegal} Write a whole number from 1 to 256.`,
      ],
    ],
    [
      'limits',
      { ...plain, server: { limits: { maxDepth: 0, maxAliases: 1.5, maxKeys: '5', maxTokens: 1e9, dept: 5 } } },
      [
        `server.limits.maxTokens is 1000000000: ${illegal} Write a whole number from 1 to 1000000.`,
        `server.limits.maxDepth is 0: ${illegal} Write a whole number from 1 to 200.`,
        `server.limits.maxAliases is 1.5: ${illegal} Write a whole number from 1 to 100000.`,
        `server.limits.maxKeys is "5": ${illegal} Write a whole number from 1 to 10000000.`,
        'server.limits.dept is 5: The config has no such setting. Take it out, or mend its name.',
      ],
    ],
    [
      'a compression',
      { ...plain, server: { compression: null } },
      [`server.compression is null: ${illegal} Write an object { … }, or false for none.`],
    ],
    [
      'what compression there should be',
      { ...plain, server: { compression: { thresholdBytes: -1, encodings: ['gzip', 'deflate'], level: 9 } } },
      [
        `server.compression.thresholdBytes is -1: ${illegal} Write a whole number from 0 to 1073741824.`,
        `server.compression.encodings.1 is "deflate": ${illegal} ${mendOfEncodings}`,
        'server.compression.level is 9: The config has no such setting. Take it out, or mend its name.',
      ],
    ],
    ...[[], ['gzip', 'gzip']].map((encodings): [string, unknown, string[]] => [
      `${encodings.length} encodings`,
      { ...plain, server: { compression: { encodings } } },
      [
        `server.compression.encodings is ${encodings.length === 0 ? '[]' : '["gzip", "gzip"]'}: ${illegal} ${mendOfEncodings}`,
      ],
    ]),
    [
      'how code is made and plans are kept',
      { ...plain, server: { codeGeneration: 'never', planCacheBytes: 0 } },
      [
        `server.codeGeneration is "never": ${illegal} Write true or false.`,
        `server.planCacheBytes is 0: ${illegal} Write a whole number from 1 to 17179869184.`,
      ],
    ],
    ['a section', { ...plain, server: 4000 }, [`server is 4000: ${illegal} Write an object { … }.`]],
    [
      'settings that there are not',
      { ...plain, sever: {}, server: { prot: 4000 } },
      [
        'server.prot is 4000: The config has no such setting. Take it out, or mend its name.',
        'sever is {}: The config has no such setting. Take it out, or mend its name.',
      ],
    ],
    [
      'several at once',
      { ...plain, name: '', server: { port: -1, graphiql: 1 } },
      [
        `name is "": ${illegal} Write a name of letters, digits, '-' and '_' that begins with a letter or digit.`,
        `server.port is -1: ${illegal} Write a whole number from 0 to 65535.`,
        `server.graphiql is 1: ${illegal} Write true or false.`,
      ],
    ],
  ])('%s', (_, input, errors) => {
    expect(errorsOf(js(input))).toEqual(errors)
  })
})
