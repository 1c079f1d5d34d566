/** A user's deployment as texts of files: cities and their visits, over literal rows. */
/** `fieldstone.config.ts`. */
export const CONFIG = `import { defineConfig, duckdb, fixedClock, lmdb } from 'fieldstone'
import * as definitions from './features.ts'
export default defineConfig({
  name: 'cities',
  definitions,
  online: lmdb({ path: '.fieldstone/online' }),
  offline: duckdb(),
  clock: fixedClock('2001-07-02T00:00:00Z'),
})
`

export interface Variant {
  readonly version?: number
  readonly dtype?: string
  /** Further features of the view, as source text. */
  readonly more?: string
  readonly columns?: string
}

/** `features.ts`, in one of the shapes that they go through. */
export function features({ version = 1, dtype = 'int32', more = '', columns = '' }: Variant = {}): string {
  return `import { batchView, entity, float64, int32, int64, onDemandView, staticTable, string, tableSource, vector } from 'fieldstone'
import { z } from 'zod'
export const city = entity('City', { keys: { country: string(), name: string() } })
export const cityDaily = batchView('cityDaily', {
  entity: city,
  version: ${version},
  source: tableSource({
    sql: \`select *, [0.5, rain] as embedding from (values
      ('NO', 'Oslo', timestamp '2001-07-01', 7, 1.5),
      ('NO', 'Bergen', timestamp '2001-07-01', null, 2.5),
      ('CO', 'Bogotá', timestamp '2001-06-01', 3, 3.5)
    ) as rows(country, name, day, visits, rain)${columns}\`,
    eventTime: 'day',
  }),
  ttl: '2d',
  retention: '60d',
  features: { visits: ${dtype}({ description: 'Visits of the day.' }), ${more} },
})
export const perHead = onDemandView('perHead', {
  entity: city,
  inputs: { visits: cityDaily.features.visits },
  args: z.object({ heads: z.number() }),
  features: { visitsPerHead: float64() },
  compute: ({ inputs, args }) => {
    if (args.heads === 0) throw new Error('nobody lives there')
    return { visitsPerHead: Number(inputs.visits) / args.heads }
  },
})
`
}
