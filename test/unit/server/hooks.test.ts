import { GraphQLError } from 'graphql'
import { pino } from 'pino'
import { describe, expect, test } from 'vitest'
import { FieldstoneError } from '../../../src/errors.ts'
import { clientOf } from '../../../src/server/client.ts'
import {
  codeOf,
  type GatewayRequest,
  loggingHook,
  type RequestHook,
  runAfter,
  runBefore,
} from '../../../src/server/hooks.ts'
import { RequestCancellation } from '../../../src/server/request-cancellation.ts'

const request: GatewayRequest = {
  ...{ id: '1', nowMicros: 0, headers: {}, client: clientOf({}) },
  cancellation: new RequestCancellation(5_000),
}
const outcome = {
  status: 200,
  operationName: undefined,
  operationType: undefined,
  fallbackFields: [],
  errors: [],
  durationMillis: 1,
  waitedMillis: 0,
  executed: true,
  cost: undefined,
  operation: undefined,
}

test('hooks run in order before a request and in reverse after it', async () => {
  const seen: string[] = []
  const hook = (name: string): RequestHook => ({
    name,
    before: async () => void seen.push(`before ${name}`),
    after: () => void seen.push(`after ${name}`),
  })
  const hooks = [hook('a'), hook('b')]
  await runBefore(hooks, request)
  runAfter(hooks, { request, outcome }, () => expect.unreachable())
  expect(seen).toEqual(['before a', 'before b', 'after b', 'after a'])
})

test('hooks that fail after a request keep no other from running, and are told of', async () => {
  const seen: unknown[] = []
  const hooks: readonly RequestHook[] = [
    { name: 'last', after: () => void seen.push('ran') },
    {
      name: 'throws',
      after: () => {
        throw new Error('at once')
      },
    },
    {
      name: 'rejects',
      after: async () => {
        throw new Error('later')
      },
    },
  ]
  runAfter(hooks, { request, outcome }, ({ name }, error) => void seen.push([name, (error as Error).message]))
  await Promise.resolve()
  expect(seen).toEqual([['throws', 'at once'], 'ran', ['rejects', 'later']])
})

test('a hook that refuses keeps the later ones from running', async () => {
  const seen: string[] = []
  const refuses: RequestHook = {
    name: 'refuses',
    before: () => {
      throw new FieldstoneError('REQUEST_INVALID', { seen: 'x' })
    },
  }
  const later: RequestHook = { name: 'later', before: () => void seen.push('later') }
  expect(() => runBefore([refuses, later], request)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }))
  expect(seen).toEqual([])
})

test('of the name of an operation so much is logged as a line can bear', () => {
  const lines: string[] = []
  const hook = loggingHook(pino({}, { write: (line) => void lines.push(line) }))
  for (const length of [200, 900_000]) hook.after!(request, { ...outcome, operationName: 'A'.repeat(length) })
  expect(lines.map((line) => JSON.parse(line).operationName)).toEqual(['A'.repeat(200), 'A'.repeat(200)])
})

test('the code of an error is what the client is shown', () => {
  const coded = new FieldstoneError('KEY_INVALID', { seen: 'x' })
  expect(codeOf(coded)).toBe('KEY_INVALID')
  expect(codeOf(new GraphQLError('x', { originalError: coded }))).toBe('KEY_INVALID')
  expect(codeOf(new GraphQLError('x', { extensions: { code: 'BAD_REQUEST' } }))).toBe('BAD_REQUEST')
  expect(codeOf(new GraphQLError('x', { originalError: new TypeError('y') }))).toBe('INTERNAL_SERVER_ERROR')
  expect(codeOf(new TypeError('y'))).toBe('INTERNAL_SERVER_ERROR')
})

describe('errors in answers are logged', () => {
  const logged = () => {
    const lines: string[] = []
    const hook = loggingHook(pino({ level: 'warn' }, { write: (line) => void lines.push(line) }))
    const fail = (...errors: readonly Error[]) => hook.after!(request, { ...outcome, errors })
    return { fail, lines }
  }
  const unavailable = (facts = {}) => new FieldstoneError('STORE_UNAVAILABLE', { seen: 'a store', facts })

  test('so many a second, with how many more there were', async () => {
    const { fail, lines } = logged()
    for (let time = 0; time < 130; time += 1) fail(unavailable())
    expect(lines).toHaveLength(100)
    await expect.poll(() => lines.length, { timeout: 5_000 }).toBe(101)
    expect(JSON.parse(lines[100]!)).toMatchObject({ count: 30 })
    fail(unavailable())
    expect(lines).toHaveLength(102)
  })

  test('but not that a circuit is open, which is when it opens', () => {
    const { fail, lines } = logged()
    fail(unavailable({ circuit: 'open' }), new GraphQLError('x', { originalError: unavailable({ circuit: 'open' }) }))
    expect(lines).toEqual([])
  })
})
