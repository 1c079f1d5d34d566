import type { ApolloServerOptions, BaseContext } from '@apollo/server'
import type { DocumentNode } from 'graphql'
import { createBoundedCache } from '../lib/bounded-cache.ts'
import { createSeen } from '../lib/seen.ts'
import { documentBytes } from '../serving/operation.ts'

type DocumentStore = NonNullable<ApolloServerOptions<BaseContext>['documentStore']>

const MAX_BYTES = 30 * 1024 * 1024

/**
 * Keeps parsed and validated documents for requests that always go the long way, such as persisted queries. Apollo's own store
 * turns each whole document into text to learn its size, which costs a new operation half as much as parsing it.
 */
export function createDocumentStore(): DocumentStore {
  const documents = createBoundedCache<DocumentNode>(MAX_BYTES)
  const seen = createSeen()
  return {
    get: async (key) => documents.get(key),
    set: async (key, document) => {
      // One that comes once would only be carried along by the garbage collector.
      if (seen.again(key)) documents.set(key, document, documentBytes(document))
    },
    // Apollo never deletes; what is not asked for longest goes by itself.
    delete: async () => false,
  }
}
