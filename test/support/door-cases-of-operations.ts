import { BY_NAME, type DoorCase, GRAPHQL_RESPONSE, known, ONE, post, refused, THROWS } from './door-case.ts'

const anew = { doors: ['long', 'long'], status: 200 } as const

const MANY = 'query Many($keys: [CityKey!]!) { cities(keys: $keys) { name population altitude } }'
const TWO_OPERATIONS = 'query A { a: city(name: "Oslo") { name } } query B { b: city(name: "Oslo") { altitude } }'
const CONDITIONS =
  'query($s: Boolean!, $i: Boolean!) { city(name: "Oslo") { a: altitude @skip(if: $s) population @include(if: $i) name a: altitude } }'

const GOOD: readonly DoorCase[] = [
  { what: 'one entity', request: post({ query: ONE }), ...known },
  { what: 'variables', request: post({ query: BY_NAME, variables: { n: 'Bogotá' } }), ...known },
  {
    what: 'variables that the operation has not',
    request: post({ query: BY_NAME, variables: { n: 'Oslo', z: 1 } }),
    ...known,
  },
  {
    what: 'variables whose names objects have',
    request: post(
      JSON.parse(
        '{"query":"query($__proto__: ID!, $constructor: ID!) { a: city(name: $__proto__) { altitude } b: city(name: $constructor) { altitude } }","variables":{"__proto__":"Oslo","constructor":"Bogotá"}}',
      ),
    ),
    ...known,
  },
  { what: 'empty variables', request: post({ query: ONE, variables: {} }), ...known },
  {
    what: 'many entities, one unknown, one twice',
    request: post({
      query: MANY,
      variables: { keys: ['Oslo', 'Nowhere', 'Bogotá', 'Oslo'].map((name) => ({ name })) },
    }),
    ...known,
  },
  { what: 'no entity at all', request: post({ query: MANY, variables: { keys: [] } }), ...known },
  { what: 'fields beside a GraphQL request', request: post({ query: ONE, id: 7, doc_id: 'x' }), ...known },
  { what: 'a type name alone', request: post({ query: '{ __typename }' }), ...known },
  {
    what: 'fragments and aliases',
    request: post({
      query: 'query { x: city(name: "Oslo") { ...F y: altitude } } fragment F on City { altitude ... { name } }',
    }),
    ...known,
  },
  { what: 'the operation of a name', request: post({ query: TWO_OPERATIONS, operationName: 'B' }), ...known },
  {
    what: 'a name though there is one operation',
    request: post({ query: BY_NAME, operationName: 'One', variables: { n: 'Oslo' } }),
    ...known,
  },
  ...[true, false].flatMap((s) =>
    [true, false].map((i) => ({
      what: `@skip ${s} and @include ${i}`,
      request: post({ query: CONDITIONS, variables: { s, i } }),
      ...known,
    })),
  ),
  {
    what: 'introspection beside features',
    request: post({ query: '{ __type(name: "City") { name fields { name } } city(name: "Oslo") { altitude } }' }),
    ...known,
  },
  {
    what: 'a query of the URL, which a POST has not',
    request: { ...post({ query: ONE }), path: '/graphql?query=x' },
    ...known,
  },
]

const IN_ANOTHER_FORM: readonly DoorCase[] = [
  { what: 'variables null', request: post({ query: ONE, variables: null }), ...anew },
  { what: 'operationName null', request: post({ query: ONE, operationName: null }), ...anew },
  { what: 'empty extensions', request: post({ query: ONE, extensions: {} }), ...anew },
  { what: 'extensions null', request: post({ query: ONE, extensions: null }), ...anew },
  { what: 'a plan asked for', request: post({ query: ONE, extensions: { explain: true } }), ...anew },
  {
    what: 'a GET',
    request: { method: 'GET', path: `/graphql?query=${encodeURIComponent(ONE)}` },
    ...anew,
  },
  {
    what: 'a GET with variables',
    request: {
      method: 'GET',
      path: `/graphql?query=${encodeURIComponent(BY_NAME)}&variables=${encodeURIComponent('{"n":"Oslo"}')}`,
    },
    warmedBy: post({ query: BY_NAME, variables: { n: 'Oslo' } }),
    ...anew,
  },
]

