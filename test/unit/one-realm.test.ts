import { createRequire } from 'node:module'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { GraphQLSchema, parse, version } from 'graphql'
import { expect, test } from 'vitest'

test('there is one graphql: ours is the one that @apollo/subgraph and @apollo/server load', () => {
  const schema = buildSubgraphSchema([{ typeDefs: parse('type Query { a: Int }') }])
  expect(schema).toBeInstanceOf(GraphQLSchema)
  expect(version).toMatch(/^16\./)
})

test('only one copy is installed', () => {
  const { packages } = createRequire(import.meta.url)('../../package-lock.json') as {
    readonly packages: Record<string, unknown>
  }
  expect(Object.keys(packages).filter((path) => path.endsWith('node_modules/graphql'))).toEqual([
    'node_modules/graphql',
  ])
})
