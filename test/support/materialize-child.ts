import { batchView } from '../../src/definitions/batch-view.ts'
import { entity } from '../../src/definitions/entity.ts'
import { int32, string } from '../../src/definitions/feature.ts'
import { staticTable, tableSource } from '../../src/definitions/sources.ts'
import { materializeWorld } from './materialize-world.ts'

/** What a process that materializes and the test that kills or weighs it share. */
const card = entity('Card', { keys: { id: string() } })
const file = 'rows.parquet'
const features = { n: int32(), padding: string() }
export const CHILD_DEFINITIONS = {
  byEventTime: [
    card,
    batchView('spending', { entity: card, source: tableSource({ file, eventTime: 'happened' }), features }),
  ],
  byIngestTime: [
    card,
    batchView('spending', {
      entity: card,
      source: tableSource({ file, eventTime: 'happened', ingestTime: 'stored' }),
      features,
    }),
  ],
  static: [card, batchView('spending', { entity: card, source: staticTable({ file }), features })],
} as const

export type ChildKind = keyof typeof CHILD_DEFINITIONS

/** Run as a process with a folder, a kind and rows a batch: one materialization, telling each batch on standard output, and the summary at last. */
if (import.meta.main) {
  const [folder, kind, batchRows] = process.argv.slice(2) as [string, ChildKind, string]
  const world = await materializeWorld(folder, CHILD_DEFINITIONS[kind])
  const summary = await world.run({
    maxBatchRows: Number(batchRows),
    onProgress: ({ read }) => process.stdout.write(`${read}\n`),
  })
  process.stdout.write(`${JSON.stringify(summary)}\n`)
  await world.close()
}
