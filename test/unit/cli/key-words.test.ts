import { describe, expect, test } from 'vitest'
import { parseKeyWords } from '../../../src/cli/key-words.ts'
import type { RegistryEntity } from '../../../src/registry/registry.ts'

const airport = {
  name: 'Airport',
  keys: [{ name: 'iata', dtype: { kind: 'string' }, graphqlType: 'ID', description: undefined }],
} as unknown as RegistryEntity

const route = {
  name: 'Route',
  keys: ['origin', 'destination'].map((name) => ({ name, dtype: { kind: 'string' } })),
} as unknown as RegistryEntity

const account = { name: 'Account', keys: [{ name: 'id', dtype: { kind: 'int64' } }] } as unknown as RegistryEntity

describe('keys as they are typed', () => {
  test('words are keys of one column', () => {
    expect(parseKeyWords(airport, ['SEA', 'iata=JFK'])).toEqual([{ iata: 'SEA' }, { iata: 'JFK' }])
  })

  test('a column that comes again begins the next key, in any order', () => {
    expect(parseKeyWords(route, ['origin=SEA', 'destination=JFK', 'destination=ORD', 'origin=LGA'])).toEqual([
      { origin: 'SEA', destination: 'JFK' },
      { destination: 'ORD', origin: 'LGA' },
    ])
  })

  test('an equals sign in a value is the value’s', () => {
    expect(parseKeyWords(airport, ['a=b', 'iata=c=d'])).toEqual([{ iata: 'a=b' }, { iata: 'c=d' }])
  })

  test.each([
    [route, ['SEA'], /Write origin=… destination=…/],
    [route, ['origin=SEA', 'origin=JFK'], /has no destination/],
    [account, ['seven'], /is int64/],
    [airport, ['x'.repeat(2000)], /2001 encoded bytes/],
  ])('%#: what is no key is refused with its mend', (entity, words, message) => {
    expect(() => parseKeyWords(entity, words)).toThrow(expect.objectContaining({ code: 'KEY_INVALID' }))
    expect(() => parseKeyWords(entity, words)).toThrow(message)
  })
})