const ERRORS_IN_PLACE: readonly DoorCase[] = [
  { what: 'a mutation, which the schema has not', request: post({ query: 'mutation { __typename }' }), ...known },
  { what: 'a subscription, which it has not', request: post({ query: 'subscription { __typename }' }), ...known },
  { what: 'functions that throw', request: post({ query: THROWS }), ...known },
  {
    what: 'functions that throw, as GraphQL',
    request: post({ query: THROWS }, { accept: GRAPHQL_RESPONSE }),
    ...known,
  },
  {
    what: 'a key that is refused',
    request: post({ query: BY_NAME, variables: { n: 'x'.repeat(2_000) } }),
    ...known,
  },
  {
    what: 'some keys that are refused, as GraphQL',
    request: post(
      { query: MANY, variables: { keys: [{ name: '' }, { name: 'Oslo' }, { name: 'y'.repeat(1_025) }] } },
      { accept: GRAPHQL_RESPONSE },
    ),
    ...known,
  },
  {
    what: 'an entity and a type that are not there',
    request: post({
      query: 'query($r: [_Any!]!) { _entities(representations: $r) { ... on City { altitude } } }',
      variables: { r: [{ __typename: 'City', name: 'Oslo' }, { __typename: 'City' }, { __typename: 'Moon', x: 1 }, 7] },
    }),
    ...known,
  },
]

/** Each with good variables first: what was refused at its first sight leaves no plan. */
const REFUSED_VARIABLES: readonly DoorCase[] = (
  [
    ['missing', BY_NAME, {}],
    ['none at all', BY_NAME, undefined],
    ['null', BY_NAME, { n: null }],
    ['an object for an id', BY_NAME, { n: { name: 'Oslo' } }],
    ['a list for an id', BY_NAME, { n: ['Oslo'] }],
    ['a fraction for an id', BY_NAME, { n: 1.5 }],
    ['unknown input fields', MANY, { keys: [{ name: 'Oslo', nmae: 'x' }, { id: 1 }] }],
    ['a missing input field', MANY, { keys: [{}] }],
    ['a scalar for an object', MANY, { keys: 'Oslo' }],
    ['a null in a list', MANY, { keys: [{ name: 'Oslo' }, null] }],
    ['a prototype', MANY, JSON.parse('{"keys":[{"__proto__":{"name":"Oslo"}}]}')],
    ['more errors than are told', MANY, { keys: Array.from({ length: 60 }, () => ({ n: 1 })) }],
  ] as const
).flatMap(([what, query, variables]) =>
  ['application/json', GRAPHQL_RESPONSE].map((accept) => ({
    what: `a variable: ${what} (${accept})`,
    request: post({ query, variables }, { accept }),
    warmedBy: post({ query, variables: { n: 'Oslo', keys: [] } }),
    status: accept === GRAPHQL_RESPONSE ? 400 : 200,
    doors: ['long', 'warm'] as const,
  })),
)

/** By which name an operation is meant is serving's to find out, so these come to it; they leave no plan. */
const UNRESOLVED: readonly DoorCase[] = eachAccept([
  [
    'an unknown name',
    { query: BY_NAME, variables: { n: 'Oslo' }, operationName: 'Two' },
    { query: BY_NAME, variables: { n: 'Oslo' } },
  ],
  ['an empty name', { query: ONE, operationName: '' }, { query: ONE }],
  ['no name where there are two', { query: TWO_OPERATIONS }, { query: TWO_OPERATIONS, operationName: 'A' }],
]).map((one) => ({ ...one, doors: ['long', 'long'] }))

const REFUSED_OPERATIONS: readonly DoorCase[] = eachAccept([
  ['no syntax', { query: '{ city(name: "Oslo" { name } }' }],
  ['no such field', { query: '{ city(name: "Oslo") { name nothing } }' }],
  ['fragments alone', { query: 'fragment F on City { name }' }],
  ['text that is no operation', { query: ' # nothing' }],
  [
    'another operation beside it that is wrong',
    { query: `${BY_NAME} query Two { nothing }`, operationName: 'One' },
    { query: BY_NAME, variables: { n: 'Oslo' } },
  ],
])

function eachAccept(rows: readonly (readonly [what: string, body: object, warmedBy?: object])[]): readonly DoorCase[] {
  return rows.flatMap(([what, body, warmedBy]) =>
    ['application/json', GRAPHQL_RESPONSE].map((accept) => ({
      what: `an operation: ${what} (${accept})`,
      request: post(body, { accept }),
      ...(warmedBy === undefined ? {} : { warmedBy: post(warmedBy) }),
      ...refused(accept === GRAPHQL_RESPONSE ? 400 : 200),
    })),
  )
}

export const CASES_OF_OPERATIONS: readonly DoorCase[] = [
  ...[...GOOD, ...IN_ANOTHER_FORM, ...ERRORS_IN_PLACE, ...REFUSED_VARIABLES, ...UNRESOLVED, ...REFUSED_OPERATIONS],
]
