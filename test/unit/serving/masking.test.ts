import { GraphQLError, Kind, locatedError, parse } from 'graphql'
import { expect, test } from 'vitest'
import { catalogue } from '../../../src/error-catalogue.ts'
import { FieldstoneError } from '../../../src/errors.ts'
import { formatError } from '../../../src/serving/masking.ts'

const document = parse('{ airport }')
const [definition] = document.definitions
const node = definition?.kind === Kind.OPERATION_DEFINITION ? definition.selectionSet.selections[0] : undefined

function shown(error: Error, production = false) {
  return formatError(locatedError(error, node === undefined ? undefined : [node], ['airport', 1]), { production })
}

test('a coded error keeps its message in production, with its code, facts and whether to try again', () => {
  const error = new FieldstoneError('KEY_INVALID', { seen: 'Airport.iata', facts: { attempts: 3 } })
  expect(shown(error, true)).toEqual({
    message: error.message,
    locations: [{ line: 1, column: 3 }],
    path: ['airport', 1],
    extensions: { code: 'KEY_INVALID', retryable: false, attempts: 3 },
  })
})

test.each(['STORE_UNAVAILABLE', 'STORE_CLOSED'] as const)('where a store is is hidden in production: %s', (code) => {
  const error = new FieldstoneError(code, { seen: 'lmdb at /srv/secret', why: 'EACCES: /srv/secret.' })
  const { title, why, mend } = catalogue[code]
  expect(shown(error, true)).toMatchObject({
    message: `${title}: ${why} ${mend}`,
    extensions: { code, retryable: true },
  })
  expect(shown(error).message).toContain('/srv/secret')
})

test('an unexpected error is masked in production alone', () => {
  const extensions = { code: 'INTERNAL_SERVER_ERROR', retryable: false }
  expect(shown(new TypeError('x is undefined'), true)).toMatchObject({ message: 'Internal server error', extensions })
  expect(shown(new TypeError('x is undefined'))).toMatchObject({ message: 'x is undefined', extensions })
})

test('what a function threw is hidden in production', () => {
  const cause = new Error('secret')
  const error = new FieldstoneError('ON_DEMAND_FAILED', { seen: 'Airport.distance', why: 'It threw secret.', cause })
  expect(shown(error, true)).toMatchObject({
    message: expect.not.stringContaining('secret'),
    extensions: { code: 'ON_DEMAND_FAILED', retryable: false },
  })
  expect(shown(error).message).toContain('secret')
})

test("GraphQL's own words on variables and arguments are the client's to mend", () => {
  const error = new GraphQLError('Argument "iata" must not be null.')
  expect(shown(error, true)).toMatchObject({
    message: 'Argument "iata" must not be null.',
    extensions: { code: 'BAD_USER_INPUT', retryable: false },
  })
})

test('a code that was given stays, and the properties stand in the order of the GraphQL specification', () => {
  const error = new GraphQLError('Syntax Error', { extensions: { code: 'GRAPHQL_PARSE_FAILED' } })
  expect(JSON.stringify(formatError(error, { production: true }))).toBe(
    '{"message":"Syntax Error","extensions":{"code":"GRAPHQL_PARSE_FAILED","retryable":false}}',
  )
  expect(catalogue.GRAPHQL_PARSE_FAILED.retryable).toBe(false)
})
