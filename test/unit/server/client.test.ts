import { expect, test } from 'vitest'
import { clientOf } from '../../../src/server/client.ts'

const told = (headers: Record<string, string>) => {
  const { name, version } = clientOf(headers)
  return [name, version]
}

test('a client is named by its headers, Fieldstone’s own before those of Apollo', () => {
  expect(told({})).toEqual([undefined, undefined])
  expect(told({ 'apollographql-client-name': 'web', 'apollographql-client-version': '1.0' })).toEqual(['web', '1.0'])
  expect(told({ 'apollographql-client-name': 'web', 'x-fieldstone-client-name': 'app' })).toEqual(['app', undefined])
  expect(told({ 'x-fieldstone-client-version': '3' })).toEqual([undefined, '3'])
  expect(told({ 'x-fieldstone-client-name': '  ' })).toEqual([undefined, undefined])
})

test('names are short and hold no control characters', () => {
  expect(told({ 'x-fieldstone-client-name': `a\u0001b\u009f\u00adc${'x'.repeat(500)}` })[0]).toBe(
    `abc${'x'.repeat(77)}`,
  )
  expect(told({ 'x-fieldstone-client-name': 'a\nb', 'x-fieldstone-client-version': 'c\td' })).toEqual(['ab', 'cd'])
})

test('clients that are made up without end are named right all the same', () => {
  for (let index = 0; index < 1_000; index += 1) {
    expect(told({ 'x-fieldstone-client-name': `c${index}` })[0]).toBe(`c${index}`)
  }
})
