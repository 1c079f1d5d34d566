import { buildSchema, GraphQLError, getIntrospectionQuery, getLocation, parse, specifiedRules, validate } from 'graphql'
import { describe, expect, test } from 'vitest'
import { FieldstoneError } from '../../../src/errors.ts'
import { DEFAULT_LIMITS, type Limits } from '../../../src/registry/limits.ts'
import {
  givenUpError,
  MAX_NESTING,
  operationLimitsRule,
  tokenLimitError,
  validationOptions,
} from '../../../src/server/operation-limits.ts'

const schema = buildSchema(`
  directive @tag repeatable on QUERY | VARIABLE_DEFINITION | FIELD | FRAGMENT_DEFINITION | FRAGMENT_SPREAD | INLINE_FRAGMENT
  type Query { city: City }
  type City { name: String  near: City  far: City  ${many(40, (index) => `f${index}: Int`)} }
`)

function many(count: number, text: (index: number) => string): string {
  return Array.from({ length: count }, (_, index) => text(index)).join(' ')
}

function validated(text: string, limits: Partial<Limits> = {}): readonly GraphQLError[] {
  const all = { ...DEFAULT_LIMITS, ...limits }
  return validate(schema, parse(text), [...specifiedRules, operationLimitsRule(all)], validationOptions(all))
}

/** Facts of the errors of passed limits, each with the place in the text that it names. */
function passed(text: string, limits: Partial<Limits> = {}): readonly unknown[] {
  return validated(text, limits).map((error) => {
    const { code, message, details } = error.originalError as FieldstoneError
    expect([code, message]).toEqual(['LIMIT_EXCEEDED', error.message])
    const { line, column } = getLocation(error.source!, error.positions![0]!)
    return [details.facts, text.split('\n')[line - 1]!.slice(column - 1)]
  })
}

