import { parse } from 'graphql'
import { closeRegistry } from '../../src/registry/close.ts'
import { buildSchema } from '../../src/sdl/schema.ts'
import { createServing } from '../../src/serving/serving.ts'
import { createColumnLists } from '../../src/stores/online/column-lists.ts'
import type { CellBatch, OnlineStore, ReadRequest } from '../../src/stores/online/online-store.ts'
import { definitions } from '../unit/serving/definitions.ts'

/**
 * A process of its own, for what a process forbids: serves operations over the store of the process that started it, which answers
 * its reads. LMDB cannot be loaded where code of texts is forbidden.
 */
export type ToServing =
  | {
      readonly kind: 'ask'
      readonly text: string
      readonly variables: Record<string, unknown>
      readonly nowMicros: number
    }
  | { readonly kind: 'cells'; readonly id: number; readonly cells: CellBatch }

export type FromServing =
  | { readonly kind: 'read'; readonly id: number; readonly request: Pick<ReadRequest, 'entity' | 'keys' | 'cells'> }
  | { readonly kind: 'answer'; readonly body: string }
  | { readonly kind: 'ready'; readonly mayGenerate: boolean }

const tell = (message: FromServing): void => void process.send!(message)

const waiting = new Map<number, (cells: CellBatch) => void>()
let lastId = 0

function read({ entity, keys, cells }: ReadRequest): Promise<CellBatch> {
  const id = ++lastId
  const { promise, resolve } = Promise.withResolvers<CellBatch>()
  waiting.set(id, resolve)
  tell({ kind: 'read', id, request: { entity, keys, cells } })
  return promise
}

/** Serving and column lists do nothing but read. */
const store = { mergesReads: false, read } as unknown as OnlineStore

const registry = closeRegistry({ name: 'test', definitions })
const schema = buildSchema(registry)
const options = { registry, schema, store, lists: createColumnLists(store), production: false }
const serving = createServing({ ...options, ...(process.argv[2] === 'default' ? {} : { codeGeneration: false }) })

process.on('message', async (message: ToServing) => {
  if (message.kind === 'cells') {
    waiting.get(message.id)!(message.cells)
    waiting.delete(message.id)
    return
  }
  const { text, variables, nowMicros } = message
  try {
    const { body } = await serving.execute({ document: parse(text), variables, nowMicros })
    tell({ kind: 'answer', body: Buffer.from(body).toString() })
  } catch (error) {
    tell({ kind: 'answer', body: `rejected: ${String(error)}` })
  }
})

function mayGenerate(): boolean {
  try {
    return new Function('return true')()
  } catch {
    return false
  }
}

tell({ kind: 'ready', mayGenerate: mayGenerate() })
