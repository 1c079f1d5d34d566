import { fastify } from 'fastify'
import { type DocumentNode, type ExecutionResult, type GraphQLSchema, parse, validate } from 'graphql'
import { type CompiledQuery, compileQuery, isCompiledQuery } from 'graphql-jit'
import { listen } from './apollo.ts'
import { compressAnswers } from './compression.ts'
import { type PeerOptions, servePeer } from './peer.ts'
import { createContext, createPeerSchema } from './resolvers.ts'
import { openRows } from './rows.ts'

/** The same resolvers, executed by code that graphql-jit compiles for each operation, and no Apollo. */

/** Texts kept compiled; the oldest goes first. */
const MAX_COMPILED = 1_000

await servePeer(start)

interface GraphQLBody {
  readonly query: string
  readonly operationName?: string
  readonly variables?: Record<string, unknown>
}

async function start({ place, gzip }: PeerOptions) {
  const app = fastify()
  if (gzip) compressAnswers(app)
  const rows = await openRows(place)
  const compiledOf = createCompiler(createPeerSchema())
  app.post('/graphql', async (request, reply) => {
    const { query, operationName, variables } = request.body as GraphQLBody
    const compiled = compiledOf(query, operationName)
    const result = await compiled.query(undefined, createContext(rows.read), variables)
    reply.header('content-type', 'application/json; charset=utf-8')
    return compiled.stringify(result as ExecutionResult)
  })
  return listen(app, rows, () => app.close())
}

function createCompiler(schema: GraphQLSchema): (text: string, operationName: string | undefined) => CompiledQuery {
  const known = new Map<string, CompiledQuery>()
  return (text, operationName) => {
    const found = known.get(text)
    if (found !== undefined) return found
    const compiled = compile(schema, parse(text), operationName)
    if (known.size === MAX_COMPILED) known.delete(known.keys().next().value!)
    known.set(text, compiled)
    return compiled
  }
}

function compile(schema: GraphQLSchema, document: DocumentNode, operationName: string | undefined): CompiledQuery {
  const errors = validate(schema, document)
  if (errors.length > 0) throw errors[0]!
  // Not with customJSONSerializer, which refuses custom scalars: `stringify` is JSON.stringify.
  const compiled = compileQuery(schema, document, operationName)
  if (!isCompiledQuery(compiled)) throw new Error(JSON.stringify(compiled))
  return compiled
}