function nested(depth: number, field = 'near'): string {
  return `{ city ${`{ ${field} `.repeat(depth - 2)}{ name }${' }'.repeat(depth - 2)} }`
}

function chain(length: number, selections: string): string {
  return many(length, (index) => `fragment c${index} on City { ...c${index + 1} ${selections} }`)
}

describe('depth', () => {
  test('counts fields one within another', () => {
    expect(validated(nested(15))).toEqual([])
    expect(passed(nested(16))).toEqual([
      [{ limit: 'maxDepth', allowed: 15, value: 16 }, expect.stringMatching(/^name /)],
    ])
    expect(validated(nested(200), { maxDepth: 200 })).toEqual([])
  })

  test('counts fields through fragments, which are no level of their own', () => {
    const text =
      '{ ... { ...root } }\nfragment root on Query { city { ...city } }\nfragment city on City { near { name } }'
    expect(validated(text, { maxDepth: 3 })).toEqual([])
    expect(passed(text, { maxDepth: 2 })).toEqual([[{ limit: 'maxDepth', allowed: 2, value: 3 }, 'name } }']])
    expect(passed(text, { maxDepth: 1 })).toEqual([[{ limit: 'maxDepth', allowed: 1, value: 3 }, 'near { name } }']])
  })

  test('leaves out what is under __schema and __type, itself and by fragments', () => {
    const options = { descriptions: true, specifiedByUrl: true, directiveIsRepeatable: true, schemaDescription: true }
    const standard = getIntrospectionQuery({ ...options, inputValueDeprecation: true, oneOf: true })
    expect(validated(standard)).toEqual([])
    expect(validated(standard, { maxDepth: 1, maxAliases: 1, maxDirectives: 1 })).toEqual([])
    expect(validated('{ __type(name: "City") { ofType { ofType { name } } } }', { maxDepth: 1 })).toEqual([])
    expect(passed('{ city { __typename } }', { maxDepth: 1 })).toHaveLength(1)
  })

  test('says limit and value', () => {
    expect(validated(nested(16))[0]!.message).toBe(
      'a request with fields 16 deep: server.limits.maxDepth allows 15. Ask for less in one request, or raise the limit.',
    )
  })
})

describe('aliases', () => {
  test('are counted as often as their fragment is spread', () => {
    const text = '{ city { a: f1 ...x near { ...x } far {\n...x } } }\nfragment x on City { b: f2 c: f3 }'
    expect(validated(text, { maxAliases: 7 })).toEqual([])
    expect(passed(text, { maxAliases: 6 })).toEqual([[{ limit: 'maxAliases', allowed: 6, value: 7 }, 'c: f3 }']])
    expect(passed(text, { maxAliases: 1 })).toEqual([[{ limit: 'maxAliases', allowed: 1, value: 7 }, 'b: f2 c: f3 }']])
  })

  test('may be a hundred', () => {
    expect(validated(`{ city { ${many(100, (index) => `a${index}: f1`)} } }`)).toEqual([])
    expect(passed(`{ city { ${many(101, (index) => `a${index}: f1`)} } }`)).toEqual([
      [{ limit: 'maxAliases', allowed: 100, value: 101 }, 'a100: f1 } }'],
    ])
  })

  test('are counted by the operation, and told of the first that has too many', () => {
    const text =
      'query a { x: city { name } }\nquery b { x: city { y: name } }\nquery c { x: city { y: name z: name } }'
    expect(passed(text, { maxAliases: 1 })).toEqual([[{ limit: 'maxAliases', allowed: 1, value: 2 }, 'y: name } }']])
  })
})

describe('directives', () => {
  test('are counted wherever they stand, as often as their fragment is spread', () => {
    const text = [
      'query q($v: Boolean! @tag) @tag { city @include(if: $v) { ...x @tag ... @tag { ...x } } }',
      'fragment x on City @tag { name @tag }',
    ].join('\n')
    expect(validated(text, { maxDirectives: 9 })).toEqual([])
    expect(passed(text, { maxDirectives: 8 })).toEqual([
      [{ limit: 'maxDirectives', allowed: 8, value: 9 }, 'name @tag }'],
    ])
    expect(passed(text, { maxDirectives: 7 })).toEqual([
      [{ limit: 'maxDirectives', allowed: 7, value: 9 }, 'fragment x on City @tag { name @tag }'],
    ])
    expect(passed(text, { maxDirectives: 1 })).toEqual([
      [{ limit: 'maxDirectives', allowed: 1, value: 9 }, expect.stringMatching(/^query q/)],
    ])
  })

  test('may be fifty', () => {
    expect(validated(`{ city { name ${'@tag '.repeat(50)} } }`)).toEqual([])
    expect(passed(`{ city { name ${'@tag '.repeat(51)} } }`)).toHaveLength(1)
  })
})

describe('fragments', () => {
  test('written out have no more fields than tokens are allowed', () => {
    const ladder = `{ city { ...c0 } } ${many(60, (index) => `fragment c${index} on City { near { ...c${index + 1} } far { ...c${index + 1} } }`)}`
    const text = `${ladder} fragment c60 on City { name }`
    const errors = validated(text, { maxDepth: 100 })
    expect(errors.map(({ message }) => message)).toEqual([
      `an operation of ${2 ** 53 - 1} fields where fragments are written out: server.limits.maxTokens allows 10000. Ask for less in one request, or raise the limit.`,
    ])
    expect(validated('{ city { ...x ...x } } fragment x on City { name }', { maxTokens: 3 })).toEqual([])
    expect(passed('{ city { ...x ...x } } fragment x on City { name }', { maxTokens: 2 })).toHaveLength(1)
  })

  test('within themselves are told in the words of graphql-js', () => {
    const cycle = '{ city { ...a } } fragment a on City { near { ...b } } fragment b on City { far { ...a } }'
    expect(validated(cycle).map(({ message }) => message)).toEqual([
      'Cannot spread fragment "a" within itself via "b".',
    ])
    expect(validated(cycle)).toEqual(validate(schema, parse(cycle)))
    expect(validated('{ city { ...a } } fragment a on City { ...a }')).toHaveLength(1)
  })

  test('that are not there, or there twice, are the other rules’ to tell', () => {
    expect(validated('{ city { ...x } }').map(({ message }) => message)).toEqual(['Unknown fragment "x".'])
    const twice = '{ city { ...x } } fragment x on City { name } fragment x on City { name }'
    expect(validated(twice).map(({ message }) => message)).toEqual(['There can be only one fragment named "x".'])
  })
})

describe('every limit that is passed is told at once', () => {
  test('and nothing else', () => {
    const text = '{ city { a: unknown @tag near { name } } }'
    const limits = passed(text, { maxDepth: 2, maxAliases: 1, maxDirectives: 1, maxTokens: 3 }) as [{ limit: string }][]
    expect(limits.map(([{ limit }]) => limit)).toEqual(['maxDepth', 'maxTokens'])
    expect(validated(text)).toHaveLength(1)
  })
})

/** The shortest of three, as other tests run beside. */
function millis(text: string, limits: Partial<Limits> = {}): number {
  const document = parse(text)
  const all = { ...DEFAULT_LIMITS, ...limits }
  const times = [1, 2, 3].map(() => {
    const start = performance.now()
    validate(schema, document, [...specifiedRules, operationLimitsRule(all)], validationOptions(all))
    return performance.now() - start
  })
  return Math.min(...times)
}

describe('hostile texts of at most 10,000 tokens', () => {
  const range = (count: number) => Array.from({ length: count }, (_, index) => index)
  const cyclic = range(300).map((index) => `...c${(index + 1) % 300} ...c${(index + 17) % 300} name`)

  test.each([
    ['one field again and again', `{ city { ${'name '.repeat(9_990)} } }`],
    ['one root again and again', `{ ${'city { name } '.repeat(2_400)} }`],
    ['thousands of unknown fields', `{ city { ${many(9_990, (index) => `x${index}`)} } }`],
    ['thousands of variables', `query (${many(2_400, (index) => `$v${index}: Int`)}) { city { name } }`],
    ['a chain of fragments', `{ city { ...c0 } } ${chain(1_100, 'name')} fragment c1100 on City { name }`],
    [
      'fragments side by side',
      `{ city { ${many(1_100, (index) => `...s${index}`)} } } ${many(1_100, (index) => `fragment s${index} on City { name }`)}`,
    ],
    [
      'fragments of many aliases',
      `{ city { ${many(50, (index) => `...s${index}`)} } } ${many(50, (index) => `fragment s${index} on City { ${many(60, (alias) => `a${alias}: f1`)} }`)}`,
    ],
    [
      'fragments within themselves',
      `{ city { ...c0 ...c1 } } ${many(300, (index) => `fragment c${index} on City { ${cyclic[index]} }`)}`,
    ],
    [
      'fragments that grow by powers',
      `{ city { ...c0 } } ${chain(900, '...c1 ...c2 name')} fragment c900 on City { name }`,
    ],
    [
      'operations times fragments',
      `${many(400, (index) => `query q${index} { city { ...c0 } }`)} ${chain(390, '')} fragment c390 on City { name }`,
    ],
    [
      'operations times variables',
      `${many(300, (index) => `query q${index}($v: Boolean!) { city { ...x } }`)} fragment x on City { ${many(600, (index) => `f${index % 40} @include(if: $v)`)} }`,
    ],
    ['inline fragments within each other', `{ ${'... { __typename '.repeat(1_600)} ${'}'.repeat(1_600)} }`],
    [
      'introspection within itself',
      `{ __schema { types ${'{ name ofType '.repeat(600)} { name } ${'}'.repeat(600)} } }`,
    ],
    ['thousands of directives', `{ city { name ${'@tag '.repeat(4_900)} } }`],
    ['a list in a list in a list', `{ city(at: ${'['.repeat(800)}${']'.repeat(800)}) { name } }`],
  ])('do not hold up the others: %s', (_, text) => {
    expect(millis(text)).toBeLessThan(500)
  })

  test('leave the stack alone where limits are raised and the parser went through', () => {
    const raised = { ...DEFAULT_LIMITS, maxTokens: 1_000_000 }
    const fragments = `{ city { ...c0 } } ${chain(20_000, 'near { name }')} fragment c20000 on City { name }`
    const told = [`Selections nest too deep: ${MAX_NESTING} may be one within another, those of fragments included.`]
    expect(validated(fragments, raised).map(({ message }) => message)).toEqual(told)
    expect(validated(nested(1_000), raised).map(({ message }) => message)).toEqual(told)
  })

  test('may nest to the bound, however they are compared', () => {
    const two = (name: string) => `{ name ${name} `.repeat(MAX_NESTING - 3)
    const schemaTwice = `__schema { types ${two('ofType')} { name } ${'}'.repeat(MAX_NESTING - 3)} }`
    expect(validated(`{ ${schemaTwice} ${schemaTwice} }`)).toEqual([])
    const length = MAX_NESTING - 3
    const other = many(length, (index) => `fragment d${index} on City { ...d${index + 1} near { name } }`)
    const ends = `fragment c${length} on City { name } fragment d${length} on City { name }`
    const chains = `{ city { ...c0 ...d0 } } ${chain(length, 'near { name }')} ${other} ${ends}`
    const messages = validated(chains).map(({ message }) => message)
    expect(messages.filter((message) => message !== 'Validation aborted.')).toEqual([])
  })

  test('of 10,000 aliases under raised limits are measured in time with their length', () => {
    const aliased = `{ city { ${many(5_000, (index) => `a${index}: f1`)} ...x } } fragment x on City { name }`
    expect(millis(aliased, { maxAliases: 1 })).toBeLessThan(500)
  })
})

describe('too many tokens', () => {
  function refused(text: string, tokens: number): GraphQLError {
    try {
      parse(text, { maxTokens: tokens })
    } catch (error) {
      if (error instanceof GraphQLError) return error
    }
    throw new Error('the text was parsed')
  }
  const limitsOf = (maxTokens: number) => ({ ...DEFAULT_LIMITS, maxTokens })
  const found = (text: string, tokens: number) => tokenLimitError(refused(text, tokens), limitsOf(tokens))

  test('are told with their number', () => {
    const text = '{ city { name near { name } } }'
    expect(() => parse(text, { maxTokens: 10 })).not.toThrow()
    const error = found(text, 9)
    expect(error).toBeInstanceOf(FieldstoneError)
    expect([error?.code, error?.details.facts]).toEqual([
      'LIMIT_EXCEEDED',
      { limit: 'maxTokens', allowed: 9, value: 10 },
    ])
    expect(error?.message).toBe(
      'a request with an operation of 10 tokens: server.limits.maxTokens allows 9. Ask for less in one request, or raise the limit.',
    )
  })

  test('are counted up to ten times the limit, and as far as the text is one', () => {
    const long = found(`{ ${'city '.repeat(500)} }`, 10)
    expect(long?.details.facts).toEqual({ limit: 'maxTokens', allowed: 10, value: 100 })
    expect(long?.message).toMatch(/^a request with an operation of 100 tokens or more: /)
    expect(found(`{ ${'city '.repeat(20)} "`, 10)?.details.facts).toEqual({
      limit: 'maxTokens',
      allowed: 10,
      value: 21,
    })
  })

  test('are no other mistake', () => {
    expect(tokenLimitError(refused('{ city { ', 100), limitsOf(100))).toBe(undefined)
    expect(tokenLimitError(new GraphQLError('Unknown fragment "x".'), limitsOf(100))).toBe(undefined)
  })
})

test('what graphql-js gives up is explained', () => {
  const [error] = validated(`{ city { ${'name '.repeat(9_000)} } }`)
  expect(givenUpError(error!)?.message).toMatch(/^Validation aborted: too many selections of the same fields /)
  expect(givenUpError(new GraphQLError('Unknown fragment "x".'))).toBe(undefined)
})

test('a validation ends after 50 errors, or fewer where fewer are reported', () => {
  const unknown = `{ city { ${many(60, (index) => `x${index}`)} } }`
  expect(validated(unknown)).toHaveLength(51)
  expect(validated(unknown, { maxErrors: 3 })).toHaveLength(4)
})
