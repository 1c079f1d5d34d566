import {
  BY_NAME,
  type DoorCase,
  GRAPHQL_RESPONSE,
  JSON_HEADERS,
  known,
  ONE,
  post,
  refused,
  THROWS,
} from './door-case.ts'

const ACCEPTS: readonly DoorCase[] = (
  [
    ['*/*', 200],
    ['', 200],
    ['application/json', 200],
    ['application/*', 200],
    [GRAPHQL_RESPONSE, 200],
    [`${GRAPHQL_RESPONSE}, application/json;q=0.9`, 200],
    [`application/json, ${GRAPHQL_RESPONSE}`, 200],
    [`${GRAPHQL_RESPONSE}, application/json`, 200],
    [`application/json;q=0.5, ${GRAPHQL_RESPONSE};q=0.5`, 200],
    [`application/json;q=0.1, ${GRAPHQL_RESPONSE};q=0.2`, 200],
    [`application/json;q=0, ${GRAPHQL_RESPONSE}`, 200],
    ['application/json;charset=utf-8', 200],
    ['application/json;charset=utf-16', 406],
    [`text/html, */*;q=0.1`, 200],
    ['APPLICATION/GraphQL-Response+JSON', 200],
    ['text/html', 406],
    ['image/png, text/plain', 406],
    ['*/*;q=0', 406],
    ['application/json;q=0', 406],
    ['multipart/mixed', 406],
    ['nonsense', 406],
    [';;q=,', 406],
    ['application/json;q=high', 406],
  ] as const
).map(([accept, status]) => ({
  what: `accept: ${accept}`,
  request: post({ query: ONE }, { accept }),
  status,
  // What is not acceptable is found out by Apollo Server when the answer is there.
  doors: ['long', status === 200 ? 'warm' : 'long'] as const,
}))

const CONTENT_TYPES: readonly DoorCase[] = (
  [
    ['application/json; charset=utf-8', 200],
    ['application/json;charset=UTF-8', 200],
    ['application/json; charset="utf-8"', 200],
    ['application/json; charset=utf8', 200],
    ['application/json; version=1', 200],
    ['Application/JSON', 200],
    ['application/json; charset=latin1', 415],
    ['application/json; charset=utf-16', 415],
    ['text/plain', 415],
    ['application/graphql', 415],
    ['application/x-www-form-urlencoded', 415],
    ['application/graphql+json', 415],
  ] as const
).map(([type, status]) => ({
  what: `content-type: ${type}`,
  request: { headers: { 'content-type': type }, body: JSON.stringify({ query: ONE }) },
  ...(status === 200 ? known : refused(status)),
}))

const HEADERS: readonly DoorCase[] = [
  { what: 'no accept', request: post({ query: ONE }), ...known },
  {
    what: 'a byte order mark before the body',
    request: { headers: JSON_HEADERS, body: `\ufeff${JSON.stringify({ query: ONE })}` },
    ...known,
  },
  { what: 'a request id', request: post({ query: ONE }, { 'x-request-id': 'mine-1' }), ...known },
  ...['1', '0', 'true', ''].map((info) => ({
    what: `x-fieldstone-info: ${info}`,
    request: post({ query: THROWS }, { 'x-fieldstone-info': info }),
    ...known,
  })),
  {
    what: 'x-fieldstone-info where variables are refused',
    request: post({ query: BY_NAME }, { 'x-fieldstone-info': '1' }),
    warmedBy: post({ query: BY_NAME, variables: { n: 'Oslo' } }),
    ...known,
  },
]

const encoder = new TextEncoder()
const notUtf8 = Uint8Array.from([...encoder.encode('{"query":"{ __typename }'), 0xff, 0x22, 0x7d])

const NOT_GRAPHQL: readonly DoorCase[] = [
  ...(
    [
      ['broken JSON', '{"query": "{'],
      ['bytes that are not UTF-8', notUtf8],
      ['no body', ''],
      ['an empty object', '{}'],
      ['an empty query', '{"query":""}'],
      ['no query', '{"variables":{}}'],
      ['a query that is no text', '{"query":1}'],
      ['a parsed query', '{"query":{"kind":"Document","definitions":[]}}'],
      ['an array', '[{"query":"{ __typename }"}]'],
      ['null', 'null'],
      ['a number', '1'],
      ['a text', '"{ __typename }"'],
      ['variables in a text', JSON.stringify({ query: ONE, variables: '{}' })],
      ['variables in a list', JSON.stringify({ query: ONE, variables: [] })],
      ['variables in a number', JSON.stringify({ query: ONE, variables: 1 })],
      ['a name that is no text', JSON.stringify({ query: ONE, operationName: 1 })],
      ['extensions in a text', JSON.stringify({ query: ONE, extensions: '{}' })],
      ['extensions in a list', JSON.stringify({ query: ONE, extensions: [] })],
    ] as const
  ).map(([what, body]) => ({
    what,
    request: { headers: JSON_HEADERS, body },
    warmedBy: post({ query: ONE }),
    ...refused(400),
  })),
  { what: 'a body that is too large', request: post({ query: ONE, pad: 'x'.repeat(1_048_576) }), ...refused(413) },
  { what: 'no content type', request: { body: JSON.stringify({ query: ONE }) }, ...refused(415) },
  ...['PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS'].map((method) => ({
    what: method,
    request: {
      method,
      headers: method.startsWith('P') ? JSON_HEADERS : {},
      body: method.startsWith('P') ? JSON.stringify({ query: ONE }) : undefined,
    },
    warmedBy: post({ query: ONE }),
    ...refused(405),
  })),
  { what: 'a GET without a query', request: { method: 'GET' }, ...refused(400) },
  {
    what: 'a GET of a mutation',
    request: { method: 'GET', path: `/graphql?query=${encodeURIComponent('mutation { __typename }')}` },
    ...refused(405),
  },
  {
    what: 'the hash of a query that is not known',
    request: post({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }),
    ...refused(200),
  },
  { what: 'another path', request: { ...post({ query: ONE }), path: '/graphql/' }, ...refused(404) },
]

export const CASES_OF_HTTP: readonly DoorCase[] = [...ACCEPTS, ...CONTENT_TYPES, ...HEADERS, ...NOT_GRAPHQL]
