import { fastify } from 'fastify'
import { VIEWS } from '../serving/data.ts'
import { FEATURES_PER_VIEW } from '../serving/features.ts'
import { listen } from './apollo.ts'
import { compressAnswers } from './compression.ts'
import { type PeerOptions, servePeer } from './peer.ts'
import { openRows } from './rows.ts'

/**
 * No GraphQL: keys in, whole rows out. There is no response schema: for rows of many strings, fast-json-stringify took longer
 * than the engine's own JSON.stringify.
 */

await servePeer(async ({ place, gzip }: PeerOptions) => {
  const app = fastify()
  if (gzip) compressAnswers(app)
  const rows = await openRows(place)
  for (const count of VIEWS.keys()) {
    const viewIndexes = [...VIEWS.keys()].slice(0, count + 1)
    app.post(`/rows/${viewIndexes.length * FEATURES_PER_VIEW}`, async (request) => {
      const { keys } = request.body as { readonly keys: readonly string[] }
      return { rows: await rows.read(keys, viewIndexes) }
    })
  }
  return listen(app, rows, () => app.close())
})
