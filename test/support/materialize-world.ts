import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import type { Definition } from '../../src/definitions/definition.ts'
import { fixedClock } from '../../src/lib/clock.ts'
import { type MaterializeOptions, type MaterializeSummary, materializeView } from '../../src/materialize/materialize.ts'
import { closeRegistry } from '../../src/registry/close.ts'
import type { RegistryBatchView } from '../../src/registry/registry.ts'
import { snapshotOf } from '../../src/registry/snapshot.ts'
import { duckdb } from '../../src/stores/offline/duckdb.ts'
import type { OfflineStore } from '../../src/stores/offline/offline-store.ts'
import { columnListOf, createColumnLists } from '../../src/stores/online/column-lists.ts'
import { recordDeployment } from '../../src/stores/online/deployment.ts'
import { decodeKey } from '../../src/stores/online/key-codec.ts'
import { lmdb } from '../../src/stores/online/lmdb.ts'
import type { OnlineStore } from '../../src/stores/online/online-store.ts'
import { createRecords } from '../../src/stores/online/records.ts'
import { readCellHeader, valueText } from '../../src/stores/online/row-codec.ts'
import { openContext } from './open-context.ts'

/** Real stores in a folder, a view applied to them, and a file `rows.parquet` for its source. */
export interface MaterializeWorld {
  readonly folder: string
  readonly view: RegistryBatchView
  readonly online: OnlineStore
  readonly offline: OfflineStore
  /** Writes the file anew from a query. */
  putRows(sql: string): Promise<void>
  run(options?: Partial<MaterializeOptions> & { readonly now?: string }): Promise<MaterializeSummary>
  /** What is stored: texts of the values by the key's text; `deleted` for a tombstone. */
  stored(): Promise<Readonly<Record<string, readonly string[] | 'deleted'>>>
  close(): Promise<void>
}

export const NOW = '2001-01-10T00:00:00Z'

/** @param options.apply false leaves the view unapplied */
export async function materializeWorld(
  folder: string,
  definitions: readonly Definition[],
  options: { readonly apply?: boolean } = {},
): Promise<MaterializeWorld> {
  const registry = closeRegistry({ name: 'test', definitions })
  const entity = registry.entities[0]!
  const view = entity.batchViews[0]!
  const online = await lmdb({ path: 'online' }).open({ path: 'online' }, openContext(folder))
  const offline = await duckdb().open({}, folder)
  if (options.apply !== false) await apply(registry, online)
  return {
    folder,
    view,
    online,
    offline,
    putRows: (sql) => writeParquet(join(folder, 'rows.parquet'), sql),
    run: ({ now = NOW, ...more } = {}) =>
      materializeView({
        view,
        online,
        offline,
        clock: fixedClock(now),
        range: { kind: 'full' },
        reportDirectory: join(folder, 'reports'),
        ...more,
      }),
    stored: async () => {
      const rows: [string, readonly string[] | 'deleted'][] = []
      for await (const { key, cell } of online.iterate({ entity: entity.name, view: view.id, part: 0 })) {
        const header = readCellHeader(cell)
        const texts = Array.from({ length: header.valueCount }, (_, index) => valueText(header, index))
        rows.push([decodeKey(entity, key).join('/'), header.tombstone ? 'deleted' : texts])
      }
      return Object.fromEntries(rows)
    },
    close: async () => {
      await online.close()
      await offline.close()
    },
  }
}

async function apply(registry: ReturnType<typeof closeRegistry>, online: OnlineStore): Promise<void> {
  const views = registry.entities.flatMap((entity) => entity.batchViews)
  const lists = createColumnLists(online)
  for (const view of views) await lists.record(columnListOf(view))
  await recordDeployment(createRecords(online), {
    snapshot: snapshotOf(registry),
    views: views.map((view) => ({
      entity: view.entity.name,
      view: view.id,
      fingerprint: view.fingerprint,
      columnList: columnListOf(view).fingerprint,
    })),
    dropped: [],
  })
}

/** Writes a query's rows as a Parquet file. */
export async function writeParquet(file: string, sql: string): Promise<void> {
  const instance = await DuckDBInstance.create()
  const connection = await instance.connect()
  try {
    await connection.run("set timezone = 'UTC'")
    await connection.run(`copy (${sql}) to '${file}' (format parquet)`)
  } finally {
    connection.closeSync()
    instance.closeSync()
  }
}
