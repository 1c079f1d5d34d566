import { createRequire } from 'node:module'
import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { GraphQLSchema, parse, version } from 'graphql'
import { expect, test } from 'vitest'

const subgraph = () => buildSubgraphSchema([{ typeDefs: parse('type Query { a: Int }') }])

test('@apollo/subgraph makes schemas of our graphql', () => {
  expect(subgraph()).toBeInstanceOf(GraphQLSchema)
  expect(version).toMatch(/^16\./)
})

test('@apollo/server takes schemas of our graphql', async () => {
  const server = new ApolloServer({ schema: subgraph(), plugins: [ApolloServerPluginInlineTraceDisabled()] })
  const { body } = await server.executeOperation({ query: '{ a __typename }' })
  await server.stop()
  expect(body).toMatchObject({ kind: 'single', singleResult: { data: { a: null, __typename: 'Query' } } })
})

test('only one copy is installed', () => {
  const { packages } = createRequire(import.meta.url)('../../package-lock.json') as {
    readonly packages: Record<string, unknown>
  }
  expect(Object.keys(packages).filter((path) => path.endsWith('node_modules/graphql'))).toEqual([
    'node_modules/graphql',
  ])
})
