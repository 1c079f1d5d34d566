import { batchView } from '../../src/definitions/batch-view.ts'
import { entity } from '../../src/definitions/entity.ts'
import { int32, string } from '../../src/definitions/feature.ts'
import { tableSource } from '../../src/definitions/sources.ts'
import { materializeWorld } from './materialize-world.ts'

/** What the killed process and the test that kills it share. */
const card = entity('Card', { keys: { id: string() } })
const spending = batchView('spending', {
  entity: card,
  source: tableSource({ file: 'rows.parquet', eventTime: 'happened' }),
  features: { n: int32(), padding: string() },
})
export const KILLED_DEFINITIONS = [card, spending]

/** Run as a process: one materialization of a folder, telling each batch on standard output. */
if (import.meta.main) {
  const world = await materializeWorld(process.argv[2]!, KILLED_DEFINITIONS)
  const summary = await world.run({ maxBatchRows: 500, onProgress: ({ read }) => process.stdout.write(`${read}\n`) })
  process.stdout.write(`${JSON.stringify(summary)}\n`)
  await world.close()
}
