import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { utf8 } from '../../../src/lib/bytes.ts'
import { createScanLoader } from '../../../src/serving/loader.ts'
import { columnList } from '../../../src/stores/online/column-list.ts'
import { createColumnLists } from '../../../src/stores/online/column-lists.ts'
import { lmdb } from '../../../src/stores/online/lmdb.ts'
import type { OnlineStore, ReadRequest } from '../../../src/stores/online/online-store.ts'
import { encodeCell, valueText } from '../../../src/stores/online/row-codec.ts'
import type { RowOutcome } from '../../../src/stores/online/row-reader.ts'

const list = columnList([{ name: 'text', dtype: { kind: 'string' }, nonFinite: 'null' }])
let folder: string
let store: OnlineStore

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fieldstone-loader-'))
  store = await lmdb({ path: 'online' }).open({ path: 'online' }, folder)
  await createColumnLists(store).record(list)
  for (const view of ['a@1', 'b@1']) {
    const keys = ['k1', 'k2'].map(utf8)
    const cellOf = (key: Uint8Array) => cell(`${view} ${new TextDecoder().decode(key)}`)
    await store.updateMany({
      entity: 'Thing',
      view,
      keys,
      parts: [0],
      update: (_, index) => new Map([[0, cellOf(keys[index]!)]]),
    })
  }
})

afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

function cell(text: string): Uint8Array {
  const values = [JSON.stringify(text)]
  return encodeCell(list, { eventMicros: 1, ingestMicros: 1, tieBreaker: new Uint8Array(), tombstone: false, values })
}

function texts(outcomes: readonly RowOutcome[]): readonly unknown[] {
  return outcomes.map((row) => (row === undefined || row instanceof Error ? row : JSON.parse(valueText(row.header, 0))))
}

function watchedLoader() {
  const reads: ReadRequest[] = []
  const read: OnlineStore['read'] = (request) => {
    if (request.entity === 'Thing') reads.push(request)
    return store.read(request)
  }
  return { reads, loader: createScanLoader({ ...store, mergesReads: true, read }, createColumnLists(store)) }
}

test('scans that meet become one read, and each gets its own cells in its own order', async () => {
  const { reads, loader } = watchedLoader()
  const [first, second] = await Promise.all([
    loader.load('Thing', { keys: ['k2', 'k1'].map(utf8), views: ['b@1'], cancellation: undefined }),
    loader.load('Thing', { keys: ['k1', 'k0'].map(utf8), views: ['a@1', 'b@1'], cancellation: undefined }),
  ])
  expect(texts(first)).toEqual(['b@1 k2', 'b@1 k1'])
  expect(texts(second)).toEqual(['a@1 k1', 'b@1 k1', undefined, undefined])
  expect(reads).toHaveLength(1)
  expect(reads[0]!.keys).toHaveLength(3)
})

test('nothing is kept: a scan that comes later is read again', async () => {
  const { reads, loader } = watchedLoader()
  const scan = { keys: [utf8('k1')], views: ['a@1'], cancellation: undefined }
  await loader.load('Thing', scan)
  await loader.load('Thing', scan)
  expect(reads).toHaveLength(2)
})
