import { onTestFinished } from 'vitest'
import { utf8 } from '../../../src/lib/bytes.ts'
import type { OnlineStore } from '../../../src/stores/online/online-store.ts'
import { keyOf } from '../../support/sample-rows.ts'
import { openStore, type StoreAddress } from '../../support/store-process.ts'
import type { StoreSubject } from './subject.ts'

/** Opens a store that is closed when the test is over. */
export async function openUntilOver(address: StoreAddress): Promise<OnlineStore> {
  const store = await openStore(address)
  onTestFinished(() => store.close())
  return store
}

export async function openFresh(subject: StoreSubject): Promise<OnlineStore> {
  return openUntilOver(await subject.fresh())
}

/** Writes texts over whatever is there, by key. */
export async function put(store: OnlineStore, view: string, texts: Readonly<Record<string, string>>): Promise<void> {
  const rows = Object.entries(texts).map(([name, text]) => ({
    key: keyOf(name),
    cell: utf8(text),
    removableAfterMicros: undefined,
  }))
  await store.write({ entity: 'Thing', view, part: 0, rows, compare: () => -1 })
}

/** The texts of a view by key, in the order in which the store gives them. */
export async function textsOf(
  store: OnlineStore,
  view: string,
  after?: string,
): Promise<readonly (readonly [string, string])[]> {
  const found: (readonly [string, string])[] = []
  const start = after === undefined ? {} : { after: keyOf(after) }
  for await (const { key, cell } of store.iterate({ entity: 'Thing', view, part: 0, ...start })) {
    found.push([Buffer.from(key.subarray(0, -1)).toString('utf8'), Buffer.from(cell).toString('utf8')])
  }
  return found
}
